#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Metered's calls against the real worker, with the descriptions of a browser
# that never connects: media is for t/browser/metered.test.mjs.  Numbers are
# those of docs/metered.md, section 11.

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

my $secret = 'a+b/c==';

my $t = Test::Nginx->new()->has(qw/http rewrite/)->plan(190)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF',
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret;
sfu_app other secret=a+b/c==;
EOF
	main => 'worker_processes 2;', server => <<'EOF'));

        location /api/sfu/ {
            sfu_api metered;
            sfu_body_max 64k;
        }

        location /denied/ {
            sfu_api metered;
            deny all;
        }
EOF

my $worker = real_worker($t, 'worker', '--requests-per-second', 1000)
	or plan(skip_all => 'no sfu-worker');
$t->run();
wait_up($t, 2);

my $json = JSON::PP->new->canonical;

###############################################################################

# 1: authentication

my @endpoints = (
	[ POST => '/session/new' ],
	[ POST => '/session/' . '0' x 32 . '/track/publish' ],
	[ POST => '/session/' . '0' x 32 . '/track/subscribe' ],
	[ PUT => '/session/' . '0' x 32 . '/renegotiate' ],
	[ POST => '/session/' . '0' x 32 . '/track/close' ],
	[ GET => '/sessions' ],
	[ GET => '/session/' . '0' x 32 . '/tracks' ],
);

for (@endpoints) {
	my ($method, $path) = @$_;
	my $body = $method eq 'GET' ? undef : '{}';

	my @got = map { refused(metered($method, $path, $body, %$_)) }
		{ secret => undef }, { secret => 'wrong' },
		{ app => 'nobody' },
		{ secret => undef, headers => "Authorization: demo-secret\r\n" };

	is_deeply(\@got, [ ('401 unauthorized') x 4 ],
		"1: $method $path without a secret");
}

is(metered('GET', '/sessions', undef, secret => undef)
	->{headers}{'www-authenticate'}, 'Bearer realm="sfu"',
	'1: what is asked for');
is(metered('GET', '/sessions', undef, secret => undef,
	headers => "Authorization: bearer demo-secret\r\n")->{status}, 200,
	'1: the case of the scheme');

# 2

is(metered('GET', '/sessions', undef, app => 'other', secret => $secret)
	->{status}, 200, '2: a secret of base64');

# 3: preflight

for (@endpoints) {
	my $r = metered('OPTIONS', $_->[1], undef, secret => undef, headers =>
		"Access-Control-Request-Headers: authorization,content-type\r\n"
		. "Access-Control-Request-Method: $_->[0]\r\n");

	is("$r->{status} $r->{headers}{'access-control-allow-headers'}",
		'204 authorization,content-type', "3: preflight of $_->[1]");
}

is(metered('PUT', '/none', undef)->{headers}{'access-control-allow-origin'},
	'*', '3: errors can be read');

# 5: paths, methods, bodies

for my $path ('', '/', '/session', '/session/new/', '/session/new/x',
	'/sessions/', '/sessions/x', '/track', '/session/' . '0' x 32 . '/x',
	'/session/' . '0' x 32 . '/track', '/session/' . '0' x 32 . '/')
{
	is(refused(metered('GET', $path)), '404 not_found',
		"5: no such path: '$path'");
}

my $bad = metered('GET', '/session/new');
is(refused($bad), '405 method_not_allowed', '5: no such method');
is($bad->{headers}{allow}, 'POST, OPTIONS', '5: which there are');
is(refused(metered('PUT', '/sessions', '{}')), '405 method_not_allowed',
	'5: of a list');
is(refused(metered('POST', '/session/new', '{"a":1')), '400 invalid_json',
	'5: half a body');
is(refused(metered('POST', '/session/new', '{"a":1,"a":2}')),
	'400 invalid_json', '5: a member twice');
is(refused(metered('POST', '/session/new', '[]')), '400 invalid_json',
	'5: no object');
is(refused(metered('POST', '/session/new', '')), '400 invalid_json',
	'5: no body');
