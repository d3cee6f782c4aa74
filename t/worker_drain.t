#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# A real worker is told to end: it takes no new sessions, those it has go on,
# and nobody gets an error.  Then it is killed, and its sessions are gone.

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

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF'));
sfu_worker ipc://%%TESTDIR%%/one.sock;
sfu_worker ipc://%%TESTDIR%%/two.sock;
sfu_app demo secret=demo-secret;
EOF

my $one = real_worker($t, 'one') or plan(skip_all => 'no sfu-worker');
my $two = real_worker($t, 'two');

$t->plan(10);
$t->run();
wait_up($t, 2);

###############################################################################

# both get some, and so have different ids

my %made;
push @{$made{substr $_, 0, 8}}, $_ for map { create() } 1 .. 10;

is_deeply([ map { scalar @$_ } values %made ], [ 5, 5 ], 'shared evenly');

my ($id) = $t->read_file('error.log')
	=~ /one\.sock": is up, id ([0-9a-f]{8})/;
my ($other) = grep { $_ ne $id } keys %made;

kill 'TERM', $one;
sleep 0.3;

my %after;
$after{substr create(), 0, 8}++ for 1 .. 10;

is_deeply(\%after, { $other => 10 }, 'new sessions go to the other one');
is(mask(get($made{$id}[0])), '200', 'old sessions go on');
like(http_get('/status'), qr/"draining": true/, 'it drains');

# it has gone for good

kill 'KILL', $one;
waitpid $one, 0;

is(mask(get($made{$id}[0])), '503 temporarily_unavailable_error',
	'its sessions, while nobody knows');
is(mask(get($made{$other}[0])), '200', 'those of the other one');
is(length create(), 32, 'new ones');

unlink $t->testdir() . "/$_" for qw/ one.sock one.log /;
$one = real_worker($t, 'one');
ok(wait_up($t, 3), 'another one in its place');

is(mask(get($made{$id}[0])), '410 session_error', 'its sessions are gone');
is(length create(), 32, 'new ones');

###############################################################################

sub create {
	return api('POST', '/sessions/new')->{json}{sessionId} || '';
}

sub get {
	my ($id) = @_;

	return api('GET', "/sessions/$id");
}

###############################################################################
