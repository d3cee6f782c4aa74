#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams: messages for who is away, connections that end, and a
# worker that is restarted.  Numbers are those of docs/kvs.md: 36 to 42, 44,
# 45, 47, 48, 56.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw/ sleep time /;

use Test::Nginx;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 2;',
	location => hush(), server => <<'EOF'));
        location /idle {
            sfu_api kvs demo;
            sfu_kvs_rate off;
            sfu_websocket_idle 1500ms;
            sfu_websocket_ping 0;
        }

        location /life {
            sfu_api kvs demo;
            sfu_kvs_rate off;
            sfu_websocket_life 1500ms;
            sfu_websocket_grace 500ms;
        }

        location /small {
            sfu_api kvs demo;
            sfu_kvs_rate off;
            sfu_kvs_queue_messages 3;
        }
EOF

my @worker = ($t, 'worker', '--store', $t->testdir() . '/store.db');
my $worker = real_worker(@worker);
plan(skip_all => 'no worker') unless $worker;

$t->plan(47)->run();
wait_up($t, 2);

my $arn = create('home');

###############################################################################

# kvs 40, 41: these take their time, so the others happen meanwhile

my $brief = create('brief', ttl => 5);
my $early = viewer($brief, 'early');
say_($early, 'SDP_OFFER', 'gone');
my $began = time();

my $changed = create('changed', ttl => 5);
my $ch = viewer($changed, 'before');
say_($ch, 'SDP_OFFER', 'five');
sleep(0.3);
my $version = kvs('describeSignalingChannel', { ChannelARN => $changed })
	->{json}{ChannelInfo}{Version};
is(kvs_error(kvs('updateSignalingChannel', { ChannelARN => $changed,
	CurrentVersion => $version,
	SingleMasterConfiguration => { MessageTtlSeconds => 60 } })), '200',
	'kvs 41: another time to live');
my $ch2 = viewer($changed, 'after');
say_($ch2, 'SDP_OFFER', 'sixty');

# kvs 44, 45: so do these

my $idle = master($arn, path => '/idle/m');
my $mortal = create('mortal');
my $life = master($mortal, path => '/life/m');

# kvs 36: an offer and its candidates

my $a = viewer(create('late'), 'a');
my $late = $Test::Kvs::last;
say_($a, 'SDP_OFFER', 'offr');
say_($a, 'ICE_CANDIDATE', "can$_") for 1 .. 5;
sleep(0.3);

my $m = master($late);
is(join(' ', map { told($m) } 1 .. 6), 'SDP_OFFER a:offr '
	. join(' ', map { "ICE_CANDIDATE a:can$_" } 1 .. 5),
	'kvs 36: in their order');

# kvs 42

$m->close(1000);
$m->gone();
$m = master($late);
is(told($m, 0.3), 'nothing', 'kvs 42: not once more');
$m->close(1000);
$m->gone();

# kvs 37: the second offer; candidates of the first are no use

say_($a, 'SDP_OFFER', 'one1');
say_($a, 'ICE_CANDIDATE', 'old1');
say_($a, 'SDP_OFFER', 'two2');
say_($a, 'ICE_CANDIDATE', 'new1');

# kvs 38

my $b = viewer($late, 'b');
say_($b, 'SDP_OFFER', 'bbbb');
sleep(0.3);

$m = master($late);
is(join(' ', map { told($m) } 1 .. 3),
	'SDP_OFFER a:two2 ICE_CANDIDATE a:new1 SDP_OFFER b:bbbb',
	'kvs 37, 38: the last of each');
is(told($m, 0.3), 'nothing', 'kvs 37: once');

# kvs 39: the other way

for my $text ('ans1', 'ans2') {
	say_($m, 'SDP_ANSWER', $text, recipientClientId => 'c');
	say_($m, 'ICE_CANDIDATE', "$text$_", recipientClientId => 'c')
		for 1 .. 3;
}

sleep(0.3);
my $c = viewer($late, 'c');
is(join(' ', map { told($c) } 1 .. 4), 'SDP_ANSWER:ans2 '
	. join(' ', map { "ICE_CANDIDATE:ans2$_" } 1 .. 3),
	'kvs 39: answers and candidates');

