#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Every response is a JSON document, and errors are at their level.  Section 18
# of docs/cloudflare.md: 3, 5, 6, 8, 11, 17, 19, 22.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use JSON::PP;

use Test::Nginx;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF', server =>
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret;
limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;
EOF
	<<'EOF'));
location /denied/ {
    sfu_api cloudflare;
    deny all;
}

location /limited/ {
    sfu_api cloudflare;
    limit_req zone=one;
    limit_req_status 429;
}

location /paged/ {
    sfu_api cloudflare;
    error_page 403 /page.html;
    deny all;
}

location = /page.html {
    return 200 "a page";
}

location ~ ^/partytracks/(.*)$ {
    sfu_api cloudflare demo/$1;
}

location /bare {
    sfu_api cloudflare;
}

location /except/ {
    sfu_api cloudflare;
    limit_except GET { deny all; }
}

location /if/ {
    sfu_api cloudflare;
    if ($arg_nothing) { set $x 1; }
    if ($arg_deny) { return 403; }
}
EOF

my $s = '/sessions/1f2e3d4c';
my $offer = { type => 'offer', sdp => "v=0\r\n" };
my $answer = { type => 'answer', sdp => "v=0\r\n" };
my @local = ({ location => 'local', trackName => 'a', mid => '0' });
my @remote = ({ location => 'remote', trackName => 'a', sessionId => 'b' });

sub local_with { return { sessionDescription => $offer,
	tracks => [ { %{$local[0]}, @_ } ] } }
sub remote_with { return { tracks => [ { %{$remote[0]}, @_ } ] } }

