#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The calls against the real worker, with the descriptions of a browser that
# never connects: media is t/browser's business.  Section 18 of
# docs/cloudflare.md: 1, 2, 3, 5, 8, 10, 11, 12, 13, 17, 19, 21, 22, 23, 25,
# 27, 29, 50, 59, 60, as far as HTTP goes.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sdp;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use JSON::PP;
use Time::HiRes qw/ time sleep /;

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF'));
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret;
sfu_app other secret=other-secret;
EOF

real_worker($t, 'worker') or plan(skip_all => 'no sfu-worker');

$t->plan(81);
$t->run();
wait_up($t);

my ($true, $false) = (JSON::PP::true, JSON::PP::false);

###############################################################################

# sessions/new

my $r = api('POST', '/sessions/new?correlationId=room1');
is(mask($r), '201', 'a session');
like($r->{json}{sessionId}, qr/^[0-9a-f]{32}$/, 'its id');
is(join(',', keys %{$r->{json}}), 'sessionId', 'nothing else');

my $id = $r->{json}{sessionId};

isnt(new_session(), $id, 'another one');
isnt(api('POST', '/sessions/new?correlationId=room1')->{json}{sessionId}, $id,
	'of the same label');

$r = api('GET', "/sessions/$id");
is_deeply($r->{json}, { sessionId => $id, tracks => [], dataChannels => [] },
	'it is empty');

is(mask(api('GET', '/sessions/' . '0' x 32)), '410 session_error', 'no session');
is(mask(api('GET', '/sessions/undefined')), '410 session_error', 'undefined');
is(mask(api('GET', "/sessions/$id", undef, prefix => '/apps/other',
	secret => 'other-secret')), '410 session_error', 'another app\'s');

$r = api('POST', '/sessions/new', { sessionDescription => offer([audio => 0],
	[video => 1]) });
is(mask($r), '201', 'with an offer');
is(sdp_of($r), 'answer 0,1', 'the answer');

is(mask(api('POST', '/sessions/new', { sessionDescription =>
	{ type => 'offer', sdp => 'nonsense' } })),
	'400 invalid_session_description', 'with nonsense');

# publish

my $pub = new_session();

is(mask(tracks($pub, { type => 'offer', sdp => "v=0\r\nx" },
	local_track('cam', 1))), '400 invalid_session_description',
	'a publish that fails');

$r = tracks($pub, offer([audio => 0], [video => 1]), local_track('mic', 0),
	local_track('cam', 1));

is(mask($r), '200', 'publish after it');
is(flags($r), 'false answer 0,1', 'its answer');
is_deeply($r->{json}{tracks}, [ { trackName => 'mic', mid => '0' },
	{ trackName => 'cam', mid => '1' } ], 'its entries');
like($r->{json}{sessionDescription}{sdp}, qr/\r\na=candidate:.* 127\.0\.0\.1 /,
	'the address to send to');
like($r->{json}{sessionDescription}{sdp}, qr/\r\n\z/, 'its last line ends');

$r = tracks($pub, offer([audio => 0], [video => 1]), local_track('mic', 0),
	local_track('cam', 1));
is(flags($r), 'false answer 0,1', 'the same once more');
ok(!grep({ exists $_->{errorCode} } @{$r->{json}{tracks}}), 'succeeds');

$r = tracks($pub, offer([audio => 0], [video => 1]), local_track('x', 7));
is(mask($r), '200', 'a mid that is not there');
is($r->{json}{tracks}[0]{errorCode}, 'track_error', 'its entry');
is($r->{json}{tracks}[0]{mid}, '7', 'its mid');
is(flags($r), 'false answer 0,1', 'its answer');

$r = tracks($pub, offer([audio => 0], [video => 1]), local_track('cam', 0));
is($r->{json}{tracks}[0]{errorCode}, 'repeated_local_track_error',
	'a name that is taken');

$r = api('GET', "/sessions/$pub");
is_deeply([ map { "$_->{location} $_->{trackName} $_->{mid} $_->{kind} "
	. $_->{status} } sort { $a->{mid} <=> $b->{mid} }
	@{$r->{json}{tracks}} ],
	[ 'local mic 0 audio active', 'local cam 1 video active' ], 'GET');

# publish without names, by our offer, and many

my $s = new_session();

$r = api('POST', "/sessions/$s/tracks/new", { autoDiscover => $true,
	sessionDescription => offer([audio => 'a'], [video => 'v']) });
is(flags($r), 'false answer a,v', 'autoDiscover');
is(join(',', map { "$_->{mid} $_->{kind}" } @{$r->{json}{tracks}}),
	'a audio,v video', 'its entries');
