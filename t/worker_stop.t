#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# A worker that is stopped costs its own requests a 503 at their deadline, and
# nothing else: not those of the other worker, not nginx.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(20)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF'));
sfu_worker ipc://%%TESTDIR%%/one.sock;
sfu_worker ipc://%%TESTDIR%%/two.sock;
sfu_app demo secret=demo-secret;
sfu_timeout 4s;
sfu_retry_after 3s;
EOF

my $one = fake_worker($t, 'one', id => '11111111');
fake_worker($t, 'two', id => '22222222', sessions => 100);

$t->write_file('file', 'a file');
$t->run();
wait_up($t, 2);

###############################################################################

is(mask(get(1)), '200', 'one lives');
is(mask(get(2)), '200', 'two lives');

kill 'STOP', $one;

my $start = time();
my $s = http(request_text('GET', '/sessions/11111111'), start => 1);
my @many = map { http(request_text('POST', '/sessions/new',
	{ sessionDescription => { type => 'offer', sdp => 'x' x 100000 } }),
	start => 1) } 1 .. 20;

is(mask(get(2)), '200', 'two lives on');
like(http_get('/file'), qr/a file/, 'nginx lives on');
cmp_ok(time() - $start, '<', 3.5, 'and neither has waited');

my $r = json_of(http('', socket => $s));
my $elapsed = time() - $start;

is(mask($r), '503 retryable_transient_error', 'one has not answered');
is($r->{headers}{'retry-after'}, '3', 'Retry-After');
cmp_ok($elapsed, '>', 3.7, 'not before the deadline');
cmp_ok($elapsed, '<', 8, 'not long after it');

# more than fits into the socket: the rest waits in nginx, until the deadline

my %results;
$results{mask(json_of(http('', socket => $_)))}++ for @many;
is_deeply(\%results, { '503 retryable_transient_error' => 20 },
	'new sessions that had gone to one');

# and reaches the worker when that goes on in time

@many = map { http(request_text('POST', '/sessions/11111111/tracks/new',
	{ sessionDescription => { type => 'offer', sdp => 'x' x 100000 },
	tracks => [ { location => 'local', trackName => 'x' } ] }),
	start => 1) } 1 .. 20;

sleep 0.5;
kill 'CONT', $one;

%results = ();
$results{mask(json_of(http('', socket => $_)))}++ for @many;
is_deeply(\%results, { 200 => 20 }, 'it goes on within the deadline');
ok(wait_log($t, qr/late reply/), 'late replies are dropped');
is(mask(get(1)), '200', 'one lives again');

# stopped for longer, it counts as down and is spared

kill 'STOP', $one;
ok(wait_log($t, qr/one\.sock": is down, no answer to hello/, 1), 'down');

$start = time();
is(mask(get(1)), '503 temporarily_unavailable_error', 'at once');
cmp_ok(time() - $start, '<', 3, 'without waiting');
is(substr(api('POST', '/sessions/new')->{json}{sessionId}, 0, 8), '22222222',
	'new sessions go to two, though it has more');

kill 'CONT', $one;
ok(wait_log($t, qr/one\.sock": is up/, 2), 'up');
is(mask(get(1)), '200', 'one lives once more');

is(() = $t->read_file('error.log') =~ /one\.sock": is down/g, 1,
	'said once');

###############################################################################

sub get {
	my ($worker) = @_;

	return api('GET', '/sessions/' . $worker x 8);
}

###############################################################################