my @cases = (
	# paths and methods
	['404 not_found', 'GET', ''],
	['404 not_found', 'GET', '/'],
	['404 not_found', 'POST', '/session/new'],
	['404 not_found', 'POST', '/sessions'],
	['404 not_found', 'POST', '/sessions/'],
	['404 not_found', 'POST', '/sessions/new/'],
	['404 not_found', 'GET', "$s/"],
	['404 not_found', 'POST', '/adapters/websocket/new'],
	['404 not_found', 'POST', "$s/tracks"],
	['404 not_found', 'POST', "$s/tracks/new/"],
	['404 not_found', 'POST', "$s/datachannels"],
	['404 not_found', 'POST', '/adapters/websocket/new'],
	['405 method_not_allowed', 'GET', '/sessions/new'],
	['405 method_not_allowed', 'PUT', '/sessions/new'],
	['405 method_not_allowed', 'DELETE', $s],
	['405 method_not_allowed', 'POST', $s],
	['405 method_not_allowed', 'PUT', "$s/tracks/new"],
	['405 method_not_allowed', 'POST', "$s/renegotiate"],
	['405 method_not_allowed', 'POST', "$s/tracks/close"],
	['405 method_not_allowed', 'POST', "$s/tracks/update"],
	['405 method_not_allowed', 'PATCH', "$s/renegotiate"],
	['405 method_not_allowed', 'PUT', "$s/datachannels/new"],
	['405 method_not_allowed', 'POST', "$s/datachannels/close"],
	['405 method_not_allowed', 'BREW', $s],

	# sessions that cannot be
	['410 session_error', 'GET', '/sessions/with%20space'],
	['410 session_error', 'GET', '/sessions/a.b'],
	['410 session_error', 'GET', '/sessions/' . 'a' x 129],
	['410 session_error', 'POST', '/sessions/%0d%0a/tracks/new', '{}'],

	# JSON
	['400 decoding_error', 'POST', '/sessions/new', '{'],
	['400 decoding_error', 'POST', '/sessions/new', 'null'],
	['400 decoding_error', 'POST', '/sessions/new', '[]'],
	['400 decoding_error', 'POST', '/sessions/new', '"x"'],
	['400 decoding_error', 'POST', '/sessions/new', '{} {}'],
	['400 decoding_error', 'POST', '/sessions/new', '{"a":1,"a":2}'],
	['400 decoding_error', 'POST', '/sessions/new', "{\"a\":\"\xff\"}"],
	['400 decoding_error', 'POST', '/sessions/new', '{"a":"\u0000"}'],
	['400 decoding_error', 'POST', '/sessions/new',
		'{"a":' . '[' x 100000],
	['400 decoding_error', 'POST', "$s/tracks/new"],
	['400 decoding_error', 'POST', "$s/tracks/new", ''],
	['400 decoding_error', 'PUT', "$s/renegotiate", '{}'],

	# members
	['400 decoding_error', 'POST', '/sessions/new',
		{ sessionDescription => 'x' }],
	['400 decoding_error', 'POST', '/sessions/new',
		{ sessionDescription => { type => 'offer' } }],
	['400 decoding_error', 'POST', '/sessions/new',
		{ sessionDescription => { type => 'offer', sdp => 1 } }],
	['400 decoding_error', 'POST', '/sessions/new',
		{ sessionDescription => { sdp => 'v=0' } }],
	['400 decoding_error', 'POST', '/sessions/new',
		{ sessionDescription => { type => 'pranswer', sdp => 'v=0' } }],
	['406 invalid_session_description', 'POST', '/sessions/new',
		{ sessionDescription => $answer }],
	['400 decoding_error', 'POST', "$s/tracks/new", { tracks => {} }],
	['400 decoding_error', 'POST', "$s/tracks/new", { tracks => ['x'] }],
	['400 decoding_error', 'POST', "$s/tracks/new",
		{ tracks => \@remote, autoDiscover => 1 }],
	['400 decoding_error', 'POST', "$s/tracks/new",
		local_with(location => undef)],
	['400 decoding_error', 'POST', "$s/tracks/new",
		local_with(location => 'here')],
	['400 decoding_error', 'POST', "$s/tracks/new",
		local_with(trackName => undef)],
	['400 decoding_error', 'POST', "$s/tracks/new",
		local_with(trackName => 7)],
	['400 decoding_error', 'POST', "$s/tracks/new", local_with(mid => 0)],
	['400 decoding_error', 'POST', "$s/tracks/new",
		local_with(kind => 'smell')],
	['400 decoding_error', 'POST', "$s/tracks/new",
		local_with(bidirectionalMediaStream => 'yes')],
	['400 decoding_error', 'POST', "$s/tracks/new",
		remote_with(sessionId => undef)],
	['400 decoding_error', 'POST', "$s/tracks/new",
		remote_with(trackName => undef)],
	['400 decoding_error', 'POST', "$s/tracks/new",
		remote_with(simulcast => 'a')],
	['400 decoding_error', 'POST', "$s/tracks/new",
		remote_with(simulcast => { preferredRid => 1 })],
	['400 decoding_error', 'POST', "$s/tracks/new",
		remote_with(simulcast => { priorityOrdering => 'best' })],
	['400 decoding_error', 'POST', "$s/tracks/new",
		remote_with(simulcast => { ridNotAvailable => \1 })],
	['400 decoding_error', 'POST', "$s/tracks/new",
		remote_with(simulcast => { maxSpatialLayer => '1' })],
	['400 decoding_error', 'PUT', "$s/tracks/update", {}],
	['400 decoding_error', 'PUT', "$s/tracks/update",
		remote_with(sessionId => undef)],
	['400 decoding_error', 'PUT', "$s/tracks/close", {}],
	['400 decoding_error', 'PUT', "$s/tracks/close",
		{ tracks => [ {} ] }],
	['400 decoding_error', 'PUT', "$s/tracks/close",
		{ tracks => [ { mid => 0 } ] }],
	['400 decoding_error', 'PUT', "$s/tracks/close",
		{ tracks => [ { mid => '0' } ], force => 'yes' }],

	# sense
	['406 invalid_params', 'POST', "$s/tracks/new", '{}'],
	['406 invalid_params', 'POST', "$s/tracks/new", { tracks => [] }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		{ sessionDescription => $offer }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		{ tracks => [ @local, @remote ] }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		{ tracks => [ (@remote) x 65 ] }],
	['200', 'POST', "$s/tracks/new", { tracks => [ (@remote) x 64 ] }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		{ tracks => \@local }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		{ autoDiscover => JSON::PP::true() }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		{ autoDiscover => JSON::PP::true(), tracks => \@remote,
		sessionDescription => $offer }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		local_with(trackName => '')],
	['406 invalid_params', 'POST', "$s/tracks/new",
		local_with(trackName => 'x' x 257)],
	['200', 'POST', "$s/tracks/new", local_with(trackName => 'x' x 256)],
	['406 invalid_params', 'POST', "$s/tracks/new",
		local_with(mid => '')],
	['406 invalid_params', 'POST', "$s/tracks/new",
		local_with(mid => 'x' x 129)],
	['200', 'POST', "$s/tracks/new",
		local_with(mid => undef, unknown => [])],
	['200', 'POST', "$s/tracks/new", remote_with(mid => '#' . 'x' x 256)],
	['406 invalid_session_description', 'POST', "$s/tracks/new",
		{ tracks => \@local, sessionDescription => $answer }],
	['406 invalid_params', 'POST', "$s/tracks/new",
		remote_with(simulcast => { maxTemporalLayer => 8 })],
	['406 invalid_params', 'POST', "$s/tracks/new",
		remote_with(simulcast => { preferredRid => 'x' x 129 })],
	['406 invalid_params', 'PUT', "$s/tracks/update", { tracks => [] }],
	['406 invalid_params', 'PUT', "$s/tracks/close", { tracks => [] }],
	['406 invalid_params', 'PUT', "$s/tracks/close",
		{ tracks => [ ({ mid => '0' }) x 65 ] }],
	['406 invalid_session_description', 'PUT', "$s/tracks/close",
		{ tracks => [ { mid => '0' } ],
		sessionDescription => $answer }],

	# what the worker says
	['410 session_error', 'GET', "$s-error-session_gone"],
	['425 session_error', 'POST', "$s-error-not_connected/tracks/new",
		remote_with()],
	['406 signaling_state_not_stable', 'POST',
		"$s-error-offer_pending/tracks/new", remote_with()],
	['406 invalid_session_description', 'PUT',
		"$s-error-no_offer/renegotiate",
		{ sessionDescription => $answer }],
	['400 invalid_session_description', 'POST',
		"$s-error-sdp_malformed/tracks/new", local_with()],
	['406 invalid_session_description', 'POST',
		"$s-error-sdp_unacceptable/tracks/new", local_with()],
	['406 invalid_params', 'GET', "$s-error-invalid"],
	['429 too_many_requests', 'GET', "$s-error-rate"],
	['503 temporarily_unavailable_error', 'GET', "$s-error-limit"],
	['503 temporarily_unavailable_error', 'GET', "$s-error-draining"],
	['500 internal_error', 'GET', "$s-error-internal"],
	['500 internal_error', 'GET', "$s-error-malformed"],
	['500 internal_error', 'GET', "$s-error-unknown_type"],
	['500 internal_error', 'GET', "$s-error-something_new"],
	['500 internal_error', 'GET', "$s-bare"],
	['500 internal_error', 'GET', "$s-wrongtypes"],
	['500 internal_error', 'POST', "$s-wrongtypes/tracks/new",
		remote_with()],
	['500 internal_error', 'POST', '/sessions/new?correlationId=x-bare'],
	['500 internal_error', 'PUT', "$s-bare/tracks/close",
		{ tracks => [ { mid => '0' } ] }],
);

