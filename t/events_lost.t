#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# A worker's reply with events is lost on its way: nginx asks again before the
# worker forgets all connections of the process.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Arbiter;
use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

use Time::HiRes qw/ sleep time /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/)->plan(3)
	->write_file_expand('nginx.conf', sfu_conf(
		server => 'location /production { sfu_api arbiter demo; }'));

fake_worker($t, 'worker', events => 0, log => $t->testdir() . '/requests');
$t->run();
wait_up($t);

###############################################################################

my $ws = ws_connect('/production') or die $@;
identify($ws, type => 'client', id => 'C', roomId => 'R');
ok(asked(1), 'events are asked for');

my $lost = time();

ok(asked(2), 'and again, when there was no reply');
cmp_ok(time() - $lost, '<', 4.8, 'before the end of "feed-time"');

###############################################################################

sub asked {
	my ($count) = @_;

	for (1 .. 1500) {
		my $asked = () = $t->read_file('requests') =~ /events\.next/g;
		return 1 if $asked >= $count;
		sleep 0.02;
	}

	return 0;
}