# who sent may leave

say_($c, 'SDP_OFFER', 'left');
is(told($m), 'SDP_OFFER c:left', 'while the master is there');
$m->close(1000);
$m->gone();
say_($c, 'SDP_OFFER', 'left');
sleep(0.2);
$c->drop();
sleep(0.2);
$m = master($late);
is(told($m), 'SDP_OFFER c:left', 'what he sent stays');

# so much is kept, and no more

my $small = create('small');
my @s = map { viewer($small, "s$_", path => '/small/v') } 1 .. 4;
say_($_, 'SDP_OFFER', 'offr', correlationId => 'n') for @s;
is(join(' ', sort map { told($_, 0.3) } @s),
	'STATUS 400 ClientLimitExceededException n nothing nothing nothing',
	'nothing more is kept');

###############################################################################

# kvs 56

my $alexa = create('alexa', ttl => 5);
my $camera = master($alexa);
my $call = call(SenderClientId => 'echo', MessagePayload => 'b2ZmZXI=');
is(told($camera), 'SDP_OFFER echo:b2ZmZXI=', 'kvs 56: the master is asked');
say_($camera, 'ICE_CANDIDATE', 'drop', recipientClientId => 'echo');
say_($camera, 'SDP_ANSWER', 'YW5zd2Vy', recipientClientId => 'echo');
is(answer($call)->{body}, '{"Answer":"YW5zd2Vy"}', 'kvs 56: its answer');
is(told(viewer($alexa, 'echo'), 0.3), 'nothing', 'kvs 56: is not kept');

for (
	[ 'an id of ours', { SenderClientId => 'AWS_x' } ],
	[ 'no id', { SenderClientId => undef } ],
	[ 'no payload', { MessagePayload => '' } ],
	[ 'no base64', { MessagePayload => 'a-b_' } ],
	[ 'a long one', { MessagePayload => 'x' x 10001 } ],
)
{
	is(kvs_error(answer(call(SenderClientId => 'echo',
		MessagePayload => 'aaaa', %{$_->[1]}))),
		'400 InvalidArgumentException', "call: $_->[0]");
}

$camera->close(1000);
$camera->gone();
my $nobody = call(SenderClientId => 'echo', MessagePayload => 'aaaa');
my $asked = time();

###############################################################################

# kvs 44: one that says nothing, and one that pings

my $pongs = 0;
my $lively = viewer($arn, 'lively', path => '/idle/v');
my $since = time();

while (time() - $since < 2.2) {
	sleep(0.1);
	$lively->ping("n$pongs");

	while (my $frame = $lively->next_frame(0.2)) {
		$pongs++ if $frame->{opcode} == 10
			&& $frame->{payload} eq "n$pongs";
		last if $frame->{opcode} == 10;
	}
}

is($idle->ended(), 1001, 'kvs 44: idle');
cmp_ok($pongs, '>', 5, 'kvs 44: pings are answered with their data');
say_($lively, 'SDP_OFFER', 'live');
is(told(master($arn)), 'SDP_OFFER lively:live', 'kvs 44: and keep it open');

# kvs 45

is($life->message(), '{"messageType":"GO_AWAY"}', 'kvs 45: GO_AWAY');
is($life->ended(), 1001, 'kvs 45: and then it is closed');

# kvs 40, 41

sleep($began + 6 - time()) if time() < $began + 6;

is(told(master($brief), 0.3), 'nothing', 'kvs 40: too late');
my $chm = master($changed);
is(told($chm), 'SDP_OFFER after:sixty', 'kvs 41: the new ones only');
is(told($chm, 0.2), 'nothing', 'kvs 41: the old one has ended');

my $r = answer($nobody);
is(kvs_error($r), '400 InvalidArgumentException', 'kvs 56: nobody answers');
cmp_ok(time() - $asked, '>', 4, 'kvs 56: until messages end');

###############################################################################

# kvs 48

my $doomed = create('doomed');
my ($dm, $dv) = (master($doomed), viewer($doomed, 'd'));
is(kvs_error(kvs('deleteSignalingChannel', { ChannelARN => $doomed })), '200',
	'kvs 48: delete');
