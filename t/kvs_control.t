#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams: the control plane.  Numbers are those of docs/kvs.md:
# 50 to 57.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Digest::SHA qw/ hmac_sha1_base64 /;
use IO::Socket::INET;
use JSON::PP;

use Test::Coturn;
use Test::Nginx;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $turn = Test::Sfu::media_port();

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(http => <<"EOF",
    sfu_access_key READER secret=read account=123456789012
                   allow=Describe*,List*,GetIceServerConfig
                   resource=arn:aws:kinesisvideo:us-east-1:123456789012:*;
    sfu_access_key ONE secret=one account=123456789012 allow=*
                   resource=arn:*:channel/one/*;
    sfu_access_key SOME secret=some account=123456789012 allow=*
                   resource=arn:*:channel/o*e/1* resource=arn:*:channel/two/0
                   resource=*/channel/7;

    sfu_turn_key home token=x secret=north
                 url=stun:127.0.0.1:$turn
                 url=turn:127.0.0.1:$turn?transport=udp
                 url=turn:turn.example url=turns:turn.example
                 url=turn:[2001:db8::1] url=turns:turn.example:443?transport=udp;
EOF
	location => hush() . ' sfu_ice_servers home 300s; sfu_kvs_channels 60;',
	server => <<'EOF'));
        location /named/ {
            sfu_api kvs demo;
            sfu_kvs_rate off;
            sfu_kvs_endpoint Sfu.Example:443/named/;
        }

        location ~ ^/any/(.*)$ {
            sfu_api kvs demo $1;
            sfu_kvs_rate off;
            sfu_ice_servers off;
        }

        location /slow/ {
            sfu_api kvs demo;
            sfu_kvs_rate change=1:2 channel=1:3 read=1:4 ice=1:1;
        }

        location /denied/ {
            sfu_api kvs demo;
            deny all;
        }
EOF

my $worker = real_worker($t, 'worker', '--store', $t->testdir() . '/store.db');
plan(skip_all => 'no worker') unless $worker;

$t->plan(125)->run();
wait_up($t);

my $json = JSON::PP->new->canonical;

###############################################################################

# a channel's life

my $r = kvs('createSignalingChannel', { ChannelName => 'one',
	ChannelType => 'SINGLE_MASTER',
	SingleMasterConfiguration => { MessageTtlSeconds => 30 },
	Tags => [ { Key => 'a', Value => 'b' } ], Unknown => [ {} ] });

is(kvs_error($r), '200', 'create');
my $arn = $r->{json}{ChannelARN};

for my $by ({ ChannelName => 'one' }, { ChannelARN => $arn },
	{ ChannelName => 'one', ChannelARN => $arn })
{
	$r = kvs('describeSignalingChannel', $by);
	my $info = $r->{json}{ChannelInfo};

	is(join(' ', map { $info->{$_} } qw/ ChannelName ChannelARN
		ChannelType ChannelStatus /),
		"one $arn SINGLE_MASTER ACTIVE", 'describe');
}

my $info = $r->{json}{ChannelInfo};

like($r->{body}, qr/"MessageTtlSeconds":30[,}]/, 'a plain integer');
like($r->{body}, qr/"CreationTime":\d{10}(\.\d{1,3})?,/, 'seconds');
cmp_ok(abs($info->{CreationTime} - time()), '<', 60, 'of now');
like($info->{Version}, qr/^[a-zA-Z0-9]{1,64}$/, 'a version');

is(kvs_error(kvs('updateSignalingChannel', { ChannelARN => $arn,
	CurrentVersion => $info->{Version},
	SingleMasterConfiguration => { MessageTtlSeconds => 31 } })), '200',
	'update');
is(kvs_error(kvs('updateSignalingChannel', { ChannelARN => $arn,
	CurrentVersion => $info->{Version},
	SingleMasterConfiguration => { MessageTtlSeconds => 31 } })),
	'400 VersionMismatchException', 'kvs 51: an old version');
