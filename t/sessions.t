#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The calls of a session, against a worker that plays back: what the client
# sends reaches it in our words, and its reply comes back in the client's.
# Section 18 of docs/cloudflare.md: 1, 2, 4, 8, 9, 12, 13, 15, 17, 20, 25, 27,
# 30, 50, as far as HTTP goes.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(67)
	->write_file_expand('nginx.conf', sfu_conf());

fake_worker($t, 'worker', log => $t->testdir() . '/requests.log');
$t->run();
wait_up($t);

my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $json = JSON::PP->new->canonical;

###############################################################################

# sessions/new

my $r = api('POST', '/sessions/new');

is($r->{status}, 201, 'a new session');
is($r->{type}, 'application/json', 'its type');
like($r->{json}{sessionId}, qr/^1f2e3d4c[0-9a-f]{24}$/, 'its id');
is(join(',', keys %{$r->{json}}), 'sessionId', 'and nothing else');

my $id = $r->{json}{sessionId};

$r = api('POST', '/sessions/new?correlationId=room%201&streamDebug=1');
is($r->{status}, 201, 'with a label');
isnt($r->{json}{sessionId}, $id, 'is another session');
is(asked($t)->{label}, 'room 1', 'the worker knows the label');
is(asked($t)->{app}, 'demo', 'and the app');

ok(!exists asked($t)->{controlling}, 'that of a client');

# cloudflare 58

api('POST', '/sessions/new?thirdparty=true&correlationId=bot');
ok(asked($t)->{controlling}, 'that of a third party');
api('POST', '/sessions/new?thirdparty=false');
ok(!exists asked($t)->{controlling}, 'that of none');

is(api('POST', '/sessions/new', '{}')->{status}, 201, 'empty object');
is(api('POST', '/sessions/new', '')->{status}, 201, 'empty body');
is(api('POST', '/sessions/new', " \r\n")->{status}, 201, 'white space');
is(api('POST', '/sessions/new?')->{status}, 201, 'empty query');

$r = api('POST', '/sessions/new', offer());
is($r->{status}, 201, 'with an offer');
is($r->{json}{sessionDescription}{type}, 'answer', 'has the answer');
is(asked($t)->{offer}, "v=0\r\n", 'the worker has the offer');

is(api('POST', '/sessions/new', undef, prefix => '/apps/demo')->{status}, 201,
	'without version');

# publish

$r = publish({ location => 'local', trackName => 'cam', mid => '0' },
	{ location => 'local', trackName => 'mic', mid => '1' });

is($r->{status}, 200, 'publish');
is($r->{json}{requiresImmediateRenegotiation}, $false, 'no renegotiation');
is($r->{json}{sessionDescription}{type}, 'answer', 'an answer');
is($json->encode($r->{json}{tracks}),
	'[{"mid":"0","trackName":"cam"},{"mid":"1","trackName":"mic"}]',
	'entries in order, and no member too many');
is($json->encode(asked($t)->{tracks}),
	'[{"mid":"0","name":"cam"},{"mid":"1","name":"mic"}]',
	'what the worker was asked');
cmp_ok(asked($t)->{timeout}, '<=', 10000, 'and for how long');

$r = publish({ location => 'local', trackName => 'error-track_repeated',
	mid => '0' }, { location => 'local', trackName => 'b' });

is($r->{status}, 200, 'publish, one failed');
is($r->{json}{tracks}[0]{errorCode}, 'repeated_local_track_error',
	'the code of the entry');
ok($r->{json}{tracks}[0]{errorDescription}, 'its description');
is($r->{json}{tracks}[0]{mid}, '0', 'the mid it was asked with');
is($r->{json}{tracks}[1]{mid}, 'm1', 'the other one has found a mid');
ok(!exists $r->{json}{errorCode}, 'and no error above');

$r = api('POST', "/sessions/$id/tracks/new",
	{ %{offer()}, autoDiscover => $true });

is($json->encode($r->{json}{tracks}), '[{"kind":"audio","mid":"0",'
	. '"trackName":"found-a"},{"kind":"video","mid":"1",'
	. '"trackName":"found-v"}]', 'autoDiscover');
is($r->{json}{sessionDescription}{type}, 'answer', 'its answer');

$r = api('POST', "/sessions/$id/tracks/new", { tracks => [ {
	location => 'local', trackName => 'a', kind => 'audio',
	bidirectionalMediaStream => $true } ] });

is($r->{json}{requiresImmediateRenegotiation}, $true, 'published by our offer');
is($r->{json}{sessionDescription}{type}, 'offer', 'the offer');
is($json->encode(asked($t)->{tracks}),
	'[{"bidirectional":true,"kind":"audio","name":"a"}]', 'as asked');

# pull

$r = pull({ location => 'remote', sessionId => 'abc', trackName => 'cam',
	status => 'active', kind => 'video', mid => '' });

