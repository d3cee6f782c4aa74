#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# WHIP and WHEP as RFC 9725 and draft-ietf-wish-whep say them in HTTP; the
# numbers are sections of the RFC.  Media is for t/browser/whip.test.mjs.

###############################################################################

use warnings;
use strict;

use Digest::SHA qw/ hmac_sha1 /;
use MIME::Base64;
use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http rewrite/)->plan(76)
	->write_file_expand('nginx.conf', sfu_conf(
		http => 'sfu_worker ipc://%%TESTDIR%%/worker.sock; '
			. 'sfu_app demo secret=demo-secret; '
			. 'sfu_turn_key k token=t secret=turn-secret '
			. 'url=stun:s.example:3478 '
			. 'url=turn:t.example:3478?transport=udp;',
		server => <<'EOF'));

        location /whip/ {
            sfu_api whip;
        }

        location /whep/ {
            sfu_api whep;
        }

        location ~ ^/to/(?<stream>.+)$ {
            sfu_api whip demo/$stream;
        }

        location /ice/ {
            sfu_api whip;
            sfu_ice_servers k 10m;
        }

        location /small/ {
            sfu_api whip;
            sfu_body_max 100;
        }
EOF

real_worker($t, 'worker', '--hold-time', '1s') or plan(skip_all => 'no worker');
$t->run();
wait_up($t);

my $sdp = 'application/sdp';
my $frag = 'application/trickle-ice-sdpfrag';

###############################################################################

# 4.2: a stream is published

my $r = whip('POST', '/whip/demo/studio', offer('sendonly'), type => $sdp);

is($r->{status}, 201, 'an offer is answered');
is($r->{type}, $sdp, 'with SDP');
like($r->{body}, qr/^v=0\r\n/, 'that is an answer');
like($r->{body}, qr/\r\na=recvonly\r\n/, 'to receive');
like($r->{headers}{location}, qr!^/whip/demo/studio/[0-9a-f]{32}$!,
	'the address of the session');
like($r->{headers}{etag}, qr/^"[^"]+"$/, 'an entity tag');
is($r->{headers}{'accept-patch'}, $frag, 'what it may be patched with');
is($r->{headers}{'access-control-allow-origin'}, '*', 'pages may ask');
like($r->{headers}{'access-control-expose-headers'}, qr/Location/,
	'and read where it is');

my $session = $r->{headers}{location};
my $etag = $r->{headers}{etag};

# 4.6: ICE servers

ok(!exists $r->{headers}{link}, 'no ICE servers unless there are some');

$r = whip('POST', '/ice/demo/iced', offer('sendonly'), type => $sdp);

my @links = $r->{raw} =~ /^Link: (.*)\r$/mg;
my ($id) = $r->{headers}{location} =~ m!([0-9a-f]{32})$!;

is($links[0], '<stun:s.example:3478>; rel="ice-server"', 'a STUN server');
like($links[1], qr!^<turn:t.example:3478\?transport=udp>; rel="ice-server"; !,
	'a TURN server');

my ($until, $credential) = $links[1] =~
	m!username="(\d+):$id"; credential="([^"]+)"; credential-type="password"$!;

ok($until > time() + 590 && $until <= time() + 600, 'whose user has ten minutes');
is($credential, encode_base64(hmac_sha1("$until:$id", 'turn-secret'), ''),
	'and the password that coturn expects');

# 4.3.1: trickle

my $same = fragment('someufrag', 'some-password-of-22-chars-');

$r = whip('PATCH', $session, $same, type => $frag);
is($r->{status}, 428, 'a fragment needs If-Match');
like($r->{raw}, qr!^HTTP/1.1 428 Precondition Required\r\n!, 'with a reason');
is($r->{type}, 'application/problem+json', 'problems are told');
is($r->{json}{status}, 428, 'with their status');
is($r->{json}{title}, 'precondition_required', 'and title');

$r = whip('PATCH', $session, $same, type => $frag, match => '"other"');
is($r->{status}, 412, 'the right one');

$r = whip('PATCH', $session, $same, type => $frag, match => $etag);
is($r->{status}, 204, 'candidates are taken');
is($r->{body}, '', 'silently');

is(whip('PATCH', $session, 'candidate', type => $frag, match => $etag)
	->{status}, 400, 'no fragment');
is(whip('PATCH', $session, '', type => $frag, match => $etag)
	->{status}, 400, 'nothing');
is(whip('PATCH', $session, $same, type => $sdp, match => $etag)
	->{status}, 415, 'another type');

# 4.3.3: restart

my $new = fragment('otherfrag', 'other-password-of-22-chars');

$r = whip('PATCH', $session, $new, type => $frag, match => '*');
is($r->{status}, 200, 'a restart is answered');
is($r->{type}, $frag, 'with a fragment');
like($r->{body}, qr/\ba=ice-ufrag:\S+\r\na=ice-pwd:\S+\r\na=candidate:/,
	'of the server');
like($r->{headers}{etag}, qr/^"[^"]+"$/, 'and another');
isnt($r->{headers}{etag}, $etag, 'entity tag');
is(whip('PATCH', $session, $new, type => $frag, match => $etag)->{status},
	412, 'the old one is over');
$etag = $r->{headers}{etag};
is(whip('PATCH', $session, $new, type => $frag, match => $etag)->{status},
	204, 'the new one holds');

# 4.2, 4.4: methods

for my $method (qw/ GET PUT PATCH DELETE /) {
	$r = whip($method, '/whip/demo/studio', undef);
	is($r->{status}, 405, "$method of the endpoint");
}

is($r->{headers}{allow}, 'POST, OPTIONS', 'what it allows');

