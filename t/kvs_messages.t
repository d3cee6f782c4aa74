#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams: messages between masters and viewers, and those who
# are replaced.  Numbers are those of docs/kvs.md: 11, 12, 15 to 35.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use JSON::PP;

use Test::Nginx;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/);

# two processes: master and viewers are at either

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 2;',
	location => hush(), server => <<'EOF'));
        location /limited {
            sfu_api kvs demo;
            sfu_kvs_rate connect=3;
        }

        location /ten {
            sfu_api kvs demo;
            sfu_kvs_rate off;
        }

        location /orphan {
            sfu_api kvs demo;
            sfu_kvs_rate off;
            sfu_kvs_replaced orphan 300ms;
        }

        location /close {
            sfu_api kvs demo;
            sfu_kvs_rate off;
            sfu_kvs_replaced close;
            sfu_kvs_payload_max 100;

            location /close/not {
                sfu_api kvs demo;
                sfu_kvs_replaced orphan;
            }
        }
EOF

my $worker = real_worker($t, 'worker', '--store', $t->testdir() . '/store.db');
plan(skip_all => 'no worker') unless $worker;

$t->plan(88)->run();
wait_up($t, 2);

my $json = JSON::PP->new->utf8->canonical;
my $arn = create('room');

###############################################################################

# kvs 17 to 20, 23 to 25

my $m = master($arn);
my $a = viewer($arn, 'a');
my $b = viewer($arn, 'b');

say_($a, 'SDP_OFFER', 'b2ZmZXI=', correlationId => 'c-1');
is($m->message(), '{"messageType":"SDP_OFFER","messagePayload":"b2ZmZXI=",'
	. '"senderClientId":"a"}', 'kvs 17: an offer of a viewer');

for my $to ('b', '', 'x' x 300, 'bad id!', 'master') {
	say_($a, 'SDP_OFFER', 'aaaa', recipientClientId => $to,
		correlationId => 'c-2');
	is(told($m), 'SDP_OFFER a:aaaa', 'kvs 18, 19: to '
		. (length $to > 9 ? 'a long one' : "'$to'"));
}

say_($a, 'SDP_OFFER', 'aaaa', senderClientId => 'b');
is(told($m), 'SDP_OFFER a:aaaa', 'kvs 23: a forged sender');

say_($m, 'SDP_OFFER', 'bbbb', recipientClientId => 'a');
is($a->message(), '{"messageType":"SDP_OFFER","messagePayload":"bbbb"}',
	'kvs 20: an offer of the master');

say_($m, 'SDP_ANSWER', 'cccc', recipientClientId => 'a');
say_($a, 'SDP_ANSWER', 'dddd');
is(told($a) . ' ' . told($m), 'SDP_ANSWER:cccc SDP_ANSWER a:dddd',
	'kvs 24: answers');

for my $i (1 .. 50) {
	say_($a, 'ICE_CANDIDATE', sprintf 'a%03d', $i);
	say_($m, 'ICE_CANDIDATE', sprintf('m%03d', $i),
		recipientClientId => 'a');
}

is(join(' ', map { told($m) } 1 .. 50),
	join(' ', map { sprintf 'ICE_CANDIDATE a:a%03d', $_ } 1 .. 50),
	'kvs 24: candidates in their order');
is(join(' ', map { told($a) } 1 .. 50),
	join(' ', map { sprintf 'ICE_CANDIDATE:m%03d', $_ } 1 .. 50),
	'kvs 24: both ways');

# kvs 35

say_($a, 'SDP_OFFER', 'same') for 1 .. 2;
is(told($m) . ' ' . told($m), 'SDP_OFFER a:same SDP_OFFER a:same',
	'kvs 35: two offers are two');

# kvs 29 to 31: what clients write, and what nobody should

$a->text("{\n\t\"action\": \"SDP_OFFER\",\n\t\"RecipientClientId\": "
	. "\"ProducerMaster\",\n\t\"MessagePayload\": \"ZZZZ\",\n\t"
	. '"CorrelationId": "7", "IceServerList": [{"Password": "p", "Ttl": 300,'
	. ' "Uris": ["turn:a"], "Username": "u"}]}');
is($m->message(), '{"messageType":"SDP_OFFER","messagePayload":"ZZZZ",'
	. '"senderClientId":"a"}', 'kvs 29: in other letters');

say_($a, 'SDP_OFFER', '-_-_');
is(told($m), 'SDP_OFFER a:-_-_', 'kvs 30: another alphabet');

$a->text($_) for '{"action":', '[1]', '1', '', '"x"', 'null', '{}',
	"{\"action\":\"\\u0000\"}", '[' x 5000;
$a->fragments(1, '{"action":"SDP', '_OFFER","messageP', 'ayload":"fffff"}');
is(told($m), 'SDP_OFFER a:fffff', 'kvs 31, 32: ignored; fragments');
$a->frame(2, '{"action":"SDP_OFFER","messagePayload":"eeee"}');
is(told($m), 'SDP_OFFER a:eeee', 'a binary frame');
say_($a, 'SDP_OFFER', 'gggg', action2 => 1, nested => { a => [ {}, 1.5, undef,
	JSON::PP::true ] });
