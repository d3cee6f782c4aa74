#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Signals are for nginx's own thread: one that another thread takes does not
# wake up who waits for events.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(2)
	->write_file_expand('nginx.conf', sfu_conf());

plan(skip_all => 'no /proc') unless -r "/proc/$$/task/$$/status";

fake_worker($t, 'worker');
$t->run();
wait_up($t);

###############################################################################

my ($pid) = $t->workers();
my @others = grep { !m!/$pid$! } glob "/proc/$pid/task/*";

cmp_ok(scalar @others, '>', 0, 'there are other threads');
is_deeply([ grep { !blocks($_) } @others ], [], 'which take no signals');

###############################################################################

# HUP, INT, QUIT, USR1, USR2, TERM, CHLD, WINCH, IO

sub blocks {
	my ($task) = @_;

	open my $fh, '<', "$task/status" or return 1;
	my ($mask) = map { /^SigBlk:\s*([0-9a-f]+)/ ? hex substr $1, 8 : () } <$fh>;

	return !grep { !($mask & 1 << $_ - 1) } 1, 2, 3, 10, 12, 15, 17, 28, 29;
}

###############################################################################
