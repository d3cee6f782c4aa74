#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The version of the protocol: a worker that speaks another one counts as down,
# is said to once, and is taken again when it was replaced.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(11)
	->write_file_expand('nginx.conf', sfu_conf());

my $log = $t->testdir() . '/requests';
my $worker = fake_worker($t, 'worker', version => 7, log => $log);

$t->run();

###############################################################################

ok(wait_log($t, qr/worker\.sock": speaks version 7 of the protocol, this nginx speaks 1/), 'another version');
is(mask(create()), '503 temporarily_unavailable_error', 'counts as down');
like(http_get('/status'), qr/"error": "other version"/, 'the reason');

another(hello => 2);
ok(wait_log($t, qr/is down/), 'a worker that refuses ours');
is(mask(create()), '503 temporarily_unavailable_error', 'counts as down');

another(hello => 0);
is(mask(create()), '503 temporarily_unavailable_error',
	'one that does not say');

another(id => '22222222');
ok(wait_up($t), 'the right one');
is(mask(create()), '201', 'is used');

my @hellos = grep { /"hello"/ } split /\n/, $t->read_file('requests');
ok(@hellos >= 2, 'each was asked');
is(scalar(grep { !/"peer":"nginx\/[\d.]+ #\d+"/ || !/"version":1/ } @hellos),
	0, 'with a proper hello');

is(() = $t->read_file('error.log') =~ /speaks version 7/g, 1, 'said once');

###############################################################################

sub create {
	return api('POST', '/sessions/new');
}

sub another {
	kill 'KILL', $worker;
	waitpid $worker, 0;
	unlink $t->testdir() . '/worker.sock';
	$worker = fake_worker($t, 'worker', log => $log, @_);
	select undef, undef, undef, 0.3;
}

###############################################################################