$r = kvs('describeSignalingChannel', { ChannelName => 'one' });
is($r->{json}{ChannelInfo}{SingleMasterConfiguration}{MessageTtlSeconds}, 31,
	'it was updated');
isnt($r->{json}{ChannelInfo}{Version}, $info->{Version}, 'to a new version');

# kvs 51, and others that are refused

for (
	[ 'twice', 'create', { ChannelName => 'one' },
		'400 ResourceInUseException' ],
	[ 'no name', 'create', {}, '400 InvalidArgumentException' ],
	[ 'an empty one', 'create', { ChannelName => '' },
		'400 InvalidArgumentException' ],
	[ 'a space', 'create', { ChannelName => 'a b' },
		'400 InvalidArgumentException' ],
	[ '257', 'create', { ChannelName => 'x' x 257 },
		'400 InvalidArgumentException' ],
	[ 'a number', 'create', { ChannelName => 1 },
		'400 SerializationException' ],
	[ 'a mesh', 'create', { ChannelName => 'x', ChannelType => 'FULL_MESH' },
		'400 InvalidArgumentException' ],
	[ 'TTL 4', 'create', ttl(4), '400 InvalidArgumentException' ],
	[ 'TTL -1', 'create', ttl(-1), '400 InvalidArgumentException' ],
	[ 'TTL 121', 'create', ttl(121), '400 InvalidArgumentException' ],
	[ 'TTL "60"', 'create', ttl('60'), '400 SerializationException' ],
	[ 'TTL 6.5', 'create', ttl(6.5), '400 SerializationException' ],
	[ 'no list', 'create', { ChannelName => 'x', Tags => {} },
		'400 SerializationException' ],
	[ '51 tags', 'create', { ChannelName => 'x', Tags => [ map {
		{ Key => "k$_", Value => '' } } 1 .. 51 ] },
		'400 TagsPerResourceExceededLimitException' ],
	[ 'no JSON', 'create', '{"ChannelName":', '400 SerializationException' ],
	[ 'a list', 'create', '["ChannelName"]', '400 SerializationException' ],
	[ 'neither', 'describe', {}, '400 InvalidArgumentException' ],
	[ 'no body', 'describe', '', '400 InvalidArgumentException' ],
	[ 'another one', 'describe', { ChannelName => 'two', ChannelARN => $arn },
		'400 InvalidArgumentException' ],
	[ 'unknown', 'describe', { ChannelName => 'two' },
		'404 ResourceNotFoundException' ],
	[ 'no ARN', 'describe', { ChannelARN => 'x' },
		'400 InvalidArgumentException' ],
	[ 'not ours', 'describe', { ChannelARN => $arn =~ s/9012/9013/r },
		'401 AccessDeniedException' ],
	[ 'before', 'describe', { ChannelARN => $arn =~ s/\d+$/1700000000000/r },
		'404 ResourceNotFoundException' ],
	[ 'no version', 'update', { ChannelARN => $arn,
		SingleMasterConfiguration => { MessageTtlSeconds => 31 } },
		'400 InvalidArgumentException' ],
	[ 'nothing new', 'update', { ChannelARN => $arn, CurrentVersion => 'a' },
		'400 InvalidArgumentException' ],
	[ 'odd version', 'update', { ChannelARN => $arn, CurrentVersion => '-',
		SingleMasterConfiguration => { MessageTtlSeconds => 31 } },
		'400 InvalidArgumentException' ],
	[ 'old version', 'delete', { ChannelARN => $arn, CurrentVersion => 'a' },
		'400 VersionMismatchException' ],
	[ 'no ARN', 'delete', {}, '400 InvalidArgumentException' ],
)
{
	my ($what, $operation, $body, $error) = @$_;

	is(kvs_error(kvs("${operation}SignalingChannel", $body)), $error,
		"$operation: $what");
}

# elsewhere