is(told($m), 'SDP_OFFER a:gggg', 'unknown members');
$a->text('{"action":"SDP_OFFER","messagePayload":"xxxx","messagePayload":"yyyy"}');
is(told($m), 'SDP_OFFER a:yyyy', 'the last one wins');

# kvs 21, 22, 26, 28: who is told, and who is not

for (
	[ 'no action', { action => undef } ],
	[ 'an unknown one', { action => 'SDP' } ],
	[ 'in small letters', { action => 'sdp_offer' } ],
	[ 'a number', { action => 1 } ],
	[ 'no payload', { messagePayload => undef } ],
	[ 'an empty one', { messagePayload => '' } ],
	[ 'an object', { messagePayload => {} } ],
	[ 'a number', { messagePayload => 1 } ],
	[ 'a space', { messagePayload => 'a a' } ],
	[ 'a zero', { messagePayload => "a\0a" } ],
	[ 'too long', { messagePayload => 'x' x 10241 } ],
)
{
	my ($what, $change) = @$_;

	wrong($a, $what, { action => 'SDP_OFFER', messagePayload => 'aaaa',
		%$change });
}

for (
	[ 'no recipient', undef ],
	[ 'an empty one', '' ],
	[ 'too long a one', 'x' x 257 ],
	[ 'a space', 'a b' ],
	[ 'a number', 1 ],
)
{
	my ($what, $to) = @$_;

	wrong($m, "of the master: $what", { action => 'SDP_OFFER',
		messagePayload => 'aaaa', recipientClientId => $to });
}

# kvs 21: the form of it

say_($m, 'SDP_OFFER', 'aaaa', correlationId => 'c-9');
my $status = $m->json();
is($json->encode($status), '{"messageType":"STATUS_RESPONSE",'
	. '"statusResponse":{"correlationId":"c-9",'
	. '"description":"recipientClientId is required",'
	. '"errorType":"InvalidArgumentException","statusCode":"400",'
	. '"success":false}}', 'kvs 21: the response');

for my $id ('x' x 256, 'a_b.c-D1') {
	say_($m, 'SDP_OFFER', 'aaaa', correlationId => $id);
	is($m->json()->{statusResponse}{correlationId}, $id,
		'kvs 28: an id of ' . length $id);
}

for my $id ('x' x 257, 'a b', '', 7, {}) {
	say_($m, 'SDP_OFFER', 'aaaa', correlationId => $id);
	say_($m, 'SDP_OFFER', 'iiii', recipientClientId => 'a');
	is(told($a), 'SDP_OFFER:iiii', 'kvs 28: no id');
}

say_($m, 'SDP_OFFER', 'aaaa', correlationId => 'now');
is(told($m), 'STATUS 400 InvalidArgumentException now',
	'kvs 28: nobody was told before');

# kvs 27: exactly the limit

say_($a, 'SDP_OFFER', 'x' x 10240);
is(told($m), 'SDP_OFFER a:' . 'x' x 10240, 'kvs 27: the limit');

# kvs 43: nobody there is no mistake

say_($m, 'SDP_OFFER', 'late', recipientClientId => 'c', correlationId => 'q');
say_($m, 'SDP_OFFER', 'jjjj', recipientClientId => 'b');
is(told($b), 'SDP_OFFER:jjjj', 'kvs 18, 20: the other one was told nothing');
is(told(viewer($arn, 'c')), 'SDP_OFFER:late', 'kvs 43: when he comes');

# kvs 25, 33: nothing else came to any of them

is(join(' ', map { told($_, 0.2) } $m, $a, $b), 'nothing nothing nothing',
	'kvs 25: success is silent');

# kvs 32: more than a message may have, and what is no text

my $large = viewer($arn, 'large');
$large->text('{"action":"' . 'x' x 65536 . '"}');
is($large->ended(), 1009, 'kvs 32: too large');
my $binary = viewer($arn, 'binary');
$binary->frame(1, "\xff\xfe");
is($binary->ended(), 1007, 'kvs 32: no UTF-8');

###############################################################################

# kvs 15: a second master

my $young = master($arn);
my $old = $m;

say_($a, 'SDP_OFFER', 'kkkk');
is(told($young), 'SDP_OFFER a:kkkk', 'kvs 15: the youngest is told');
is(told($old, 0.2), 'nothing', 'kvs 15: and no other');
say_($old, 'SDP_OFFER', 'old!', recipientClientId => 'a',
	correlationId => 'o');
is(told($old), 'STATUS 400 InvalidArgumentException o',
	'kvs 15: who is not heard, either');
say_($old, 'SDP_OFFER', 'aaaa', correlationId => 'o2');
is(told($old), 'STATUS 400 InvalidArgumentException o2', 'nor otherwise');
$old->close(1000);
$old->gone();
say_($a, 'SDP_OFFER', 'llll');
is(told($young), 'SDP_OFFER a:llll', 'kvs 15: nor missed');
is(told($a, 0.2), 'nothing', 'kvs 15: nothing came of it');

