#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The worker is restarted under nginx: what it had in hand fails, its sessions
# are gone, and new ones are made as soon as it is back.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(16)
	->write_file_expand('nginx.conf', sfu_conf());

# nginx is first

$t->run();

my $start = time();
is(mask(create()), '503 temporarily_unavailable_error', 'no worker yet');
cmp_ok(time() - $start, '<', 8, 'and no deadline to wait for');
ok(wait_log($t, qr/is down, no connection/), 'down');

my $worker = fake_worker($t, 'worker', id => '11111111');
ok(wait_up($t), 'up when it comes');
is(mask(create()), '201', 'a session');

# it dies with a request in hand

my $s = http(request_text('GET', '/sessions/11111111-silent'), start => 1);
sleep 0.1;
$start = time();
kill 'KILL', $worker;
waitpid $worker, 0;

is(mask(json_of(http('', socket => $s))), '503 temporarily_unavailable_error',
	'a request that it had');
cmp_ok(time() - $start, '<', 9.5, 'before its deadline');

my $r = create();
is(mask($r), '503 temporarily_unavailable_error', 'none now');
is($r->{headers}{'retry-after'}, '1', 'Retry-After');
is(mask(json_of(http(request_text('GET', '/sessions/11111111')))),
	'503 temporarily_unavailable_error', 'its sessions');

# another one takes its place

unlink $t->testdir() . '/worker.sock';
$worker = fake_worker($t, 'worker', id => '22222222');
ok(wait_up($t, 2), 'up again');
ok(wait_log($t, qr/has restarted, id 22222222/), 'seen to be another');
is(mask(create()), '201', 'a session again');

# between two looks, without a request that could notice

kill 'KILL', $worker;
waitpid $worker, 0;
unlink $t->testdir() . '/worker.sock';
fake_worker($t, 'worker', id => '33333333');

my @all = map { sleep 0.1; mask(create()) } 1 .. 20;
is($all[-1], '201', 'restarted quickly');
is(scalar(grep { !/^(201|503 temporarily_unavailable_error)$/ } @all), 0,
	'nothing worse than 503 meanwhile');
ok(wait_log($t, qr/has restarted, id 33333333/, 1), 'noticed');

###############################################################################

sub create {
	return api('POST', '/sessions/new');
}

###############################################################################