is($dm->ended() . ' ' . $dv->ended(), '1000 1000', 'kvs 48: both are closed');
ok(!master($doomed), 'kvs 48: later');
is(refused(), '404 ResourceNotFoundException', 'kvs 48: there is none');

###############################################################################

# a worker that is killed: all come again, the youngest of two last

my $first = master($arn);
my $second = master($arn);
my $v = viewer($arn, 'v');

# it is known by then who is replaced

say_($first, 'SDP_OFFER', 'aaaa', recipientClientId => 'v',
	correlationId => 'x');
like(told($first), qr/^STATUS 400 InvalidArgument/, 'the first is replaced');

kill 'KILL', $worker;
waitpid $worker, 0;

is(kvs_error(kvs('describeSignalingChannel', { ChannelARN => $arn })),
	'503 ServiceUnavailable', 'the worker is away');
ok(!viewer($arn, 'w'), 'nobody connects');
is(refused(), '503 ServiceUnavailable', 'and is told why');
say_($v, 'SDP_OFFER', 'aaaa', correlationId => 'away');
is(told($v, 12), 'STATUS 500 InternalFailure away', 'so is who sends');

$worker = real_worker(@worker);
wait_log($t, qr/sfu: worker .* is up/, 4);

is(kvs_error(kvs('describeSignalingChannel', { ChannelARN => $arn })), '200',
	'it knows its channels');

my $got = 'nothing';

for (1 .. 200) {
	say_($v, 'SDP_OFFER', 'back');
	$got = told($second, 0.25);
	last if $got ne 'nothing';
}

is($got, 'SDP_OFFER v:back', 'and its clients, who noticed nothing');
1 while told($second, 0.2) ne 'nothing';
is(told($first, 0.2), 'nothing', 'but for who was replaced');
say_($second, 'SDP_ANSWER', 'answ', recipientClientId => 'v');

for (1 .. 5) {
	$got = told($v);
	last if $got !~ /^STATUS/;
}

is($got, 'SDP_ANSWER:answ', 'both ways');
ok(viewer($arn, 'new'), 'others connect');

###############################################################################

# kvs 47: reload

my $before = master(create('before'));
my $bv = viewer($Test::Kvs::last, 'bv');

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 2;',
	location => hush() . ' sfu_websocket_grace 700ms;'));
$t->reload();
wait_up($t, 6);

my $new = master(create('graceful'));

$t->reload();

is($new->message(), '{"messageType":"GO_AWAY"}', 'kvs 47: GO_AWAY');
my $after;

for (1 .. 300) {
	$after = viewer($Test::Kvs::last, 'after');
	last if $after;
	sleep(0.1);
}

ok($after, 'kvs 47: the next ones are there');
say_($after, 'SDP_OFFER', 'over');
like(told($new) , qr/^SDP_OFFER after:over/, 'kvs 47: calls go on meanwhile');
is($new->ended(), 1001, 'kvs 47: until it is closed');
is($before->message(), '{"messageType":"GO_AWAY"}',
	'kvs 47: so were those of the first');

###############################################################################

# a worker that stops while somebody waits for a master

$call = call(SenderClientId => 'echo', MessagePayload => 'aaaa');
sleep(0.5);
kill 'TERM', $worker;
is(kvs_error(answer($call)), '503 ServiceUnavailable',
	'who waits is told to come again');

###############################################################################

sub say_ {
	my ($ws, $action, $payload, %more) = @_;

	$ws->text({ action => $action, messagePayload => $payload, %more });
}

# a request that waits

sub call {
	my (%body) = @_;

	delete $body{$_} for grep { !defined $body{$_} } keys %body;

	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . port(8080))
		or die "can't connect: $!\n";

	$s->print(kvs_request('r/v1/send-alexa-offer-to-master',
		{ ChannelARN => $alexa, %body }));

	return $s;
}

sub answer {
	my ($s) = @_;
	my $text = '';

	while (IO::Select->new($s)->can_read(10)) {
		last unless sysread $s, $text, 4096, length $text;
	}

	return json_of($text);
}

###############################################################################
