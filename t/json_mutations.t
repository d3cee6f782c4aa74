#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Bodies that are nearly right: the calls of the API with bytes changed, parts
# cut out or said twice, other types, deep nesting.  Whatever comes, the
# answer is a JSON document with a status of the API, and both processes live
# on.  The mutations are the same at each run; SFU_MUTATIONS makes more.

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
	->write_file_expand('nginx.conf', sfu_conf());

my $worker = real_worker($t, 'worker', '--requests-per-second', 1000000,
	'--hold-time', '50ms')
	or plan(skip_all => 'no sfu-worker');

$t->plan(5);
$t->run();
wait_up($t);

###############################################################################

my $count = $ENV{SFU_MUTATIONS} || 500;
my %expected = map { $_ => 1 } 200, 201, 400, 406, 410, 413, 425;
my @tokens = ('null', 'true', '-1', '1e999', '99999999999999999999', '""',
	'[]', '{}', '[' x 3000, '{"a":' x 500, "\0", '\\u0000', '\\ud800',
	"\xff\xfe", '"' . 'x' x 70000 . '"', '/*', ',', ':');

srand(1);

my $offer = sdp();
my $session = new_session();
my $publisher = new_session();
my @calls = seeds();
my (@wrong, %seen);

api('POST', "/sessions/$publisher/tracks/new", {
	sessionDescription => { type => 'offer', sdp => $offer },
	tracks => [{ location => 'local', trackName => 'a', mid => '0' }],
});

for my $i (1 .. $count) {
	my ($method, $path, $body) = @{$calls[rand @calls]};

	$session = new_session() if $i % 20 == 0;
	$body = mutate($body) for 0 .. rand 3;

	my $r = api($method, $path =~ s/SESSION/$session/r, $body);
	my $got = mask($r);

	$seen{$r->{status}}++;

	push @wrong, "$method $path: $got: " . substr $body, 0, 200
		unless $expected{$r->{status}} && $got !~ m!/|nothing!;
}

is(join("\n", @wrong), '', "$count bodies are answered as they should be");
cmp_ok($seen{400} || 0, '>', $count / 20, 'many of them as malformed');
cmp_ok(($seen{200} || 0) + ($seen{201} || 0), '>', 0, 'and some are fine');
is(mask(api('GET', "/sessions/$publisher")), '200', 'sessions live on');
unlike($t->read_file('error.log'), qr/exited on signal|\[alert\]/,
	'nobody died');

###############################################################################

sub sdp {
	my $name = root() . '/worker/test/corpora/sdp-parse/chromium-publish.sdp';
	my ($file) = -f $name ? $name
		: glob(root() . '/worker/test/corpora/sdp-parse/*');

	open my $fh, '<', $file or die "$file: $!\n";
	local $/;

	return scalar <$fh>;
}

sub new_session {
	return api('POST', '/sessions/new')->{json}{sessionId};
}

sub seeds {
	my $sdp = { type => 'offer', sdp => $offer };
	my $false = JSON::PP::false;
	my $json = JSON::PP->new->utf8->canonical;

	return map { [@$_[0, 1], $json->encode($_->[2])] } (
		['POST', '/sessions/new', { sessionDescription => $sdp }],
		['POST', '/sessions/SESSION/tracks/new', {
			sessionDescription => $sdp,
			tracks => [{ location => 'local', trackName => 'a',
				mid => '0' }, { location => 'local',
				trackName => 'b', mid => '1' }],
		}],
		['POST', '/sessions/SESSION/tracks/new', {
			sessionDescription => $sdp,
			autoDiscover => JSON::PP::true,
		}],
		['POST', '/sessions/SESSION/tracks/new', {
			tracks => [{ location => 'remote', trackName => 'none',
				sessionId => $publisher }],
		}],
		['PUT', '/sessions/SESSION/renegotiate', {
			sessionDescription => { type => 'answer',
				sdp => $offer },
		}],
		['PUT', '/sessions/SESSION/renegotiate', {
			sessionDescription => $sdp }],
		['PUT', '/sessions/SESSION/tracks/close', {
			tracks => [{ mid => '0' }, { mid => '1' }],
			sessionDescription => $sdp, force => $false,
		}],
		['POST', '/sessions/SESSION/datachannels/establish', {
			dataChannel => { location => 'remote',
				dataChannelName => 'server-events' },
		}],
		['POST', '/sessions/SESSION/datachannels/new', {
			dataChannels => [{ location => 'remote',
				sessionId => $publisher,
				dataChannelName => 'a', ordered => $false,
				maxRetransmits => 1, waitForAck => $false }],
		}],
		['PUT', '/sessions/SESSION/datachannels/close', {
			dataChannels => [{ id => 1 }, { id => 2 }],
		}],
	);
}

sub mutate {
	my ($body) = @_;

	my $at = int rand(length($body) + 1);
	my $len = int rand 30;
	my $how = int rand 6;

	if ($how == 0) {
		substr($body, $at, 1) = chr rand 256 if $at < length $body;
	} elsif ($how == 1) {
		substr($body, $at, $len) = '';
	} elsif ($how == 2) {
		substr($body, $at, 0) = substr($body, $at, $len);
	} elsif ($how == 3) {
		substr($body, $at, 0) = $tokens[rand @tokens];
	} elsif ($how == 4) {
		$body =~ s/("\w+":)("[^"]{0,40}"|true|false)/
			$1 . $tokens[rand @tokens]/e;
	} else {
		$body = substr $body, 0, $at;
	}

	return $body;
}

###############################################################################
