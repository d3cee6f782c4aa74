#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams: who may connect, and who may ask.  Numbers are those
# of docs/kvs.md: 2 to 5, 7 to 10, 13, 14, 54, 58.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use POSIX qw/ strftime /;

use Test::Nginx;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_v2/);

$t->write_file_expand('nginx.conf', kvs_conf(location => hush(),
	server => 'listen 127.0.0.1:8081 http2;', http => <<'EOF'));
    sfu_access_key TEMPORARY secret=other account=123456789012 token=tok/en+x=
                   expires=20990101T000000Z;
    sfu_access_key PAST secret=other account=123456789012 token=old
                   expires=1700000000;
    sfu_access_key WATCHER secret_file=watcher account=123456789012
                   allow=kinesisvideo:ConnectAsViewer,Describe*
                   allow=JoinStorageSessionAsViewer
                   resource=arn:aws:kinesisvideo:*:channel/cam/*;
    sfu_access_key FAR secret=far account=123456789012 region=eu-west-1;
    sfu_access_key OTHER secret=other account=210987654321;
    sfu_access_key ELSEWHERE secret=other account=123456789012 app=none;
EOF

$t->write_file('watcher', "watch-me\n");
chmod 0600, $t->testdir() . '/watcher';

my $worker = real_worker($t, 'worker', '--store', $t->testdir() . '/store.db');
plan(skip_all => 'no worker') unless $worker;

$t->plan(81)->run();
wait_up($t);

my $arn = create('cam');
my $other = create('other');

like($arn, qr!^arn:aws:kinesisvideo:us-east-1:123456789012:channel/cam/\d{13}$!,
	'an ARN that cameras accept');

###############################################################################

# kvs 2, 13: an accepted one, and what must not be

ok(master($arn), 'a master');
ok(viewer($arn, 'me'), 'a viewer');
ok(viewer($arn, 'me', host => 'localhost:8443',
	headers => { Host => 'localhost:8443' }), 'with a port');
ok(viewer($arn, 'me', headers => { Host => 'localhost:8443' }),
	'who has signed without it');
ok(viewer($arn, 'me', host => 'localhost:443'), 'who has signed 443');
ok(viewer($arn, 'me', change => sub { $_[0] =~ s/%2F/%2f/gr }),
	'encoded anew on the way');
ok(master($arn, args => [ 'X-Amz-ClientId' => 'MASTER' ]),
	'kvs 13: a client id at the address of masters');

# the bare address, where the id decides: 2.2

my $bare = master($arn, path => '/kvs/');
my $guest = viewer($arn, 'guest', path => '/kvs');
$guest->text({ action => 'SDP_OFFER', messagePayload => 'aaaa' });
is(told($bare), 'SDP_OFFER guest:aaaa', 'one address for both roles');

for (
	[ 'a digit of the signature', 'InvalidSignatureException', change =>
		sub { $_[0] =~ s/(Signature=.)(.)/$1 . ($2 eq '0' ? 1 : 0)/er } ],
	[ 'another viewer', 'InvalidSignatureException',
		change => sub { $_[0] =~ s/Id=me/Id=you/r } ],
	[ 'a viewer as master', 'InvalidSignatureException',
		change => sub { $_[0] =~ s!/kvs/v!/kvs/m!r } ],
	[ 'another path for the same', 'InvalidSignatureException',
		change => sub { $_[0] =~ s!/kvs/v!/kvs//v!r } ],
	[ 'another host', 'InvalidSignatureException', host => 'example' ],
	[ 'another secret', 'InvalidSignatureException', secret => 'x' ],
	[ 'another service', 'IncompleteSignatureException',
		service => 'execute-api' ],
	[ 'a region in large letters', 'IncompleteSignatureException',
		region => 'US-EAST-1' ],
	[ 'another day in the scope', 'IncompleteSignatureException',
		change => sub { $_[0] =~ s!DEMO%2F\d{8}!DEMO%2F20250101!r } ],
	[ 'no signature', 'MissingAuthenticationTokenException',
		change => sub { $_[0] =~ s/\?.*//r } ],
	[ 'half of one', 'IncompleteSignatureException',
		change => sub { $_[0] =~ s/&X-Amz-Date=[^&]*//r } ],
	[ 'an unknown key', 'UnrecognizedClientException', id => 'NOBODY' ],
	[ 'a token nobody asked for', 'UnrecognizedClientException',
		token => 'x' ],
	[ 'a key of another region', 'AccessDeniedException', id => 'FAR',
		secret => 'far' ],
	[ 'a key of another app', 'AccessDeniedException', id => 'ELSEWHERE',
		secret => 'other' ],
	[ 'a key of another account', 'AccessDeniedException', id => 'OTHER',
		secret => 'other' ],

	# kvs 3, 4

	[ 'the future', 'InvalidSignatureException', skew => 400 ],
	[ 'the past', 'InvalidSignatureException', skew => -400 ],
	[ 'expires at once', 'IncompleteSignatureException', expires => 0 ],
	[ 'after more than a week', 'IncompleteSignatureException',
		expires => 604801 ],

	# kvs 5

	[ 'a token is missing', 'UnrecognizedClientException',
		id => 'TEMPORARY', secret => 'other' ],
	[ 'is another', 'UnrecognizedClientException', id => 'TEMPORARY',
		secret => 'other', token => 'tok/en+x' ],
	[ 'has ended', 'ExpiredTokenException', id => 'PAST',
		secret => 'other', token => 'old' ],

	# kvs 7

	[ 'not this channel', 'AccessDeniedException', id => 'WATCHER',
		secret => 'watch-me', arn => $other ],
)
{
	my ($what, $error, %options) = @$_;

	my $ws = viewer($options{arn} || $arn, 'me', %options);
	is($ws ? 'accepted' : refused(), "403 $error", "refused: $what");
}

ok(viewer($arn, 'me', skew => -400, expires => 604800), 'valid for a week');
ok(viewer($arn, 'me', id => 'TEMPORARY', secret => 'other',
	token => 'tok/en+x='), 'kvs 5: with its token');
ok(viewer($arn, 'me', id => 'WATCHER', secret => 'watch-me'),
	'kvs 7: a viewer only');
master($arn, id => 'WATCHER', secret => 'watch-me');
is(refused(), '403 AccessDeniedException', 'kvs 7: and no master');

# kvs 3: words that clients look for, and a clock to set theirs by

viewer($arn, 'me', skew => 400);
my $r = json_of($@);
like($r->{json}{message}, qr/Signature not yet current: \d{8}T\d{6}Z is /,
	'kvs 3: not yet');
like($r->{headers}{date}, qr/ GMT$/, 'kvs 3: Date');
viewer($arn, 'me', skew => -400);
$r = json_of($@);
like($r->{json}{Message},
	qr/Signature expired: \d{8}T\d{6}Z is now earlier than /,
	'kvs 3: no more');
like($r->{headers}{'x-amzn-requestid'},
	qr/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'an id of the request');
is($r->{json}{__type}, 'InvalidSignatureException', 'the name, once more');

# kvs 8, 9

for (
	[ 'no ARN', undef, '400 InvalidArgumentException' ],
	[ 'none', 'arn:x', '400 InvalidArgumentException' ],
	[ 'too long a one', $arn . '0' x 1024, '400 InvalidArgumentException' ],
	[ 'of another account', $arn =~ s/1234/4321/r,
		'403 AccessDeniedException' ],
	[ 'of another region', $arn =~ s/east/west/r,
		'403 AccessDeniedException' ],
	[ 'of another time', substr($arn, 0, -1) . (substr($arn, -1) ^ 1),
		'404 ResourceNotFoundException' ],
	[ 'of any time', $arn =~ s!/\d+$!/0!r,
		'404 ResourceNotFoundException' ],
	[ 'of a stream', $arn =~ s/channel/stream/r,
		'404 ResourceNotFoundException' ],
	[ 'of another partition', $arn =~ s/aws/aws-cn/r,
		'404 ResourceNotFoundException' ],
	[ 'of nobody', $arn =~ s/cam/nobody/r,
		'404 ResourceNotFoundException' ],
)
{
	my ($what, $of, $error) = @$_;

	my $ws = master($of);
	is($ws ? 'accepted' : refused(), $error, "kvs 8, 9: $what");
}

for my $id (undef, '', 'x' x 257, 'a b', 'AWS_x', 'aws_x') {
	my $ws = viewer($arn, $id);
	is($ws ? 'accepted' : refused(), '400 InvalidArgumentException',
		'kvs 10: id ' . (defined $id ? substr $id, 0, 8 : 'none'));
}

ok(viewer($arn, 'aZ0-_.' . 'x' x 250), 'kvs 10: 256 characters');

# an argument twice; no upgrade

viewer($arn, 'me', change => sub { "$_[0]&X-Amz-ClientId=me" });
is(refused(), '400 InvalidArgumentException', 'two client ids');

$r = json_of(http('GET ' . presign('/kvs/m') . " HTTP/1.1\r\n"
	. "Host: localhost\r\nConnection: close\r\n\r\n"));
is(kvs_error($r), '426 UnknownOperationException', 'no upgrade');

# kvs 14

my $ws = master($arn, headers => { 'Sec-WebSocket-Protocol' => 'wss',
	'Sec-WebSocket-Extensions' => 'permessage-deflate' });
unlike($ws->head(), qr/^Sec-WebSocket-(Protocol|Extensions)/mi, 'kvs 14: neither is named');

###############################################################################

# requests: kvs 54, 58

my %describe = (ChannelName => 'cam');

is(kvs_error(kvs('describeSignalingChannel', \%describe)), '200', 'signed');
is(kvs_error(kvs('describeSignalingChannel', \%describe, anonymous => 1)),
	'403 MissingAuthenticationTokenException', 'not signed');
is(kvs_error(kvs('describeSignalingChannel', \%describe,
	altered => '{"ChannelName":"bam"}')), '403 InvalidSignatureException',
	'kvs 58: another body');
is(kvs_error(kvs('describeSignalingChannel', \%describe,
	unsigned => { 'x-amz-content-sha256' => 'UNSIGNED-PAYLOAD' })),
	'403 InvalidSignatureException', 'kvs 58: another hash');
is(kvs_error(kvs('describeSignalingChannel', \%describe, skew => 400)),
	'403 InvalidSignatureException', 'from the future');
is(kvs_error(kvs('deleteSignalingChannel', { ChannelARN => $arn },
	id => 'WATCHER', secret => 'watch-me')), '401 AccessDeniedException',
	'what the key may not');
is(kvs_error(kvs('describeSignalingChannel', { ChannelName => 'other' },
	id => 'WATCHER', secret => 'watch-me')), '401 AccessDeniedException',
	'nor to another channel');
is(kvs_error(kvs('describeSignalingChannel', \%describe, id => 'WATCHER',
	secret => 'watch-me')), '200', 'what it may');

# viewers written in C ask at the masters' address, with their id

for (
	[ 'a viewer', 'joinStorageSession', { clientId => 'me' },
		'400 InvalidArgumentException' ],
	[ 'a viewer by name', 'joinStorageSessionAsViewer',
		{ clientId => 'me' }, '400 InvalidArgumentException' ],
	[ 'a master', 'joinStorageSession', {}, '403 AccessDeniedException' ],
)
{
	my ($what, $operation, $body, $error) = @$_;

	is(kvs_error(kvs($operation, { channelArn => $arn, %$body },
		id => 'WATCHER', secret => 'watch-me')), $error,
		"storage there is not: $what");
}

$r = kvs('describeSignalingChannel', "{\n\t\"ChannelName\": \"cam\"\n}",
	headers => { 'user-agent' => 'AWS-WEBRTC-KVS-AGENT/1.0 Test' },
	unsigned => { 'x-amz-security-token' => 'tok/en+x=' },
	id => 'TEMPORARY', secret => 'other');
is(kvs_error($r), '200', 'kvs 54: as clients in C sign');
is($r->{headers}{'content-length'}, length $r->{body}, 'kvs 54: its length');

# "Date" is as good as "X-Amz-Date"

is(kvs_error(kvs('describeSignalingChannel', \%describe,
	http_date => strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime))), '200',
	'the date of HTTP');

# another implementation of it, over HTTP/1.1 and HTTP/2

SKIP: {
	skip 'no curl', 4 unless grep { -x "$_/curl" } split /:/, $ENV{PATH};

	for my $options ('', '--http2-prior-knowledge') {
		like(curl('AKIADEMO:demo-secret', $options),
			qr/"ChannelName":"cam".* 200$/s, "curl $options");
		like(curl('AKIADEMO:secret', $options),
			qr/InvalidSignatureException.* 403$/s,
			"curl with another secret $options");
	}
}

# what is too large is said to those only who have a key

is(kvs_error(kvs('createSignalingChannel', 'x' x 65537)),
	'413 RequestEntityTooLargeException', 'a large body');

###############################################################################

sub curl {
	my ($user, $options) = @_;

	my $port = port($options ? 8081 : 8080);

	return `curl -sS -m 10 $options -w ' %{http_code}' --user $user \\
		--aws-sigv4 aws:amz:us-east-1:kinesisvideo \\
		-H 'Content-Type: application/json' \\
		--data '{"ChannelName":"cam"}' \\
		http://127.0.0.1:$port/kvs/describeSignalingChannel 2>&1`;
}

###############################################################################
