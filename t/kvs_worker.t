#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams: channels whose other side is the worker, as far as
# messages go; media is in t/browser.  Numbers are those of docs/kvs.md: 60, 62.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use JSON::PP;
use MIME::Base64;

use Test::Nginx;
use Test::Sdp;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 2;',
	location => hush(), server => <<'EOF'));
        location /fan {
            sfu_api kvs demo;
            sfu_kvs_rate off;
            sfu_kvs_fanout on;
        }

        location = /status {
            sfu_status;
        }
EOF

my $worker = real_worker($t, 'worker');
plan(skip_all => 'no worker') unless $worker;

$t->plan(28)->run();
wait_up($t, 2);

###############################################################################

# kvs 60: one viewer, whoever comes

my $door = create('door');
my $v = viewer($door, 'v', path => '/fan/v');
say_($v, 'SDP_OFFER', offer([ 'video', 0, 'recvonly' ]));
is(told($v, 0.3), 'nothing', 'a viewer waits');

my $m = master($door, path => '/fan/m');
my ($offer, $from) = described($m, 'SDP_OFFER');
is($from, 'AWS_SFU', 'kvs 60: the master is offered something');
is(scalar(() = $offer->{sdp} =~ /^a=recvonly\r$/mg), 2,
	'kvs 60: to send sound and pictures');
cmp_ok(length $offer->{sdp}, '<', 7000, 'kvs 60: in few words');

say_($m, 'SDP_ANSWER', { type => 'answer' }, recipientClientId => 'AWS_SFU',
	correlationId => 'a');
is(told($m), 'STATUS 400 InvalidArgumentException a', 'no description');
say_($m, 'SDP_ANSWER', { type => 'answer', sdp => 'v=0' },
	recipientClientId => 'AWS_SFU', correlationId => 'b');
is(told($m), 'STATUS 400 InvalidArgumentException b', 'nor is this');
say_($m, 'ICE_CANDIDATE', { candidate => '', sdpMid => '0' },
	recipientClientId => 'AWS_SFU', correlationId => 'c');
say_($m, 'SDP_ANSWER', answer_to($offer), recipientClientId => 'AWS_SFU',
	correlationId => 'd');
is(told($m, 0.5), 'nothing', 'an answer that is one');

my $other = viewer($door, 'w', path => '/fan/v');
say_($other, 'SDP_OFFER', offer([ 'video', 0, 'recvonly' ]));
say_($other, 'ICE_CANDIDATE', { candidate => 'candidate:1 1 udp 1 192.0.2.1 '
	. '1 typ host', sdpMid => '0' }, correlationId => 'e');
is(told($other, 0.3), 'nothing', 'without media all wait');
is(told($m, 0.2), 'nothing', 'kvs 60: and the master hears nothing of them');

say_($v, 'SDP_OFFER', { type => 'offer', sdp => 42 }, correlationId => 'f');
is(told($v), 'STATUS 400 InvalidArgumentException f', 'an offer that is none');

say_($v, 'ICE_CANDIDATE', { candidate => '', sdpMLineIndex => -1 },
	correlationId => 'i');
is(told($v), 'STATUS 400 InvalidArgumentException i',
	'a candidate of no section');

# the stream is everybody's

like(http_get('/status?app=demo'), qr/"stream": "door"/,
	'it has the name of the channel');

# a master that comes again

my $again = master($door, path => '/fan/m');
is((described($again, 'SDP_OFFER'))[1], 'AWS_SFU', 'another offer');
say_($m, 'SDP_ANSWER', answer_to($offer), recipientClientId => 'AWS_SFU',
	correlationId => 'g');
is(told($m), 'STATUS 400 InvalidArgumentException g',
	'who was replaced has nothing to answer');

is(kvs_error(kvs('deleteSignalingChannel', { ChannelARN => $door })), '200',
	'deleted');
is($again->ended(), 1000, 'with all that were there');

###############################################################################

# kvs 62: storage

my $vault = create('vault');
is(kvs_error(enable($vault)), '200', 'storage');

my $camera = master($vault);
is(told($camera, 0.2), 'nothing', 'nobody offers who was not asked');
is(kvs_error(join_($vault)), '200', 'kvs 62: the master joins');
($offer, $from) = described($camera, 'SDP_OFFER');
is($from, undef, 'kvs 62: an offer without a sender');
like($offer->{sdp}, qr{H264/90000}, 'kvs 62: of H.264');
unlike($offer->{sdp}, qr{VP[89]/90000}, 'kvs 62: and nothing else');

say_($camera, 'SDP_ANSWER', answer_to($offer), correlationId => 'h');
is(told($camera), 'STATUS 400 InvalidArgumentException h',
	'kvs 62: VP8 is refused');

is(kvs_error(join_($vault)), '200', 'kvs 62: it may join again');
ok((described($camera, 'SDP_OFFER'))[0], 'kvs 62: and is offered');

# one that was there before there was storage

my $later = create('later');
$camera = master($later);
enable($later);
is(kvs_error(join_($later)), '200', 'a master that was relayed joins');
ok((described($camera, 'SDP_OFFER'))[0], 'and is offered');
say_($camera, 'ICE_CANDIDATE', { candidate => '' }, correlationId => 'j');
is(told($camera, 0.3), 'nothing', 'it need not name the worker');

###############################################################################

sub say_ {
	my ($ws, $action, $document, %more) = @_;

	$ws->text({ action => $action, messagePayload => payload($document),
		%more });
}

# the description of the next message, and whose it is

sub described {
	my ($ws, $type) = @_;
	my $m = $ws->json(5);

	return unless $m && $m->{messageType} eq $type;

	return (decode_json(decode_base64($m->{messagePayload})),
		$m->{senderClientId});
}

sub enable {
	my ($arn) = @_;

	return kvs('updateMediaStorageConfiguration', { ChannelARN => $arn,
		MediaStorageConfiguration => { Status => 'ENABLED',
		StreamARN => 'arn:aws:kinesisvideo:us-east-1:123456789012:'
		. 'stream/s/1700000000000' } });
}

sub join_ {
	my ($arn, %more) = @_;

	return kvs('joinStorageSession', { channelArn => $arn, %more },
		prefix => '/kvs/r');
}

###############################################################################