isnt($r->{json}{tracks}[0]{trackName}, $r->{json}{tracks}[1]{trackName},
	'its names');

$s = new_session();

$r = tracks($s, undef, { location => 'local', trackName => 'x',
	kind => 'audio' });
is(mask($r), '200', 'publish by our offer');
like(flags($r), qr/^true offer ./, 'the offer');
ok(length $r->{json}{tracks}[0]{mid}, 'its mid');

$s = new_session();

$r = tracks($s, offer(map { [ audio => $_ ] } 0 .. 31),
	map { local_track("t$_", $_) } 0 .. 31);
is(flags($r), 'false answer ' . join(',', 0 .. 31), '32 tracks');
is(scalar(grep { !exists $_->{errorCode} } @{$r->{json}{tracks}}), 32,
	'all of them');

$s = new_session();

$r = tracks($s, offer([video => 0]), { location => 'local',
	trackName => 'unasked' });
is($r->{json}{tracks}[0]{mid}, '0', 'without a mid');

# pull

my $sub = new_session();

my $start = time();
$r = tracks($sub, undef, remote_track($pub, 'nothing'));
is(mask($r), '200', 'pull of nothing');
is(flags($r), 'false', 'no description');
is($r->{json}{tracks}[0]{errorCode}, 'not_found_track_error', 'its code');
is($r->{json}{tracks}[0]{sessionId}, $pub, 'its session');
is($r->{json}{tracks}[0]{trackName}, 'nothing', 'its name');
ok(!exists $r->{json}{tracks}[0]{mid}, 'no mid');
cmp_ok(time() - $start, '<', 4, 'at once, not held');

$r = tracks($sub, undef, remote_track('0' x 32, 'cam'));
is($r->{json}{tracks}[0]{errorCode}, 'not_found_track_error',
	'of a session that is gone');

for my $id ('x' x 300, 'studio', '../x', "\x{e9}") {
	$r = tracks($sub, undef, remote_track($id, 'cam'));
	is($r->{json}{tracks}[0]{errorCode}, 'not_found_track_error',
		'of one that never was: ' . substr $id, 0, 10);
}

my $other = new_session(prefix => '/apps/other', secret => 'other-secret');
$r = api('POST', "/sessions/$other/tracks/new",
	{ tracks => [ remote_track($pub, 'cam') ] },
	prefix => '/apps/other', secret => 'other-secret');
is($r->{json}{tracks}[0]{errorCode}, 'not_found_track_error',
	'of another app');

# its publisher is not connected, so the pull is held, and fails by itself

my @held = map { http(request_text('POST', '/sessions/' . new_session()
	. '/tracks/new', { tracks => [ remote_track($pub, 'cam') ] }),
	start => 1) } 1 .. 3;

# a session that has negotiated, and does not connect: held, then 425

$s = new_session();
$r = tracks($s, offer([audio => 0]), local_track('mic', 0));
push @held, http(request_text('POST', "/sessions/$s/tracks/new",
	{ tracks => [ remote_track($pub, 'cam') ] }), start => 1);

$start = time();
is(mask(api('GET', "/sessions/$s")), '200', 'GET does not wait for it');
cmp_ok(time() - $start, '<', 4, 'indeed');

my @replies = map { json_of(http('', socket => $_)) } @held;

is(mask($replies[3]), '425 session_error', 'not connected');
is_deeply([ map { mask($_) } @replies[0 .. 2] ], [ ('200') x 3 ],
	'a publisher that does not connect');
like($replies[0]{json}{tracks}[0]{errorCode},
	qr/^(not_found|empty)_track_error$/, 'its entry');
cmp_ok(time() - $start, '<', 10, 'held no longer than needed');

# an offer of ours

$s = new_session();
$r = tracks($s, undef, { location => 'local', trackName => 'x',
	kind => 'audio' });

is(mask(tracks($s, undef, { location => 'local', trackName => 'y',
	kind => 'audio' })), '406 signaling_state_not_stable', 'pending');
is(api('POST', "/sessions/$s/tracks/new", { tracks => [ { location => 'local',
	trackName => 'y', kind => 'audio' } ] })->{json}{errorSubcode},
	'invalid_modification_have_local_offer', 'the subcode');
is(mask(api('GET', "/sessions/$s")), '200', 'GET while it is pending');

my $answer = { sessionDescription => answer_to($r->{json}{sessionDescription}) };

