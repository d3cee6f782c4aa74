#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The calls of data channels against the real worker, as far as they go
# without a client that speaks SCTP: messages are t/browser's business.
# Section 18 of docs/cloudflare.md: 39, 43, 44, 50, as far as HTTP goes.

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

use JSON::PP;
use Time::HiRes qw/ time /;

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF'));
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret;
EOF

real_worker($t, 'worker', '--hold-time', '500ms')
	or plan(skip_all => 'no sfu-worker');

$t->plan(56);
$t->run();
wait_up($t);

my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $events = { location => 'remote', dataChannelName => 'server-events' };

###############################################################################

# establish without a description (39)

my $id = new_session();
my $r = channels('establish', $id, { dataChannel => $events });

is(mask($r), '200', 'established');
is($r->{json}{requiresImmediateRenegotiation}, $true, 'to be answered');
is($r->{json}{sessionDescription}{type}, 'offer', 'an offer');
is_deeply($r->{json}{dataChannel}, { %$events, id => 0 }, 'the channel');
is($r->{type}, 'application/json', 'its type');

my $sdp = $r->{json}{sessionDescription}{sdp};

like($sdp, qr!^m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r$!m,
	'its section');
like($sdp, qr/^a=sctp-port:5000\r$/m, 'its port');
like($sdp, qr/^a=max-message-size:262144\r$/m, 'its longest message');
unlike($sdp, qr/^a=rtcp-mux/m, 'and no RTCP');

is(mask(channels('establish', $id, { dataChannel => $events })),
	'406 signaling_state_not_stable', 'once more, unanswered');

my ($mid) = $sdp =~ /^a=mid:(\S+)\r$/m;

$r = api('PUT', "/sessions/$id/renegotiate",
	{ sessionDescription => { type => 'answer', sdp => data_sdp($mid,
	'active') } });
is(mask($r), '200', 'answered');
is(mask(channels('establish', $id, { dataChannel => $events })),
	'400 decoding_error', 'once more, established');

# not connected: held, then 425 (6.4); others do not wait for it

my $before = time();
$r = channels('new', $id, { dataChannels => [ local_channel('chat') ] });
is(mask($r), '425 session_error', 'not connected');
cmp_ok(time() - $before, '>=', 0.4, 'which is waited for');

$r = api('GET', "/sessions/$id");
is_deeply($r->{json}{dataChannels}, [], 'there are no channels');

# establish with an offer, in both forms, and in a first offer (44)

for my $form ('new', 'old') {
	$id = new_session();
	$r = channels('establish', $id, { dataChannel => $events,
		sessionDescription => data_offer(0, $form) });

	is(mask($r), '200', "an offer, $form form");
	is($r->{json}{requiresImmediateRenegotiation}, $false, 'answered');
	is($r->{json}{sessionDescription}{type}, 'answer', 'by an answer');
	is($r->{json}{dataChannel}{id}, 0, 'its id');
	like($r->{json}{sessionDescription}{sdp}, $form eq 'new'
		? qr!^m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r$!m
		: qr!^m=application 9 DTLS/SCTP 5000\r$!m, 'of the same form');
}

$r = api('POST', '/sessions/new', { sessionDescription => data_offer(0) });
is(mask($r), '201', 'in sessions/new');
like($r->{json}{sessionDescription}{sdp}, qr/^m=application 9 /m, 'taken');
is(mask(channels('establish', $r->{json}{sessionId},
	{ dataChannel => $events })), '400 decoding_error',
	'and no more to be established');

$id = new_session();
$r = api('POST', "/sessions/$id/tracks/new", { autoDiscover => $true,
	sessionDescription => data_offer(0) });
is(mask($r), '200', 'in tracks/new');
is_deeply($r->{json}{tracks}, [], 'it is no track');
like($r->{json}{sessionDescription}{sdp}, qr/^m=application 9 /m, 'taken');

$r = api('PUT', "/sessions/$id/tracks/close", { force => $true,
	tracks => [ { mid => '0' } ] });
is($r->{json}{tracks}[0]{errorCode}, 'close_track_error',
	'nor closed as one');
is(mask(channels('establish', $id, { dataChannel => $events })),
	'400 decoding_error', 'it is still there');

# requests that make no sense

$id = new_session();

is(mask(channels('new', $id, { dataChannels => [ local_channel('a') ] })),
	'425 session_error', 'nothing was negotiated');
is(mask(channels('establish', $id, {})), '400 decoding_error',
	'no channel to establish');
is(mask(channels('establish', $id, { dataChannel => $events,
	sessionDescription => { type => 'offer', sdp => 'nonsense' } })),
	'400 invalid_session_description', 'a broken offer');
