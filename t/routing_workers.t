#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Several workers: a session's id leads to the one that made it, and a new
# session goes to the one that has the fewest.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(32)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF', server =>
sfu_worker ipc://%%TESTDIR%%/one.sock;
sfu_worker ipc://%%TESTDIR%%/two.sock;
sfu_worker tcp://127.0.0.1:%%PORT_8081%%;
sfu_app demo secret=demo-secret;
sfu_timeout 3s;
EOF
	''));

my $log = $t->testdir() . '/requests';
my %one = (id => '11111111', log => "$log.1");
my %two = (id => '22222222', log => "$log.2");
my %three = (id => '33333333', log => "$log.3",
	address => 'tcp://127.0.0.1:' . port(8081));

my $one = fake_worker($t, 'one', %one, sessions => 3);
fake_worker($t, 'two', %two, sessions => 1);
my $three = fake_worker($t, 'three', %three, sessions => 9, draining => 1);

$t->run();
wait_up($t, 3);

###############################################################################

# by id

for my $n (1 .. 3) {
	is(mask(get($n x 8 . 'abc')), '200', "a session of $n");
	is(asked($t, $n, 'session.get'), 1, "asked $n");
}

is(mask(get('44444444abc')), '410 session_error', 'of none of them');
is(mask(get('undefined')), '410 session_error', 'undefined');
is(mask(get('x')), '410 session_error', 'too short');
is(mask(get('1111111')), '410 session_error', 'a digit short');
is(join('', map { asked($t, $_, 'session.get') } 1 .. 3), '111',
	'nobody was asked for those');

# by load: 3, 1, and 9 that drains

my %made;
$made{create()}++ for 1 .. 6;
is_deeply(\%made, { 11111111 => 2, 22222222 => 4 },
	'the fewest sessions first, and none where it drains');

# one that begins to drain after its last hello says so: the next one is asked

my $r = api('POST', '/sessions/new?correlationId=x-error-draining');
is(mask($r), '503 temporarily_unavailable_error', 'all of them drain');
is(join('', map { scalar grep { /x-error-draining/ } split /\n/,
	$t->read_file("requests.$_") } 1 .. 3), '110', 'after each was asked');
is(create(), 'temporar', 'that is remembered');

# until they say otherwise

is(wait_create(), '201', 'and forgotten with the next hello');

# down

kill 'TERM', $three;
waitpid $three, 0;
wait_down($t, 'tcp:');

is(mask(get('44444444abc')), '503 temporarily_unavailable_error',
	'of none of them, but one is down');
is(mask(get('33333333abc')), '503 temporarily_unavailable_error',
	'of the one that is down');
is(mask(get('22222222abc')), '200', 'of another');

$three = fake_worker($t, 'three', %three, id => '55555555', sessions => 50);
ok(wait_log($t, qr/tcp:.* is up/, 2), 'up with another id');
is(mask(get('55555555abc')), '200', 'its sessions');
is(mask(get('33333333abc')), '410 session_error', 'those of its predecessor');
is(mask(get('44444444abc')), '410 session_error', 'of none of them again');

# restarted, and this nginx process knows nothing of it: a hello tells

kill 'KILL', $one;
waitpid $one, 0;
unlink $t->testdir() . '/one.sock';
$one = fake_worker($t, 'one', %one, id => '66666666', sessions => 99);
sleep 0.5;

is(mask(get('66666666abc')), '200', 'a session of one that is not known yet');

my $two = (split /\n/, `cat $log.2`)[0];
like($two, qr/"peer":"nginx\/[0-9.]+ #\d+"/, 'hello names its peer');
like($two, qr/"version":1/, 'and the version');

kill 'STOP', $one;

my $s = http(request_text('GET', '/sessions/66666666abc'), start => 1);
is(mask(get('22222222abc')), '200', 'a stopped one does not delay others');
is(create(), '22222222', 'nor new sessions');

my $start = time();
$r = get('44444444abc');
is($r->{status}, 503, 'nobody knows: the stopped one might');
cmp_ok(time() - $start, '<', 5.5, 'within the deadline');
is(json_of(http('', socket => $s))->{status}, 503, 'its own request');

kill 'CONT', $one;
ok(wait_log($t, qr/late reply/), 'late');

###############################################################################

sub get {
	my ($id) = @_;

	return api('GET', "/sessions/$id");
}

sub create {
	my $r = api('POST', '/sessions/new');

	return substr $r->{json}{sessionId} || $r->{code}, 0, 8;
}

sub wait_create {
	for (1 .. 400) {
		my $status = api('POST', '/sessions/new')->{status};
		return $status if $status != 503;
		select undef, undef, undef, 0.1;
	}

	return 0;
}

sub asked {
	my ($t, $n, $type) = @_;

	return scalar grep { /"\Q$type\E"/ } split /\n/,
		$t->read_file("requests.$n");
}

sub wait_down {
	my ($t, $address) = @_;

	return wait_log($t, qr/"\Q$address\E.*is down/, 1);
}

###############################################################################