# kvs 16: a second viewer of the same name

my $again = viewer($arn, 'a');
say_($young, 'SDP_ANSWER', 'mmmm', recipientClientId => 'a');
is(told($again), 'SDP_ANSWER:mmmm', 'kvs 16: the youngest is told');
is(told($a, 0.2), 'nothing', 'kvs 16: and no other');

# as configured

my $closing = viewer($arn, 'close', path => '/close/v');
my $closer = viewer($arn, 'close', path => '/close/v');
is($closing->ended(), 1000, 'closed where it was asked for');
my $orphan = viewer($arn, 'orphan', path => '/orphan/v');
my $heir = viewer($arn, 'orphan', path => '/orphan/v');
is($orphan->ended(), 1000, 'or when it was left alone long enough');
my $kept = viewer($arn, 'kept', path => '/close/not/v');
my $after = viewer($arn, 'kept', path => '/close/not/v');
select undef, undef, undef, 0.3;
say_($kept, 'SDP_OFFER', 'aaaa', correlationId => 'k');
is(told($kept), 'STATUS 400 InvalidArgumentException k',
	'but not where it was taken back');
say_($closer, 'SDP_OFFER', 'x' x 101, correlationId => 'p');
is(told($closer), 'STATUS 400 InvalidArgumentException p',
	'with a limit of its own');

###############################################################################

# kvs 11: the eleventh

my $full = create('full');
my @viewers = map { viewer($full, "v$_", path => '/ten/v') } 1 .. 10;

is(scalar(grep { defined } @viewers), 10, 'kvs 11: ten viewers');
ok(!viewer($full, 'v11', path => '/ten/v'), 'kvs 11: not eleven');
is(refused(), '400 ClientLimitExceededException', 'kvs 11: refused');
ok(viewer($full, 'v3', path => '/ten/v'), 'kvs 11: one of them again');
$viewers[0]->close(1000);
$viewers[0]->gone();

my $tenth;

for (1 .. 200) {
	$tenth = viewer($full, 'v11', path => '/ten/v');
	last if $tenth;
	sleep_(0.1);
}

ok($tenth, 'kvs 11: one has left');

# kvs 12: connects a second

my $busy = create('busy');
my @status = map { master($busy, path => '/limited/m') ? 101 : refused() }
	1 .. 12;

is(scalar(grep { $_ eq '101' } @status[0 .. 2]), 3, 'kvs 12: three');
ok((grep { $_ eq '400 ClientLimitExceededException' } @status) >= 5,
	'kvs 12: and not many more');

###############################################################################

# kvs 34: the limits as they are documented

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 2;'));
$t->reload();
wait_up($t, 4);

my $rates = create('rates');
my $slow = connect_(sub { master($rates) });
my $fast = connect_(sub { viewer($rates, 'fast') });

say_($fast, 'ICE_CANDIDATE', 'aaaa', correlationId => "c$_") for 1 .. 30;
is(scalar(grep { told($slow) eq 'ICE_CANDIDATE fast:aaaa' } 1 .. 30), 30,
	'kvs 34: what browsers send at once');

say_($fast, 'SDP_OFFER', 'aaaa', correlationId => "o$_") for 1 .. 20;
my @told = map { told($fast, 1) } 1 .. 5;
is("@told[0 .. 4]" =~ s/ o\d+//gr, join(' ',
	('STATUS 400 ClientLimitExceededException') x 5),
	'kvs 34: too many offers');

say_($slow, 'SDP_OFFER', 'bbbb', recipientClientId => 'fast');

my $heard = '';
for (1 .. 20) {
	$heard = told($fast);
	last if $heard =~ /^SDP_OFFER/;
}
is($heard, 'SDP_OFFER:bbbb', 'kvs 34: another one is not limited by that');

say_($fast, 'ICE_CANDIDATE', 'aaaa', correlationId => "d$_") for 1 .. 200;
like(told($fast), qr/^STATUS 400 ClientLimitExceededException d/,
	'kvs 34: too many candidates');

###############################################################################

sub say_ {
	my ($ws, $action, $payload, %more) = @_;

	$ws->text({ action => $action, messagePayload => $payload, %more });
}

# with a correlation id there is a response, without there is not

sub wrong {
	my ($ws, $what, $message) = @_;

	delete $message->{$_} for grep { !defined $message->{$_} }
		keys %$message;

	$ws->text($message);
	$ws->text({ %$message, correlationId => 'it' });
	is(told($ws), 'STATUS 400 InvalidArgumentException it',
		"kvs 21, 22, 26: $what");
	$ws->ping('still here');
	is(eval { $ws->next_frame()->{payload} }, 'still here',
		"$what: the connection stays");
}

# the rate of connects is a limit here, too

sub connect_ {
	my ($connect) = @_;

	for (1 .. 60) {
		my $ws = $connect->();
		return $ws if $ws;
		die refused() unless refused() =~ /Limit/;
		sleep_(0.35);
	}

	return undef;
}

sub sleep_ { select undef, undef, undef, $_[0] }

###############################################################################