for my $prefix ('/kvs/api', '/kvs/r', '/any') {
	is(kvs_error(kvs('describeSignalingChannel', { ChannelName => 'one' },
		prefix => $prefix)), '200', "below $prefix");
}

for (
	[ 'nothing', '/kvs/nothing', 'POST', '404 UnknownOperationException' ],
	[ 'more of it', '/kvs/TagResource/x', 'POST',
		'404 UnknownOperationException' ],
	[ 'in small letters', '/kvs/tagresource', 'POST',
		'404 UnknownOperationException' ],
	[ 'GET', '/kvs/TagResource', 'GET', '405 UnknownOperationException' ],
	[ 'denied', '/denied/TagResource', 'POST', '403 AccessDeniedException' ],
)
{
	my ($what, $path, $method, $error) = @$_;

	is(kvs_error(kvs(substr($path, 1), {}, prefix => '',
		method => $method)), $error, $what);
}

# kvs 49: pages of one

create($_) for qw/ two three x.1 x.2 /;

my ($token, @names);

do {
	$r = kvs('listSignalingChannels', { MaxResults => 1,
		$token ? (NextToken => $token) : () });
	push @names, map { $_->{ChannelName} } @{$r->{json}{ChannelInfoList}};
	$token = $r->{json}{NextToken};
} while ($token && @names < 20);

is("@names", 'one three two x.1 x.2', 'kvs 49: one after another');

$r = kvs('listSignalingChannels', '');
is(scalar @{$r->{json}{ChannelInfoList}}, 5, 'all at once');
ok(!exists $r->{json}{NextToken}, 'and no more');
is($r->{json}{ChannelInfoList}[0]{ChannelARN}, $arn, 'as they are described');

$r = kvs('listSignalingChannels', { ChannelNameCondition => {
	ComparisonOperator => 'BEGINS_WITH', ComparisonValue => 'x' } });
is(join(' ', map { $_->{ChannelName} } @{$r->{json}{ChannelInfoList}}),
	'x.1 x.2', 'by their beginning');

for (
	[ 'none', { MaxResults => 0 }, '400 InvalidArgumentException' ],
	[ 'too many', { MaxResults => 10001 }, '400 InvalidArgumentException' ],
	[ 'no token', { NextToken => 'x x' }, '400 InvalidArgumentException' ],
	[ 'another operator', { ChannelNameCondition => {
		ComparisonOperator => 'IS', ComparisonValue => 'x' } },
		'400 InvalidArgumentException' ],
)
{
	is(kvs_error(kvs('listSignalingChannels', $_->[1])), $_->[2],
		"list: $_->[0]");
}

# kvs 53

is(tags(), '{"a":"b"}', 'kvs 53: a map');
is(kvs_error(kvs('TagResource', { ResourceARN => $arn, Tags => [
	{ Key => 'a', Value => '' }, { Key => "\x{e9}t\x{e9} 1", Value => '=@' }
	] })), '200', 'kvs 53: another');
is(tags(), "{\"a\":\"\",\"\xc3\xa9t\xc3\xa9 1\":\"=\@\"}",
	'kvs 53: and another value');
is(kvs_error(kvs('UntagResource', { ResourceARN => $arn,
	TagKeyList => [ 'a', 'none' ] })), '200', 'kvs 53: without them');
is(tags(), "{\"\xc3\xa9t\xc3\xa9 1\":\"=\@\"}", 'kvs 53: they are gone');
is(kvs_error(kvs('TagResource', { ResourceARN => $arn, Tags => [ map {
	{ Key => "k$_", Value => '' } } 1 .. 49 ] })), '200', 'kvs 53: fifty');
is(kvs_error(kvs('TagResource', { ResourceARN => $arn, Tags => [
	{ Key => 'k50', Value => '' } ] })),
	'400 TagsPerResourceExceededLimitException', 'kvs 53: one more');