is($r->{status}, 200, 'pull');
is($r->{json}{requiresImmediateRenegotiation}, $true, 'renegotiation');
is($r->{json}{sessionDescription}{type}, 'offer', 'an offer');
is($json->encode($r->{json}{tracks}),
	'[{"mid":"m0","sessionId":"abc","trackName":"cam"}]', 'the entry');
is($json->encode(asked($t)->{tracks}),
	'[{"kind":"video","name":"cam","publisher":"abc"}]', 'as asked');

$r = pull({ location => 'remote', sessionId => 'abc',
	trackName => 'error-track_not_found', mid => '7' });

is($r->{status}, 200, 'pull of nothing');
is($r->{json}{requiresImmediateRenegotiation}, $false, 'nothing to do');
ok(!exists $r->{json}{sessionDescription}, 'no description');
is($r->{json}{tracks}[0]{errorCode}, 'not_found_track_error', 'its code');
ok(!exists $r->{json}{tracks}[0]{mid}, 'no mid: it has failed');

$r = pull({ location => 'remote', sessionId => 'abc',
	trackName => 'error-track_silent' },
	{ location => 'remote', sessionId => 'abc', trackName => 'good' });

is($r->{json}{tracks}[0]{errorCode}, 'empty_track_error', 'half good: bad');
is($r->{json}{tracks}[1]{mid}, 'm1', 'half good: good');
is($r->{json}{requiresImmediateRenegotiation}, $true, 'half good: offer');

$r = api('POST', "/sessions/$id/tracks/new", { %{offer()}, tracks => [
	{ location => 'remote', sessionId => 'abc',
	trackName => 'error-track_failed' } ] });

is($r->{json}{sessionDescription}{type}, 'answer',
	'an offer is answered though all tracks failed');

# renegotiate

$r = api('PUT', "/sessions/$id/renegotiate", { sessionDescription =>
	{ type => 'answer', sdp => "v=0\r\n" } });

is($r->{status}, 200, 'renegotiate');
is($r->{body}, '{}', 'has nothing to say');
is(asked($t)->{answer}, "v=0\r\n", 'the answer has arrived');

$r = api('PUT', "/sessions/$id/renegotiate", offer());
is($r->{json}{sessionDescription}{type}, 'answer', 'an offer is answered');

# close

$r = api('PUT', "/sessions/$id/tracks/close", { %{offer()}, force => $false,
	tracks => [ { mid => '0' }, { mid => 'error-track_not_open' } ] });

is($r->{json}{sessionDescription}{type}, 'answer', 'close has an answer');
is($r->{json}{requiresImmediateRenegotiation}, $false, 'and is done');
is($r->{json}{tracks}[0]{mid}, '0', 'the closed one');
is($r->{json}{tracks}[1]{errorCode}, 'close_track_error', 'the other one');
is($r->{json}{tracks}[1]{mid}, 'error-track_not_open', 'its mid');

$r = api('PUT', "/sessions/$id/tracks/close", { %{offer()}, force => $true,
	tracks => [ { mid => '0' } ] });

is($json->encode($r->{json}), '{"requiresImmediateRenegotiation":false,'
	. '"tracks":[{"mid":"0"}]}', 'forced: no description');
ok(!exists asked($t)->{offer}, 'forced: the offer is ignored');

$r = api('PUT', "/sessions/$id/tracks/close",
	{ tracks => [ { trackName => 'cam' } ] });

is($r->{json}{requiresImmediateRenegotiation}, $true, 'close by name');
is($json->encode($r->{json}{tracks}), '[{"mid":"m0","trackName":"cam"}]',
	'its entry');

# GET

$r = api('GET', "/sessions/$id");

is($json->encode($r->{json}), '{"dataChannels":[],"sessionId":"' . $id
	. '","tracks":[{"kind":"video","location":"local","mid":"0",'
	. '"status":"active","trackName":"cam"},{"kind":"audio",'
	. '"location":"remote","mid":"1","sessionId":"0123",'
	. '"status":"inactive","trackName":"mic"}]}', 'GET');

$r = api('HEAD', "/sessions/$id");
is("$r->{status}$r->{body}", '200', 'HEAD has no body');

# how bodies arrive

is(api('POST', '/sessions/new', offer(), type => 'text/plain;charset=UTF-8')
	->{json}{sessionDescription}{type}, 'answer', 'text/plain');
is(api('POST', '/sessions/new', offer(), chunked => 7)
	->{json}{sessionDescription}{type}, 'answer', 'chunked');

###############################################################################

sub offer {
	return { sessionDescription => { type => 'offer', sdp => "v=0\r\n" } };
}

sub publish {
	return api('POST', "/sessions/$id/tracks/new",
		{ %{offer()}, tracks => [ @_ ] });
}

sub pull {
	return api('POST', "/sessions/$id/tracks/new", { tracks => [ @_ ] });
}

# the last request that was no hello

sub asked {
	my ($t) = @_;

	my @lines = grep { !/"hello"/ } split /\n/,
		$t->read_file('requests.log');

	return decode_json($lines[-1]);
}

###############################################################################