$r = api('PUT', "/sessions/$s/renegotiate", $answer);
is(mask($r), '200', 'answered');
is($r->{body}, '{}', 'with nothing to say');

$r = api('PUT', "/sessions/$s/renegotiate", { sessionDescription =>
	{ type => 'answer', sdp => $answer->{sessionDescription}{sdp}
	. "a=x\r\n" } });
is(mask($r), '406 invalid_session_description', 'a second answer');

$r = tracks($s, undef, { location => 'local', trackName => 'y',
	kind => 'video' });
like(flags($r), qr/^true offer \w+,\w+$/, 'the next offer');

# close

$r = api('PUT', "/sessions/$pub/tracks/close", { sessionDescription =>
	offer([audio => 0], [video => 1]), force => $false,
	tracks => [ { mid => '1' }, { mid => '9' } ] });

is(mask($r), '200', 'close');
is(flags($r), 'false answer 0,1', 'its answer');
is($r->{json}{tracks}[0]{mid}, '1', 'the first');
ok(!exists $r->{json}{tracks}[0]{errorCode}, 'is closed');
is($r->{json}{tracks}[1]{errorCode}, 'close_track_error', 'the second');
is($r->{json}{tracks}[1]{mid}, '9', 'was not open');

$r = tracks($sub, undef, remote_track($pub, 'cam'));
is($r->{json}{tracks}[0]{errorCode}, 'not_found_track_error',
	'it cannot be pulled any more');

$r = api('PUT', "/sessions/$pub/tracks/close", { force => $true,
	tracks => [ { mid => '0' } ] });
is(flags($r), 'false', 'forced: no description');
is_deeply($r->{json}{tracks}, [ { mid => '0' } ], 'forced: the entry');

$s = new_session();
tracks($s, offer([audio => 0]), local_track('mic', 0));

$r = api('PUT', "/sessions/$s/tracks/close",
	{ tracks => [ { trackName => 'mic' } ] });
is(mask($r), '200', 'close by name');
like(flags($r), qr/^(true offer 0|false)$/, 'with an offer');
is($r->{json}{tracks}[0]{trackName}, 'mic', 'its name');

$r = tracks($s, offer([audio => 0], [audio => 1]), local_track('mic', 1));
is(mask($r), '200', 'that offer may be ignored');

# too many requests for one session

$s = new_session();
my @many = map { http(request_text('GET', "/sessions/$s"), start => 1) }
	1 .. 60;
my %results;
$results{mask(json_of(http('', socket => $_)))}++ for @many;

is(join(',', sort keys %results), '200,429 too_many_requests',
	'60 in a second');
cmp_ok($results{200}, '>=', 50, 'of which 50 are answered');
is(mask(api('GET', "/sessions/$id")), '200', 'others are not concerned');

# the figures

like(http_get('/status'), qr/"sessions": [1-9]/, 'status');

my $metrics = http_get('/metrics') =~ s/.*?\r\n\r\n//sr;

like($metrics, qr/^sfu_sessions_created\{worker="[0-9a-f]{8}"\} \d/m,
	'in metrics');
like($metrics, qr/^sfu_loop_sessions\{worker="[0-9a-f]{8}",loop="0"\} \d/m,
	'of a loop');
is(join(',', grep { my $name = $_; $metrics !~ /^# TYPE \Q$name\E /m
	&& $name !~ /_(bucket|sum|count)$/ } $metrics =~ /^(sfu_\w+)/mg), '',
	'all names are explained');

###############################################################################

sub new_session {
	return api('POST', '/sessions/new', undef, @_)->{json}{sessionId};
}

sub tracks {
	my ($session, $description, @tracks) = @_;

	return api('POST', "/sessions/$session/tracks/new", {
		$description ? (sessionDescription => $description) : (),
		tracks => \@tracks });
}

sub local_track {
	my ($name, $mid) = @_;

	return { location => 'local', trackName => $name, mid => "$mid" };
}

sub remote_track {
	my ($session, $name) = @_;

	return { location => 'remote', sessionId => $session,
		trackName => $name };
}

# "true offer 0,1": the flag, the type, and the sections

sub flags {
	my ($r) = @_;

	my $flag = $r->{json}{requiresImmediateRenegotiation};

	return join ' ', !JSON::PP::is_bool($flag) ? 'none'
		: $flag ? 'true' : 'false', sdp_of($r) || ();
}

sub sdp_of {
	my ($r) = @_;

	my $description = $r->{json}{sessionDescription} or return '';

	return "$description->{type} " . join ',',
		$description->{sdp} =~ /^a=mid:(\S+)\r$/mg;
}

###############################################################################