$t->plan(3 * @cases + 25);

fake_worker($t, 'worker');
$t->run();
wait_up($t);

###############################################################################

for my $case (@cases) {
	my ($expected, $method, $path, $body) = @$case;

	my $r = api($method, $path, $body);
	my $name = substr "$method $path", 0, 60;

	is(mask($r), $expected, $name);
	is(defects($r), '', "$name: its document");

	# a publisher that finds "tracks" in an error waits forever
	ok($r->{status} == 200 || !exists $r->{json}{tracks},
		"$name: its level");
}

# what goes with a status

my $r = api('DELETE', $s);
is($r->{headers}{allow}, 'GET, HEAD, OPTIONS', 'Allow');

$r = api('GET', "$s-error-rate");
is($r->{headers}{'retry-after'}, '1', 'Retry-After of 429');
is(api('GET', "$s-error-limit")->{headers}{'retry-after'}, '1',
	'Retry-After of 503');
ok(!exists api('GET', "$s-error-internal")->{headers}{'retry-after'},
	'none of 500');
like(api('GET', "$s-error-not_connected")->{raw},
	qr!^HTTP/1\.1 425 Too Early!, 'the reason of 425');

$r = api('POST', "$s-error-offer_pending/tracks/new", remote_with());
is($r->{json}{errorSubcode}, 'invalid_modification_have_local_offer',
	'the subcode');