for my $method (qw/ GET PUT POST /) {
	$r = whip($method, $session, undef);
	is($r->{status}, 405, "$method of the session");
}

is($r->{headers}{allow}, 'PATCH, DELETE, OPTIONS', 'what it allows');

$r = whip('OPTIONS', '/whip/demo/studio', undef, secret => undef);
is($r->{status}, 204, 'OPTIONS without credentials');
is($r->{headers}{'accept-post'}, $sdp, 'tells the type');
$r = whip('OPTIONS', $session, undef, secret => undef);
is($r->{headers}{'accept-patch'}, $frag, 'of a fragment, too');

# 4.5: authentication

for my $secret (undef, 'wrong') {
	$r = whip('POST', '/whip/demo/studio', offer('sendonly'), type => $sdp,
		secret => $secret);
	is($r->{status}, 401, 'a wrong or no secret');
	like($r->{headers}{'www-authenticate'}, qr/^Bearer/, 'is challenged');
}

is(whip('DELETE', $session, undef, secret => undef)->{status}, 401,
	'nobody else ends a session');

# what is no offer

is(whip('POST', '/whip/demo/studio', offer('sendonly'))->{status}, 415,
	'no type');
is(whip('POST', '/whip/demo/studio', '{}', type => 'application/json')
	->{status}, 415, 'JSON');
is(whip('POST', '/whip/demo/a', offer('sendonly'),
	type => 'Application/SDP; charset=utf-8')->{status}, 201,
	'a type with a parameter');
is(whip('POST', '/whip/demo/studio', '', type => $sdp)->{status}, 400,
	'nothing');
is(whip('POST', '/whip/demo/studio', 'v=0', type => $sdp)->{status}, 400,
	'half of one');
is(whip('POST', '/whip/demo/studio', "v=0\xff", type => $sdp)->{status}, 400,
	'no text');
is(whip('POST', '/whip/demo/b', offer('recvonly'), type => $sdp)->{status},
	406, 'one that sends nothing');
is(whip('POST', '/small/demo/b', offer('sendonly'), type => $sdp)->{status},
	413, 'one that is too large');

# addresses

is(whip('POST', '/whip/nobody/b', offer('sendonly'), type => $sdp)->{status},
	404, 'no such app');
is(whip('POST', '/whip/demo/', offer('sendonly'), type => $sdp)->{status},
	404, 'no stream');
is(whip('POST', '/whip/demo/' . 'x' x 129, offer('sendonly'), type => $sdp)
	->{status}, 404, 'a name that is too long');
is(whip('DELETE', '/whip/demo/studio/nonsense', undef)->{status}, 404,
	'no session');
is(whip('DELETE', '/whip/demo/studio/' . '0' x 32, undef)->{status}, 404,
	'one that never was');
is(whip('DELETE', "$session/more", undef)->{status}, 404, 'more');

$r = whip('POST', '/to/a%20stream', offer('sendonly'), type => $sdp);
is($r->{status}, 201, 'a path that the configuration gives');
like($r->{headers}{location}, qr!^/to/a%20stream/[0-9a-f]{32}$!,
	'has its own address');
is(whip('DELETE', $r->{headers}{location}, undef)->{status}, 200,
	'which works');

# WHEP: what nobody publishes, and what is there but silent

$r = whip('POST', '/whep/demo/nobody', offer('recvonly'), type => $sdp);
is($r->{status}, 404, 'a stream that nobody publishes');
is($r->{headers}{'retry-after'}, 1, 'yet');
is($r->{json}{title}, 'no_stream', 'is told from a wrong address');
is(whip('POST', '/whep/demo/studio', offer('recvonly'), type => $sdp)
	->{status}, 404, 'one that sends nothing');

# another publisher takes the name over

$r = whip('POST', '/whip/demo/studio', offer('sendonly'), type => $sdp);
is($r->{status}, 201, 'a second publisher');
is(whip('DELETE', $session, undef)->{status}, 404, 'replaces the first');
$session = $r->{headers}{location};

# 4.2: the end

$r = whip('DELETE', $session, undef);
is($r->{status}, 200, 'a session is ended');
is($r->{headers}{'content-length'}, 0, 'without a word');
is(whip('DELETE', $session, undef)->{status}, 404, 'once');

my @lines = grep { /api="whep".*call="watch"/ || /call="watch".*api="whep"/ }
	split /\n/, api('GET', '/metrics', undef, prefix => '')->{body};
ok(scalar @lines, 'calls are counted');

###############################################################################

sub whip {
	my ($method, $path, $body, %options) = @_;

	$options{headers} = "If-Match: $options{match}\r\n" if $options{match};

	return api($method, $path, $body, prefix => '', %options);
}

sub fragment {
	my ($ufrag, $pwd) = @_;

	return "a=ice-ufrag:$ufrag\r\na=ice-pwd:$pwd\r\n"
		. "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
		. "a=candidate:1 1 udp 2130706431 192.0.2.7 9 typ host\r\n";
}

sub offer {
	my ($direction) = @_;

	my $fp = join ':', ('AB') x 32;

	return join "\r\n", 'v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0',
		'a=group:BUNDLE 0 1',
		map({ my ($mid, $kind, $pt, $map) = @$_;
			"m=$kind 9 UDP/TLS/RTP/SAVPF $pt",
			'c=IN IP4 0.0.0.0', 'a=rtcp-mux', 'a=ice-ufrag:someufrag',
			'a=ice-pwd:some-password-of-22-chars-',
			"a=fingerprint:sha-256 $fp", 'a=setup:actpass',
			"a=mid:$mid", "a=$direction", "a=rtpmap:$pt $map" }
			[0, 'audio', 111, 'opus/48000/2'],
			[1, 'video', 96, 'VP8/90000']), '';
}

###############################################################################