is(refused(metered('POST', '/session/new', '{}')), '400 missing_field',
	'5: no description');
is(refused(metered('POST', '/session/new', { sessionDescription => 'x' x
	70000 })), '413 body_too_large', 'a body that is too large');
is(refused(metered('GET', '/sessions', undef, prefix => '/denied/demo')),
	'403 forbidden', 'what nginx refuses is told in JSON');

# 6, 7: create

my $r = metered('POST', '/session/new', { sessionDescription => offer(
	[audio => 0, 'sendrecv', 'mic'], [video => 1, 'sendonly', 'cam']),
	metadata => 'room 1' });

is($r->{status}, 200, '6: create is 200');
is($r->{type}, 'application/json', '6: of JSON');
is(join(',', sort keys %{$r->{json}}), 'sessionDescription,sessionId',
	'6: with two members');
is($r->{json}{sessionDescription}{type}, 'answer', '6: an answer');
is(directions($r), 'recvonly,recvonly', '7: to what may be sent');
like($r->{json}{sessionDescription}{sdp},
	qr/\r\na=candidate:.*\r\na=end-of-candidates\r\n/s, 'all candidates');

my $a = $r->{json}{sessionId};

is(directions(create({}, [video => 0, 'recvonly'])), 'inactive',
	'7: a section that receives');
is(directions(create({}, [video => 0, 'sendrecv'])), 'recvonly',
	'7: a bare transceiver');

$r = create({});
is($r->{status}, 200, '7: an offer without m-sections');
unlike($r->{json}{sessionDescription}{sdp}, qr/^m=|BUNDLE/m,
	'7: is answered without any');
my $empty = $r->{json}{sessionId};

# 9, 5: forms of the description

my $offer = offer([audio => 0, 'sendrecv', 'mic']);