for (
	[ 'no key', [ { Value => 'a' } ], '400 InvalidArgumentException' ],
	[ 'a long key', [ { Key => 'k' x 129, Value => 'a' } ],
		'400 InvalidArgumentException' ],
	[ 'a long value', [ { Key => 'k', Value => 'a' x 257 } ],
		'400 InvalidArgumentException' ],
	[ 'a comma', [ { Key => 'a,b', Value => 'a' } ],
		'400 InvalidArgumentException' ],
	[ 'none', [], '400 InvalidArgumentException' ],
	[ 'a string', [ 'a' ], '400 SerializationException' ],
)
{
	is(kvs_error(kvs('TagResource', { ResourceARN => $arn,
		Tags => $_->[1] })), $_->[2], "tag: $_->[0]");
}

is(kvs_error(kvs('ListTagsForResource', {})), '400 InvalidArgumentException',
	'tags of nothing');

# kvs 52

my $port = port(8080);

is(endpoints('/kvs', [ 'WSS', 'HTTPS' ], 'MASTER', "localhost:$port"),
	"WSS=wss://localhost:$port/kvs/m HTTPS=https://localhost:$port/kvs/r",
	'kvs 52: the host of the request');
is(endpoints('/kvs', [ 'WSS', 'WSS' ], 'VIEWER', 'LOCALHOST:443'),
	'WSS=wss://localhost/kvs/v', 'kvs 52: as a browser writes it');
is(endpoints('/kvs/api', [ 'HTTPS' ], 'VIEWER'),
	'HTTPS=https://localhost/kvs/r', 'kvs 52: another prefix');
is(endpoints('/kvs', [ 'WSS' ], 'MASTER', 'x' x 500),
	'400 InvalidArgumentException', 'a host for which clients have no room');
is(endpoints('/named', undef, undef), 'WSS=wss://sfu.example/named/m',
	'kvs 52: as configured, for masters');
is(endpoints('/kvs', [ 'WEBRTC' ], 'MASTER'), '400 InvalidArgumentException',
	'kvs 52: no storage');
is(endpoints('/kvs', [], 'MASTER'), '400 InvalidArgumentException',
	'no protocol');
is(endpoints('/kvs', [ 'FTP' ], 'MASTER'), '400 InvalidArgumentException',
	'an unknown one');
is(endpoints('/kvs', [ 'WSS' ], 'OWNER'), '400 InvalidArgumentException',
	'an unknown role');

my $stream = $arn =~ s!channel/one!stream/one!r;

is($json->encode(kvs('describeMediaStorageConfiguration',
	{ ChannelName => 'one' })->{json}),
	'{"MediaStorageConfiguration":{"Status":"DISABLED"}}', 'no storage');
is(kvs_error(storage('ENABLED', $stream)), '200', 'storage');
is($json->encode(kvs('describeMediaStorageConfiguration',
	{ ChannelARN => $arn })->{json}),
	'{"MediaStorageConfiguration":{"Status":"ENABLED",'
	. "\"StreamARN\":\"$stream\"}}", 'is described');
is(endpoints('/kvs', [ 'WEBRTC', 'WSS' ], 'MASTER'),
	'WSS=wss://localhost/kvs/m WEBRTC=https://localhost/kvs/r',
	'kvs 52: storage');
is(kvs_error(storage('ENABLED', undef)), '400 InvalidArgumentException',
	'no stream');
is(kvs_error(storage('ENABLED', $arn)), '400 InvalidArgumentException',
	'the stream is a channel');
is(kvs_error(storage('PERHAPS', $stream)), '400 InvalidArgumentException',
	'neither on nor off');
is(kvs_error(storage('DISABLED', undef)), '200', 'no storage again');
is(kvs_error(kvs('r/joinStorageSession', { channelArn => $arn })),
	'400 InvalidArgumentException', 'nothing to join');
is(kvs_error(kvs('r/joinStorageSessionAsViewer', { channelArn => $arn })),
	'400 InvalidArgumentException', 'nobody to join');

# kvs 55

my @servers = @{ice({ ClientId => 'viewer-1' })};