is($r->{json}{errorDescription}, 'as you wished',
	'the words of the worker');

$r = api('GET', "$s-error-internal");
unlike($r->{body}, qr/as you wished/, 'but not of its own failure');

$r = api('POST', '/sessions/new', '{"a":}');
like($r->{json}{errorDescription}, qr/line 1/, 'where the JSON is broken');

# quoted text stays on the line of the log

api('POST', '/sessions/new', "{\n\"a\": \n[error] forged\n}");
unlike($t->read_file('error.log'), qr/^\[error\] forged/m, 'no forged line');

# nginx's own errors

is(mask(api('GET', $s, undef, prefix => '/denied/demo')), '403 forbidden',
	'deny');
is(defects(api('GET', $s, undef, prefix => '/denied/demo')), '',
	'deny: its document');
is(mask(api('GET', $s, undef, prefix => '/limited/demo')), '200', 'limit_req');

$r = api('GET', $s, undef, prefix => '/limited/demo');
is(mask($r), '429 too_many_requests', 'limit_req: exceeded');
is($r->{headers}{'retry-after'}, '1', 'limit_req: Retry-After');
is($r->{headers}{'access-control-allow-origin'}, '*', 'limit_req: CORS');
is(api('HEAD', $s, undef, prefix => '/denied/demo')->{body}, '',
	'no body for HEAD');
is(api('GET', $s, undef, prefix => '/paged/demo')->{body}, 'a page',
	'a page of the operator');

# other locations

is(mask(api('GET', $s, undef, prefix => '/partytracks')), '200',
	'a path of the configuration');
is(mask(api('GET', $s, undef, prefix => '/bare/demo')), '200',
	'a location without a slash');
is(mask(api('GET', $s, undef, prefix => '/baredemo')), '404 not_found',
	'and a path without one');
is(mask(api('GET', $s, undef, prefix => '/except/demo')), '200',
	'limit_except: GET');
is(mask(api('POST', '/sessions/new', undef, prefix => '/except/demo')),
	'403 forbidden', 'limit_except: POST');
is(mask(api('GET', "$s?nothing=1", undef, prefix => '/if/demo')), '200',
	'if');
is(mask(api('GET', "$s?deny=1", undef, prefix => '/if/demo')),
	'403 forbidden', 'return in if');

###############################################################################

# null, empty strings, and errors without description

sub defects {
	my ($r) = @_;

	my @found;
	my @left = ($r->{json});

	while (@left) {
		my $x = shift @left;

		if (ref $x eq 'HASH') {
			push @left, values %$x;
			push @found, 'no description'
				if exists $x->{errorCode}
				&& !exists $x->{errorDescription};
			push @found, 'code' if exists $x->{errorCode}
				&& $x->{errorCode} !~ /^[a-z0-9][a-z0-9_]{0,79}$/;

		} elsif (ref $x eq 'ARRAY') {
			push @left, @$x;

		} elsif (!defined $x) {
			push @found, 'null';

		} elsif ($x eq '' && !ref $x) {
			push @found, 'empty';
		}
	}

	return join ', ', @found;
}

###############################################################################