for (
	[ 'an object', $offer, 200 ],
	[ 'an object without type', { sdp => $offer->{sdp} }, 200 ],
	[ 'SDP', $offer->{sdp}, 200 ],
	[ 'SDP of bare LF', $offer->{sdp} =~ s/\r//gr, 200 ],
	[ 'JSON in a string', $json->encode($offer), 200 ],
	[ 'an answer', { %$offer, type => 'answer' }, '400 invalid_field' ],
	[ 'an answer in a string',
		$json->encode({ %$offer, type => 'answer' }),
		'400 invalid_field' ],
	[ 'pranswer', { %$offer, type => 'pranswer' }, '400 invalid_field' ],
	[ 'rollback', { %$offer, type => 'rollback' }, '400 invalid_field' ],
	[ 'null', undef, '400 missing_field' ],
	[ 'a number', 1, '400 invalid_field' ],
	[ 'an object without sdp', { type => 'offer' }, '400 missing_field' ],
	[ 'an empty string', '', '400 invalid_sdp' ],
	[ 'garbage', 'garbage', '400 invalid_sdp' ],
	[ 'garbage in an object', { type => 'offer', sdp => "v=0\r\nx" },
		'400 invalid_sdp' ],
	[ 'a list in a string', '[]', '400 invalid_sdp' ],
)
{
	my ($what, $form, $result) = @$_;

	$r = metered('POST', '/session/new', { sessionDescription => $form });
	is($result eq 200 ? $r->{status} : refused($r), $result,
		"9: $what");
}

# 8: metadata

is(refused(metered('POST', '/session/new', { sessionDescription => $offer,
	metadata => 1 })), '400 invalid_field', '8: metadata is a string');
is(refused(metered('POST', '/session/new', { sessionDescription => $offer,
	metadata => 'x' x 1025 })), '400 invalid_field', '8: of 1 KiB');
is(metered('POST', '/session/new', { sessionDescription => $offer,
	metadata => 'x' x 1024 })->{status}, 200, '8: indeed');

my %sessions = map { $_->{sessionId} => $_ }
	@{metered('GET', '/sessions')->{json}};

is_deeply($sessions{$a}, { sessionId => $a, sfuAppId => 'demo',
	metadata => 'room 1', connectionState => 'connecting' },
	'32: the list has four members');
is($sessions{$empty}{connectionState}, 'new',
	'7: without m-sections it stays new');
is($sessions{$empty}{metadata}, '', '8: metadata that was not given');

# 16, 10

is_deeply(metered('GET', "/session/$a/tracks")->{json}, [],
	'16: nothing is published by create');

my $full = offer([audio => 0, 'sendrecv', 'mic'],
	[video => 1, 'sendonly', 'cam']);

$r = publish($a, $full, { trackId => 'cam', mid => '1',
	customTrackName => 'userA-video', sessionId => $a, extra => {} });
is($json->encode({ %{$r->{json}}, sessionDescription => 1 }),
	$json->encode({ sessionId => $a, success => JSON::PP::true,
	sessionDescription => 1 }), '10: publish');
is($r->{status}, 200, '13: with members that nobody knows');
is($r->{json}{sessionDescription}{type}, 'answer', '10: is answered');
is_deeply(listed($a), [ { sessionId => $a, sfuAppId => 'demo',
	trackId => 'cam', customTrackName => 'userA-video', mid => '1',
	trackKind => 'video' } ], '10: it is listed at once');

# 15: the same offer again

$r = publish($a, $full, { trackId => 'mic', mid => '0' });
is($r->{status}, 200, '15: one more with the same offer');
is(tracks($a), 'cam 1 video userA-video,mic 0 audio ',
	'15: both once, 13: without a label');

publish($a, $full, { trackId => 'cam', mid => 1,
	customTrackName => 'again' });
is(tracks($a), 'cam 1 video again,mic 0 audio ',
	'15: published again with another label and a number as mid');

my $both = id(create({}, [audio => 0, 'sendonly', 'm'],
	[video => 1, 'sendonly', 'c']));
publish($both, offer([audio => 0, 'sendonly', 'm'],
	[video => 1, 'sendonly', 'c']), { trackId => 'm', mid => '0' },
	{ trackId => 'c', mid => '1' });
is(tracks($both), 'c 1 video ,m 0 audio ', '15: two in one call');

# 35: any nginx process tells the same

is(join(';', map { tracks($both) } 1 .. 8),
	join(';', ('c 1 video ,m 0 audio ') x 8), '35: from all processes');

# 11, 12, 14: mids

for (
	[ 'empty', '' ], [ 'null', undef ], [ 'of no section', '99' ],
	[ 'absent' ],
)
{
	my ($what, @mid) = @$_;
	my $s = id(create({}, [audio => 'x', 'sendonly', 'm'],
		[video => 'y', 'sendonly', 'c']));

	publish($s, offer([audio => 'x', 'sendonly', 'm'],
		[video => 'y', 'sendonly', 'c']),
		{ trackId => 'c', @mid ? (mid => $mid[0]) : () });
	is(tracks($s), 'c y video ', "11: mid $what");
}

my $s = id(create({}, [audio => 0, 'sendonly', '{r1}'],
	[video => 1, 'sendonly', '{r2}']));
my $random = offer([audio => 0, 'sendonly', '{r1}'],
	[video => 1, 'sendonly', '{r2}']);

publish($s, $random, { trackId => 'real', mid => '1' });
is(tracks($s), 'real 1 video ', '12: a track that was replaced, by its mid');

$r = publish($s, $random, { trackId => 'last' });
is(tracks($s), 'last 0 audio ,real 1 video ', 'the one that is left');

$s = id(create({}));
my $two = offer([audio => 0, 'sendonly', 'm'], [audio => 1, 'sendonly', 'n']);

is(refused(publish($s, $two, { trackId => 'x', mid => '9' })),
	'400 track_not_in_sdp', '14: which of two?');
is(refused(publish($s, offer(map { [audio => $_, 'sendonly', "t$_"] } 0 .. 2),
	{ trackId => 't0' }, { trackId => 'x' })), '400 track_not_in_sdp',
	'14: all or nothing');
is(tracks($s), '', '14: nothing is published');
$sessions{$_->{sessionId}} = $_ for @{metered('GET', '/sessions')->{json}};
is($sessions{$s}{connectionState}, 'new', '14: nor negotiated');
is(refused(publish($s, $two, { trackId => 'm' }, { trackId => 'm' })),
	'400 invalid_field', 'a track twice');
is(refused(publish($s, $two, { trackId => 'm', mid => '0' },
	{ trackId => 'q', mid => '0' })), '400 invalid_field',
	'two for one section');
is(publish($s, $two, { trackId => 'm' }, { trackId => 'n' })->{status}, 200,
	'and then right');

for (
	[ 'no tracks', { sessionDescription => $two }, 'missing_field' ],
	[ 'an empty list', { sessionDescription => $two, tracks => [] },
		'invalid_field' ],
	[ '65 tracks', { sessionDescription => $two,
		tracks => [ map { { trackId => "t$_" } } 1 .. 65 ] },
		'invalid_field' ],
	[ 'no list', { sessionDescription => $two, tracks => {} },
		'invalid_field' ],
	[ 'no objects', { sessionDescription => $two, tracks => [ 1 ] },
		'invalid_field' ],
	[ 'no id', { sessionDescription => $two, tracks => [ {} ] },
		'missing_field' ],
	[ 'an empty id', { sessionDescription => $two,
		tracks => [ { trackId => '' } ] }, 'invalid_field' ],
	[ 'a number as id', { sessionDescription => $two,
		tracks => [ { trackId => 1 } ] }, 'invalid_field' ],
	[ 'a label that is none', { sessionDescription => $two,
		tracks => [ { trackId => 'm', customTrackName => 1 } ] },
		'invalid_field' ],
	[ 'a mid that is none', { sessionDescription => $two,
		tracks => [ { trackId => 'm', mid => [] } ] },
		'invalid_field' ],
	[ 'no description', { tracks => [ { trackId => 'm' } ] },
		'missing_field' ],
)
{
	my ($what, $body, $code) = @$_;

	is(refused(metered('POST', "/session/$s/track/publish", $body)),
		"400 $code", "publish: $what");
}

is(refused(publish('0' x 32, $two, { trackId => 'm' })),
	'404 session_not_found', 'publish on no session');
is(refused(publish('nonsense', $two, { trackId => 'm' })),
	'404 session_not_found', 'publish on nonsense');

# another track on a section, the same track on another

$s = id(create({}, [audio => 0, 'sendonly', 'm']));
publish($s, offer([audio => 0, 'sendonly', 'm']), { trackId => 'm' });
publish($s, offer([audio => 0, 'sendonly', 'n']),
	{ trackId => 'n', mid => '0' });
is(tracks($s), 'n 0 audio ', 'a section has the track that came last');
publish($s, offer([audio => 0, 'recvonly'], [audio => 1, 'sendonly', 'n']),
	{ trackId => 'n' });
is(tracks($s), 'n 1 audio ', 'a track is where it was published last');

# 17, 18: subscribe

my $b = id(create({}, [video => 0, 'sendrecv', 'random']));

$r = subscribe($b, $a, 'cam');
is($r->{status}, 200, '17: subscribe');
is($r->{json}{success}, JSON::PP::true, '17: success');
is($r->{json}{sessionId}, $b, '17: whose');
is($r->{json}{sessionDescription}{type}, 'offer', '17: an offer');
like($r->{json}{sessionDescription}{sdp}, qr/^a=msid:$a cam\r$/m,
	'18: it names session and track');
like(mids($r->{json}{sessionDescription}), qr/^0,\d+$/,
	'17: behind what there was');

my $first = $r->{json}{sessionDescription};

# 24, 22: again, and more, without an answer between

$r = subscribe($b, $a, 'cam');
is(mids($r->{json}{sessionDescription}), mids($first), '24: one section');
isnt(version($r->{json}{sessionDescription}), version($first),
	'22: of a newer version');

my $older = $r->{json}{sessionDescription};

$r = subscribe($b, $a, 'mic', $a, 'mic');
my $newest = $r->{json}{sessionDescription};
is(index(mids($newest), mids($first) . ','), 0, '22: a larger offer');
is(scalar(split(/,/, mids($newest))), 3, '24: by one section');

# 20: renegotiate

is(refused(metered('POST', "/session/$b/renegotiate", {})),
	'405 method_not_allowed', '20: POST');
is(refused(metered('PUT', "/session/$b/renegotiate", {})),
	'400 missing_field', '20: nothing');
is(refused(renegotiate($b, { type => 'answer', sdp => "v=0\r\nx" })),
	'400 invalid_sdp', '20: garbage');
is(refused(renegotiate($b, 'garbage')), '400 invalid_sdp',
	'20: garbage as a string');
is(refused(renegotiate($b, answer_to($older, 'recvonly'))),
	'400 invalid_sdp', 'an answer to an older offer');
is(refused(renegotiate('0' x 32, answer_to($newest))),
	'404 session_not_found', '20: on no session');

my $answer = answer_to($newest, 'recvonly');

$r = renegotiate($b, $answer);
is($r->{body}, qq!{"sessionId":"$b","success":true}!,
	'19: an answer as object; the body is JSON');
is(renegotiate($b, $answer)->{status}, 200, 'the same answer again');
is(renegotiate($b, $answer->{sdp})->{status}, 200, 'as a string, too');
is(refused(renegotiate($b, { %$answer, sdp => $answer->{sdp} =~
	s/ 2 IN/ 3 IN/r })), '409 no_pending_offer',
	'20: another one with nothing pending');

# 19: forms of the answer

for my $form (
	[ 'SDP', sub { $_[0]{sdp} } ],
	[ 'JSON in a string', sub { $json->encode($_[0]) } ],
	[ 'an object without type', sub { { sdp => $_[0]{sdp} } } ],
)
{
	my $s = id(create({}, [video => 0, 'recvonly']));
	my $r = subscribe($s, $a, 'cam');

	$r = renegotiate($s, $form->[1]->(answer_to(
		$r->{json}{sessionDescription}, 'recvonly')));
	is("$r->{status} " . ($r->{json}{success} ? 'ok' : ''), '200 ok',
		"19: an answer as $form->[0]");
	ok(!exists $r->{json}{sessionDescription}, '19: which it is');
}

# 6.1: what the answer refuses is dropped, and can be had again

for my $refusal ('inactive', 'port 0') {
	my $s = id(create({}, [video => 0, 'recvonly']));
	my $r = subscribe($s, $a, 'cam');
	my $answer = answer_to($r->{json}{sessionDescription},
		$refusal eq 'inactive' ? $refusal : 'recvonly');

	$answer->{sdp} =~ s/(.*)^m=video 9/$1m=video 0/ms if $refusal ne 'inactive';
	$answer->{sdp} =~ s/(BUNDLE \d+) \d+/$1/ if $refusal ne 'inactive';
	is(renegotiate($s, $answer)->{status}, 200, "an answer with $refusal");
	is_deeply(api('GET', "/sessions/$s")->{json}{tracks}, [],
		'unsubscribes');
	like(subscribe($s, $a, 'cam')->{json}{sessionDescription}{sdp},
		qr/^a=msid:$a cam\r$/m, 'until it is asked for again');
}

# 28: an offer

$r = renegotiate($a, $full);
is($r->{status}, 200, '28: an offer');
is($r->{json}{sessionDescription}{type}, 'answer', '28: is answered');
is(tracks($a), 'cam 1 video again,mic 0 audio ', '28: nothing has ended');

$r = renegotiate($a, { sdp => $full->{sdp} =~ s/sendonly/inactive/gr });
is(tracks($a), 'cam 1 video again,mic 0 audio ',
	'a track that is paused is still there');
renegotiate($a, $full->{sdp});

# 23, 4: what is not there

is(refused(subscribe($b, $a, 'gone')), '404 track_not_found',
	'23: no such track');
is(refused(subscribe($b, '0' x 32, 'cam')), '404 track_not_found',
	'23: no such session');
is(refused(subscribe($b, 'x' x 129, 'cam')), '400 invalid_field',
	'23: an id that is too long');
is(refused(subscribe($b, $a, 'cam', $a, 'gone')), '404 track_not_found',
	'23: half of it');
is(refused(subscribe('0' x 32, $a, 'cam')), '404 session_not_found',
	'subscribe on no session');
is(subscribe($b, $a, 'cam')->{status}, 200, '23: the session can be used');

my %other = (app => 'other', secret => $secret);
my $o = id(metered('POST', '/session/new', { sessionDescription => $offer },
	%other));

is(refused(metered('GET', "/session/$a/tracks", undef, %other)),
	'404 session_not_found', '4: a session of another app');
is(refused(metered('POST', "/session/$o/track/subscribe", { tracks =>
	[ { remoteSessionId => $a, remoteTrackId => 'cam' } ] }, %other)),
	'404 track_not_found', '4: its tracks');
is(join(',', map { $_->{sessionId} } @{metered('GET', '/sessions', undef,
	%other)->{json}}), $o, '4: its list');

# 25: echo

$r = subscribe($a, $a, 'cam');
like($r->{json}{sessionDescription}{sdp}, qr/^a=msid:$a cam\r$/m,
	'25: a track of its own');

# 29: publish while that is pending; the subscription waits

$r = publish($a, $full, { trackId => 'cam' });
is($r->{status}, 200, '29: publish in between');
is(mids($r->{json}{sessionDescription}), '0,1', '29: nothing is added');
$r = subscribe($a, $a, 'mic');
is(scalar(split(/,/, mids($r->{json}{sessionDescription}))), 4,
	'29: both are offered');
like($r->{json}{sessionDescription}{sdp}, qr/^a=msid:$a cam\r$/m,
	'29: the first again');
is(renegotiate($a, answer_to($r->{json}{sessionDescription}, 'recvonly'))
	->{status}, 200, '29: and answered');

# 30, 31: close

$r = metered('POST', "/session/$both/track/close",
	{ tracks => [ { trackId => 'm' }, { trackId => 'none' } ],
	sessionDescription => offer([audio => 0, 'recvonly'],
	[video => 1, 'sendonly', 'c']) });
is(refused($r), '404 track_not_found', '31: an unknown track');
is(tracks($both), 'c 1 video ,m 0 audio ', '31: nothing has changed');

my $viewer = id(create({}, [audio => 0, 'recvonly']));
$r = subscribe($viewer, $both, 'm', $both, 'c');
renegotiate($viewer, answer_to($r->{json}{sessionDescription}, 'recvonly'));

$r = metered('POST', "/session/$both/track/close",
	{ tracks => [ { trackId => 'm' } ], sessionDescription => offer(
	[audio => 0, 'recvonly'], [video => 1, 'sendonly', 'c']) });
is($json->encode({ %{$r->{json}}, sessionDescription => 1 }),
	$json->encode({ sessionId => $both, success => JSON::PP::true,
	sessionDescription => 1 }), '30: close');
is(directions($r), 'inactive,recvonly', '30: with an answer');
is(tracks($both), 'c 1 video ', '30: it is gone, the other is not');
is(refused(subscribe($viewer, $both, 'm')), '404 track_not_found',
	'30: for subscribers, too');

$r = subscribe($viewer, $both, 'c');
is(directions($r), 'inactive,inactive,sendonly',
	'what has ended is inactive in the next offer');

is(metered('POST', "/session/$both/track/close", { tracks =>
	[ { trackId => 'c' } ], sessionDescription => offer(
	[audio => 0, 'recvonly'], [video => 1, 'sendrecv', 'c']) })->{status},
	200, 'closed while the offer still sends');
is(tracks($both), '', 'is closed');
is(refused(metered('POST', "/session/$both/track/close", { tracks =>
	[ { trackId => 'c' } ] })), '400 missing_field', 'close has an offer');

# close of a subscription, and the call for it

my $u = id(create({}, [audio => 0, 'recvonly']));
my $reply = subscribe($u, $a, 'cam', $a, 'mic')->{json}{sessionDescription};
renegotiate($u, answer_to($reply, 'recvonly'));
my ($cam, $mic) = (split /,/, mids($reply))[1, 2];

$r = metered('POST', "/session/$u/track/close", { tracks =>
	[ { trackId => 'cam' } ], sessionDescription => offer(
	[audio => 0, 'recvonly'], [video => $cam, 'recvonly'],
	[audio => $mic, 'recvonly']) });
is(directions($r), 'inactive,inactive,sendonly',
	'close of a subscribed track');

$r = metered('POST', "/session/$u/track/unsubscribe", { tracks =>
	[ { remoteSessionId => $a, remoteTrackId => 'mic' } ] });
is($r->{json}{sessionDescription}{type}, 'offer', 'unsubscribe: an offer');
like(directions($r), qr/inactive$/, 'of nothing');
is(refused(metered('POST', "/session/$u/track/unsubscribe", { tracks =>
	[ { remoteSessionId => $a, remoteTrackId => 'mic' } ] })),
	'404 track_not_found', 'unsubscribe: once');

# a track on a section that is used the other way (27)

my $w = id(create({}, [video => 0, 'recvonly']));
my $down = subscribe($w, $a, 'cam')->{json}{sessionDescription};
renegotiate($w, answer_to($down, 'recvonly'));
my ($shared) = mids($down) =~ /,(\d+)$/;

$r = publish($w, offer([video => 0, 'recvonly'],
	[video => $shared, 'sendrecv', 'back']), { trackId => 'back' });
is(directions($r), 'inactive,sendrecv', '27: both ways');
is(tracks($w), "back $shared video ", '27: is published');
metered('POST', "/session/$w/track/close", { tracks =>
	[ { trackId => 'back' } ], sessionDescription => offer(
	[video => 0, 'recvonly'], [video => $shared, 'recvonly']) });
$r = renegotiate($w, offer([video => 0, 'recvonly'],
	[video => $shared, 'recvonly']));
is(directions($r), 'inactive,sendonly', '27: one of them ends alone');

# one model: Cloudflare's calls see it, and the other way round

my $cf = api('POST', '/sessions/new')->{json}{sessionId};
$r = api('POST', "/sessions/$cf/tracks/new", { sessionDescription =>
	offer([video => 0]), tracks => [ { location => 'local',
	trackName => 'by cf', mid => '0' } ] });
is(tracks($cf), 'by cf 0 video ', 'a track of Cloudflare\'s');
$r = subscribe(id(create({}, [video => 0, 'recvonly'])), $cf, 'by cf');
is($r->{status}, 200, 'is subscribed to');
unlike($r->{json}{sessionDescription}{sdp}, qr/by cf/,
	'a name that is no msid is none');
is_deeply([ map { "$_->{location} $_->{trackName}" }
	grep { $_->{location} eq 'local' }
	@{api('GET', "/sessions/$a")->{json}{tracks}} ],
	[ 'local cam', 'local mic' ], 'Metered\'s are seen by Cloudflare\'s');

# deletion

is(metered('DELETE', "/session/$cf")->{body},
	qq!{"sessionId":"$cf","success":true}!, 'a session is deleted');
is(refused(metered('DELETE', "/session/$cf")), '404 session_not_found',
	'once');

# 36: requests of one session at the same time

my $many = id(create({}));
my @names = map { "t$_" } 0 .. 9;
my @sockets = map { http(request_text('POST',
	"/session/$many/track/publish", { sessionDescription => offer(map {
		[audio => $_, 'sendonly', "t$_"] } 0 .. 9),
	tracks => [ { trackId => $_ } ] }, prefix => '/api/sfu/demo'),
	start => 1) } @names;
my @replies = map { json_of(http('', socket => $_)) } @sockets;
is(join(',', map { $_->{status} } @replies), join(',', (200) x 10),
	'36: ten at a time');
is(scalar @{listed($many)}, 10, '36: ten tracks');

# a list that is longer than one message of the worker

for my $i (1 .. 9) {
	my @s = map { http(request_text('POST', '/session/new',
		{ sessionDescription => $offer, metadata => "m$i" },
		prefix => '/api/sfu/other', secret => $secret), start => 1) }
		1 .. 50;
	http('', socket => $_) for @s;
}

my $list = metered('GET', '/sessions', undef, %other)->{json};
my %ids = map { $_->{sessionId} => 1 } @$list;
is(scalar @$list . ' ' . scalar keys %ids, '451 451',
	'all sessions, and each once');

# 34: a session that never connects, at a worker that has no patience; 33 is
# t/browser's

kill 'KILL', $worker;
waitpid $worker, 0;
real_worker($t, 'worker', '--connect-time', '2s');

is(again(sub { create({})->{status} }, 200), 200, '34: another worker');

my $never = id(create({}));

is(again(sub { refused(metered('GET', "/session/$never/tracks")) },
	'404 session_not_found'), '404 session_not_found',
	'34: who never connects is removed');

###############################################################################

# the worker stops: nobody can tell

$t->stop_daemons();

is(again(sub { refused(metered('GET', '/sessions')) }, '503 unavailable'),
	'503 unavailable', 'a list without a worker');
$r = metered('GET', '/sessions');
is($r->{headers}{'retry-after'}, 1, 'when to ask again');

###############################################################################

sub metered {
	my ($method, $path, $body, %options) = @_;

	my $app = delete $options{app} || 'demo';

	return api($method, $path, $body, prefix => "/api/sfu/$app", %options);
}

# "404 track_not_found", when the document is as it should be

sub refused {
	my ($r) = @_;

	my $d = ref $r->{json} eq 'HASH' ? $r->{json} : {};
	my $proper = $r->{type} eq 'application/json'
		&& defined $d->{success} && !$d->{success}
		&& length($d->{message} || '')
		&& join(',', sort keys %$d) eq 'error,message,success';

	return "$r->{status} " . ($proper ? $d->{error} : "? $r->{body}");
}

# asks again until the answer is this one; the last

sub again {
	my ($ask, $wanted) = @_;

	my $got;

	for (1 .. 300) {
		$got = $ask->();
		last if $got eq $wanted;
		select undef, undef, undef, 0.1;
	}

	return $got;
}

sub create {
	my ($more, @sections) = @_;

	return metered('POST', '/session/new', {
		sessionDescription => offer(@sections), %$more });
}

sub id { $_[0]{json}{sessionId} }

sub publish {
	my ($session, $offer, @tracks) = @_;

	return metered('POST', "/session/$session/track/publish",
		{ sessionDescription => $offer, tracks => \@tracks });
}

sub subscribe {
	my ($session, @pairs) = @_;
	my @tracks;

	while (my ($publisher, $track) = splice @pairs, 0, 2) {
		push @tracks, { remoteSessionId => $publisher,
			remoteTrackId => $track };
	}

	return metered('POST', "/session/$session/track/subscribe",
		{ tracks => \@tracks });
}

sub renegotiate {
	my ($session, $description) = @_;

	return metered('PUT', "/session/$session/renegotiate",
		{ sessionDescription => $description });
}

sub listed {
	return metered('GET', "/session/$_[0]/tracks")->{json};
}

sub tracks {
	my $list = listed(@_);

	return join ',', sort map {
		"$_->{trackId} $_->{mid} $_->{trackKind} $_->{customTrackName}"
	} @$list;
}

sub directions {
	return join ',', $_[0]{json}{sessionDescription}{sdp}
		=~ /^a=(sendrecv|sendonly|recvonly|inactive)\r$/mg;
}

sub version {
	my ($version) = $_[0]{sdp} =~ /^o=\S+ \S+ (\d+) /m;

	return $version;
}

###############################################################################