is(scalar @servers, 2, 'kvs 55: four addresses in each');
is(join(' ', map { @{$_->{Uris}} } @servers),
	"turn:127.0.0.1:$turn?transport=udp turn:turn.example:3478?transport=udp "
	. 'turns:turn.example:5349?transport=tcp '
	. 'turn:[2001:db8::1]:3478?transport=udp '
	. 'turns:turn.example:443?transport=udp', 'kvs 55: whole ones');
is($servers[0]{Ttl}, 300, 'kvs 55: for five minutes');
like($servers[0]{Username}, qr/^\d{10}:viewer-1$/, 'kvs 55: a name');
cmp_ok(abs($servers[0]{Username} =~ s/:.*//r - time() - 300), '<', 5,
	'kvs 55: with the time in it');
is($servers[0]{Password}, mac('north', $servers[0]{Username}),
	'kvs 55: and its MAC');
is(mac('turn-shared-secret', '1735787345:viewer-1'),
	'ZOhknxVnO7VXABrwhI0JA0/XpDk=', 'kvs 1: as the vector has it');
like(ice({ Username => 'u', ClientId => 'c' })->[0]{Username}, qr/:u$/,
	'a name of the client');
like(ice({})->[0]{Username}, qr/:master$/, 'none');
cmp_ok(length ice({ ClientId => 'x' x 256 })->[0]{Username}, '<=', 256,
	'a long one');
is($json->encode(ice({}, prefix => '/any')), '[]', 'no TURN');
is(kvs_error(kvs('r/v1/get-ice-server-config', { ChannelARN => $arn,
	Service => 'STUN' })), '400 InvalidArgumentException', 'another service');
is(kvs_error(kvs('r/v1/get-ice-server-config',
	{ ChannelARN => $arn =~ s/one/no/r })), '404 ResourceNotFoundException',
	'of no channel');
is(kvs_error(kvs('r/v1/get-ice-server-config', { ChannelARN => $arn },
	id => 'ONE', secret => 'one')), '200', 'with a key for it');

SKIP: {
	skip 'no coturn', 2 unless has_coturn();

	start_coturn($t, $turn, 'north');

	ok(coturn_relays($turn, $servers[0]{Username}, $servers[0]{Password}),
		'kvs 55: coturn relays');

	my $past = time() - 10 . ':viewer-1';
	ok(!coturn_relays($turn, $past, mac('north', $past), 1),
		'kvs 55: and no more after that');
}

# keys that may do some things only: 11.4

is(kvs_error(kvs('listSignalingChannels', {}, id => 'READER',
	secret => 'read')), '200', 'a reader reads');
is(kvs_error(kvs('createSignalingChannel', { ChannelName => 'new' },
	id => 'READER', secret => 'read')), '401 AccessDeniedException',
	'and writes not');
is(kvs_error(kvs('r/v1/send-alexa-offer-to-master', { ChannelARN => $arn },
	id => 'READER', secret => 'read')), '401 NotAuthorizedException',
	'nor calls');
is(kvs_error(kvs('r/joinStorageSession', { channelArn => $arn },
	id => 'READER', secret => 'read')), '403 AccessDeniedException',
	'nor joins');
is(kvs_error(kvs('listSignalingChannels', {}, id => 'ONE',
	secret => 'one')), '401 AccessDeniedException',
	'who has one channel does not list all');

# kvs 57

$r = json_of(http("OPTIONS /kvs/createSignalingChannel HTTP/1.1\r\n"
	. "Host: localhost\r\nOrigin: https://x\r\nConnection: close\r\n"
	. "Access-Control-Request-Method: POST\r\n"
	. "Access-Control-Request-Headers: authorization,x-amz-date\r\n\r\n"));
is(join(' ', $r->{status}, map { $r->{headers}{"access-control-$_"} }
	qw/ allow-origin allow-headers /), '204 * authorization,x-amz-date',
	'kvs 57: preflight');
like($r->{headers}{'access-control-allow-methods'}, qr/\bPOST\b/,
	'kvs 57: POST');
$r = kvs('describeSignalingChannel', {}, anonymous => 1);
like($r->{headers}{'access-control-expose-headers'}, qr/x-amzn-errortype/,
	'kvs 57: errors can be read');

# 9: the third of an account, the fourth of a channel; who may have none of a
# name uses up nothing of it, whether there is one or not

is(join(' ', map { kvs_error(kvs('describeSignalingChannel',
	{ ChannelName => $_ }, prefix => '/slow', id => 'ONE',
	secret => 'one')) } qw/ two two two two nobody /),
	join(' ', ('401 AccessDeniedException') x 5), 'others are refused');
is(kvs_error(kvs('describeSignalingChannel', { ChannelName => 'one' },
	id => 'ONE', secret => 'one')), '200', 'but not at its own');
is(join(' ', map { kvs_error(kvs('describeSignalingChannel',
	{ ChannelName => $_ }, id => 'SOME', secret => 'some')) }
	qw/ one two three /), '200' . ' 401 AccessDeniedException' x 2,
	'a number that one may have, that another has not, and no such name');

my @slow = map { kvs_error(kvs('describeSignalingChannel',
	{ ChannelName => 'one' }, prefix => '/slow')) } 1 .. 4;
is("@slow", '200 200 200 400 ClientLimitExceededException',
	'so many of a channel');
is(kvs_error(kvs('describeSignalingChannel', { ChannelName => 'two' },
	prefix => '/slow')), '200', 'another channel');
is(kvs_error(kvs('describeSignalingChannel', { ChannelName => 'three' },
	prefix => '/slow')), '400 ClientLimitExceededException',
	'so many of an account');

# deleted, and made again

is(kvs_error(kvs('deleteSignalingChannel', { ChannelARN => $arn })), '200',
	'delete');
is(kvs_error(kvs('describeSignalingChannel', { ChannelARN => $arn })),
	'404 ResourceNotFoundException', 'it is gone');
select undef, undef, undef, 0.01;
isnt(create('one'), $arn, 'the same name is another channel');

eval { create("many-$_") for 1 .. 60 };
like($@, qr/400 AccountChannelLimitExceededException/, 'so many channels');

# the log line comes when the request is over, and names its channel

ok(wait_log($t, qr/CreateSignalingChannel: 200 .* label "one"/),
	'log line');

###############################################################################

sub ttl {
	return { ChannelName => 'x',
		SingleMasterConfiguration => { MessageTtlSeconds => $_[0] } };
}

sub tags {
	return JSON::PP->new->canonical->utf8->encode(kvs('ListTagsForResource',
		{ ResourceARN => $arn })->{json}{Tags});
}

sub storage {
	my ($status, $of) = @_;

	return kvs('updateMediaStorageConfiguration', { ChannelARN => $arn,
		MediaStorageConfiguration => { Status => $status,
			defined $of ? (StreamARN => $of) : () } });
}

sub endpoints {
	my ($prefix, $protocols, $role, $host) = @_;

	my $r = kvs('getSignalingChannelEndpoint', { ChannelARN => $arn,
		$protocols ? (SingleMasterChannelEndpointConfiguration =>
			{ Protocols => $protocols, Role => $role }) : () },
		prefix => $prefix, host => $host || 'localhost');

	return kvs_error($r) if $r->{status} != 200;

	return join ' ', map { "$_->{Protocol}=$_->{ResourceEndpoint}" }
		@{$r->{json}{ResourceEndpointList}};
}

sub ice {
	my ($body, %options) = @_;

	return kvs('v1/get-ice-server-config', { ChannelARN => $arn, %$body },
		prefix => '/kvs/r', %options)->{json}{IceServerList};
}

sub mac {
	my ($secret, $name) = @_;
	my $mac = hmac_sha1_base64($name, $secret);

	return $mac . '=' x (-length($mac) % 4);
}

###############################################################################