is(mask(channels('establish', $id, { dataChannel => $events,
	sessionDescription => { type => 'answer', sdp => 'v=0' } })),
	'406 invalid_session_description', 'an answer');
is(mask(channels('new', $id, {})), '400 decoding_error', 'no list');
is(mask(channels('new', $id, { dataChannels => 7 })), '400 decoding_error',
	'a list that is none');
is(mask(channels('new', $id, { dataChannels => [ 7 ] })),
	'400 decoding_error', 'an entry that is none');
is(mask(channels('new', $id, { dataChannels => [] })), '406 invalid_params',
	'an empty one');
is(mask(channels('new', $id, { dataChannels =>
	[ map { local_channel("c$_") } 1 .. 65 ] })), '406 invalid_params',
	'65 channels');
is(mask(channels('new', $id, { dataChannels => [ local_channel('a'),
	{ %$events, sessionId => $id } ] })), '406 invalid_params', 'mixed');
is(mask(channels('new', $id, { dataChannels => [ local_channel('') ] })),
	'406 invalid_params', 'an empty name');
is(mask(channels('new', $id, { dataChannels => [ local_channel('x' x 257) ] })),
	'406 invalid_params', 'a long name');
is(mask(channels('new', $id, { dataChannels =>
	[ { location => 'remote', dataChannelName => 'a' } ] })),
	'400 decoding_error', 'whose channel?');
is(mask(channels('new', $id, { dataChannels => [ { %{local_channel('a')},
	maxRetransmits => -1 } ] })), '400 decoding_error', 'a negative number');
is(mask(channels('new', $id, { dataChannels => [ { %{local_channel('a')},
	maxPacketLifeTime => 1.5 } ] })), '400 decoding_error', 'a fraction');
is(mask(channels('new', $id, { dataChannels => [ { %{local_channel('a')},
	ordered => 'yes' } ] })), '400 decoding_error', 'a text for a boolean');
is(mask(channels('update', $id, { dataChannels => [ local_channel('a') ] })),
	'406 invalid_params', 'a local channel is not updated');
is(mask(channels('close', $id, { dataChannels => [ {} ] })),
	'400 decoding_error', 'closed without an id');
is(mask(channels('close', $id, { dataChannels => [ { id => 65535 } ] })),
	'400 decoding_error', 'an id that no stream has');

$r = channels('close', $id, { dataChannels => [ { id => 7 }, { id => 0 } ] });
is_deeply([ map { "$_->{id} $_->{errorCode}" } @{$r->{json}{dataChannels}} ],
	[ '7 close_track_error', '0 close_track_error' ], 'nothing to close');

$r = channels('update', $id, { dataChannels => [ { location => 'remote',
	sessionId => $id, dataChannelName => 'a', canReply => $true } ] });
is_deeply([ map { "$_->{dataChannelName} $_->{errorCode}" }
	@{$r->{json}{dataChannels}} ], [ 'a not_found_track_error' ],
	'nothing to update');

is(mask(channels('close', '0' x 32, { dataChannels => [ { id => 1 } ] })),
	'410 session_error', 'no session');
is(mask(api('GET', "/sessions/$id/datachannels/new")),
	'405 method_not_allowed', 'a wrong method');

###############################################################################

sub new_session { api('POST', '/sessions/new')->{json}{sessionId} }

sub local_channel {
	return { location => 'local', dataChannelName => shift };
}

sub channels {
	my ($call, $id, $body) = @_;

	return api($call =~ /establish|new/ ? 'POST' : 'PUT',
		"/sessions/$id/datachannels/$call", $body);
}

sub data_offer {
	my ($mid, $form) = @_;
	my $sdp = data_sdp($mid, 'actpass');

	if (($form || '') eq 'old') {
		$sdp =~ s!UDP/DTLS/SCTP webrtc-datachannel!DTLS/SCTP 5000!;
		$sdp =~ s!a=sctp-port:5000!a=sctpmap:5000 webrtc-datachannel 256!;
	}

	return { type => 'offer', sdp => $sdp };
}

sub data_sdp {
	my ($mid, $setup) = @_;
	my $fingerprint = join ':', map { sprintf '%02X', $_ } 1 .. 32;

	return join '', map { "$_\r\n" } 'v=0',
		'o=- 4611731400430051336 2 IN IP4 127.0.0.1', 's=-', 't=0 0',
		"a=group:BUNDLE $mid",
		'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
		'c=IN IP4 0.0.0.0', 'a=ice-ufrag:abcd',
		'a=ice-pwd:abcdefghijklmnopqrstuvwx',
		"a=fingerprint:sha-256 $fingerprint", "a=setup:$setup",
		"a=mid:$mid", 'a=sctp-port:5000', 'a=max-message-size:262144';
}

###############################################################################
