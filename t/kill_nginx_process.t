#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# An nginx process is killed in mid-traffic: its connections break, and nothing
# else does.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use Time::HiRes qw/ time sleep /;

my $t = Test::Nginx->new()->has(qw/http/)->plan(7)
	->write_file_expand('nginx.conf', sfu_conf(main => 'worker_processes 2;'));

# that a process was killed is worth an alert
$t->todo_alerts();

fake_worker($t, 'worker');
$t->run();
wait_up($t, 2);

my $master = $t->read_file('nginx.pid');
chomp $master;

###############################################################################

# one for each of them, and more: whoever accepts

my @s = map { http(request_text('GET', '/sessions/1f2e3d4c-late'),
	start => 1) } 1 .. 20;
sleep 0.3;

like(metrics(), qr/^sfu_http_pending 2[01]$/m, 'pending');

my ($victim) = $t->read_file('error.log')
	=~ /\[notice\] (\d+)#\d+: sfu: worker .* is up/;

kill 'KILL', $victim;
ok(wait_log($t, qr/worker process $victim exited on signal 9/), 'killed');

my %results;
$results{mask(json_of(http('', socket => $_)))}++ for @s;

is(join(',', grep { !/^(200|0 nothing)$/ } keys %results), '',
	'answered by the other one, or broken');

ok(wait_up($t, 3), 'a new process knows the worker');

%results = ();
$results{mask(api('POST', '/sessions/new'))}++ for 1 .. 50;
is_deeply(\%results, { 201 => 50 }, 'requests after it');

# what the dead one had does not count for ever

ok(settled(), 'nothing is pending');

ok(wait_log($t, qr/sfu: app/, 50), 'their lines');

###############################################################################

sub metrics {
	return http_get('/metrics') =~ s/\r\n/\n/gr;
}

# the request for the figures itself is pending while they are collected

sub settled {
	for (1 .. 300) {
		return 1 if metrics() =~ /^sfu_http_pending [01]$/m;
		sleep 0.1;
	}

	return 0;
}

###############################################################################
