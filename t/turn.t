#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# TURN credentials: the calls, and what coturn makes of them.  No worker is
# there.  Section 12 of docs/cloudflare.md; 57.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Coturn;
use Test::Nginx;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use Digest::SHA qw/ hmac_sha1_base64 /;
use IO::Socket::INET;
use JSON::PP;

my $globals = sfu_globals();
my $long = 'long-' x 20;
my $port = Test::Sfu::media_port();

my $t = Test::Nginx->new()->has(qw/http/)->plan(58)
	->write_file_expand('nginx.conf', <<"EOF");
%%TEST_GLOBALS%%
$globals
daemon off;

events {
}

http {
    %%TEST_GLOBALS_HTTP%%

    sfu_turn_key home token=token-1 token=token-2 secret=north
                 url=stun:127.0.0.1:$port
                 url=turn:127.0.0.1:$port?transport=udp
                 url=turns:turn.example:5349?transport=tcp;

    sfu_turn_key short token_file=token secret=$long
                 url=turn:turn.example ttl_max=1h;

    server {
        listen       127.0.0.1:8080;
        server_name  localhost;

        location /v1/turn/keys/ {
            sfu_api turn;
            sfu_body_max 1k;
        }
    }
}
EOF

$t->write_file('token', "from-a-file\n");
chmod 0600, $t->testdir() . '/token';
$t->run();

my $json = JSON::PP->new->canonical;

###############################################################################

# the calls

my $r = ask('home/credentials/generate-ice-servers', { ttl => 86400 });

is($r->{status}, 201, 'generate-ice-servers');
is($r->{type}, 'application/json', 'JSON');
is($r->{headers}{'access-control-allow-origin'}, '*', 'pages may ask');

my ($stun, $turn) = @{$r->{json}{iceServers}};

is($json->encode($stun), qq!{"urls":["stun:127.0.0.1:$port"]}!,
	'STUN without credentials');
is($json->encode($turn->{urls}), qq!["turn:127.0.0.1:$port?transport=udp",!
	. '"turns:turn.example:5349?transport=tcp"]', 'TURN with them');
is(join(',', sort keys %$turn), 'credential,urls,username', 'all of them');
like($turn->{username}, qr/^\d+$/, 'the name is a time');
cmp_ok(abs($turn->{username} - time() - 86400), '<', 5, 'in a day');
is($turn->{credential}, mac('north', $turn->{username}), 'the MAC is right');

$r = ask('home/credentials/generate', { ttl => 60, customIdentifier => 'me' });

is($r->{status}, 201, 'generate');
is(ref $r->{json}{iceServers}, 'HASH', 'is an object');
is(scalar @{$r->{json}{iceServers}{urls}}, 3, 'of all addresses');
like($r->{json}{iceServers}{username}, qr/^\d+:me$/, 'with an identifier');
is($r->{json}{iceServers}{credential},
	mac('north', $r->{json}{iceServers}{username}), 'which the MAC covers');

$r = ask('short/credentials/generate-ice-servers', { ttl => 3600 },
	secret => 'from-a-file');

is(scalar @{$r->{json}{iceServers}}, 1, 'no STUN server, no entry');
is($r->{json}{iceServers}[0]{credential},
	mac($long, $r->{json}{iceServers}[0]{username}),
	'a secret that is longer than a block of SHA-1');

is(ask('home/credentials/generate', '{"ttl":1}', secret => 'token-2')
	->{status}, 201, 'another token');
is(ask('home/credentials/generate', '{"ttl":1}',
	type => 'text/plain;charset=UTF-8')->{status}, 201, 'as text');
is(ask('home/credentials/generate', { ttl => 172800, x => {} })->{status}, 201,
	'48 hours');

# what is refused

for (
	[ 'no token', '401 unauthorized', 'home', '{"ttl":1}',
		secret => undef ],
	[ 'a wrong one', '401 unauthorized', 'home', '{"ttl":1}',
		secret => 'token-3' ],
	[ 'of another key', '401 unauthorized', 'home', '{"ttl":1}',
		secret => 'from-a-file' ],
	[ 'the secret itself', '401 unauthorized', 'home', '{"ttl":1}',
		secret => 'north' ],
	[ 'no such key', '404 not_found', 'away', '{"ttl":1}' ],
	[ 'no body', '400 decoding_error', 'home', '' ],
	[ 'half of one', '400 decoding_error', 'home', '{"ttl":1' ],
	[ 'no object', '400 decoding_error', 'home', '[1]' ],
	[ 'ttl twice', '400 decoding_error', 'home', '{"ttl":1,"ttl":1}' ],
	[ 'no ttl', '400 decoding_error', 'home', '{}' ],
	[ 'null', '400 decoding_error', 'home', '{"ttl":null}' ],
	[ 'a fraction', '400 decoding_error', 'home', '{"ttl":1.5}' ],
	[ 'a string', '400 decoding_error', 'home', '{"ttl":"1"}' ],
	[ 'nothing', '406 invalid_params', 'home', '{"ttl":0}' ],
	[ 'before now', '406 invalid_params', 'home', '{"ttl":-1}' ],
	[ 'too long', '406 invalid_params', 'home', '{"ttl":172801}' ],
	[ 'much too long', '400 decoding_error', 'home',
		'{"ttl":99999999999999999999}' ],
	[ 'longer than this key allows', '406 invalid_params', 'short',
		'{"ttl":3601}', secret => 'from-a-file' ],
	[ 'an identifier that is none', '400 decoding_error', 'home',
		'{"ttl":1,"customIdentifier":1}' ],
	[ 'with a line end', '406 invalid_params', 'home',
		'{"ttl":1,"customIdentifier":"a\nb"}' ],
	[ 'too long a one', '406 invalid_params', 'home',
		'{"ttl":1,"customIdentifier":"' . 'x' x 129 . '"}' ],
	[ 'a large body', '413 payload_too_large', 'home', 'x' x 1025 ],
)
{
	my ($what, $result, $key, $body, %options) = @$_;

	is(mask(ask("$key/credentials/generate-ice-servers", $body,
		%options)), $result, $what);
}

for my $path ('', 'home', 'home/credentials', 'home/credentials/',
	'home/credentials/x', 'home/generate', 'home/credentials/a/b/revoke')
{
	is(mask(ask($path, '{"ttl":1}')), '404 not_found', "path '$path'");
}

$r = api('GET', 'home/credentials/generate', undef,
	prefix => '/v1/turn/keys/');
is(mask($r) . " $r->{headers}{allow}", '405 method_not_allowed POST, OPTIONS',
	'GET');

$r = api('OPTIONS', 'home/credentials/generate', undef,
	prefix => '/v1/turn/keys/', secret => undef, headers =>
	"Access-Control-Request-Headers: authorization\r\n");
is("$r->{status} $r->{headers}{'access-control-allow-headers'}",
	'204 authorization', 'preflight');

# revoke: what has ended has, what has not cannot be taken back

is(mask(ask('home/credentials/' . (time() + 100) . ':me/revoke', undef)),
	'501 not_implemented', 'credentials cannot be taken back');
is(ask('home/credentials/1000000000:me/revoke', undef)->{status}, 204,
	'unless they have ended');
is(mask(ask('home/credentials/somebody/revoke', undef)), '404 not_found',
	'what was never given out');

# coturn

SKIP: {
	skip 'no coturn', 5 unless has_coturn();

	start_coturn($t, $port, 'north');

	my $server = ask('home/credentials/generate',
		{ ttl => 600, customIdentifier => 'tester' })
		->{json}{iceServers};

	ok(coturn_relays($port, $server->{username}, $server->{credential}),
		'coturn relays for who has the credentials');

	my $log = $t->read_file('turn.log');
	like($log, qr/user <\d+:tester>.*ALLOCATE processed, success/,
		'under the name that was given out');

	ok(!coturn_relays($port, $server->{username},
		'x' . $server->{credential}, 1), 'for nobody else');

	my $past = time() - 10;
	ok(!coturn_relays($port, $past, mac('north', $past), 1),
		'nor for who had them once');

	$server = ask('short/credentials/generate', { ttl => 60 },
		secret => 'from-a-file')->{json}{iceServers};
	ok(!coturn_relays($port, $server->{username}, $server->{credential}, 1),
		'nor for those of another server');
}

###############################################################################

sub ask {
	my ($path, $body, %options) = @_;

	$options{secret} = 'token-1' unless exists $options{secret};

	return api('POST', $path, $body, prefix => '/v1/turn/keys/',
		%options);
}

sub mac {
	my ($secret, $name) = @_;
	my $mac = hmac_sha1_base64($name, $secret);

	return $mac . '=' x (-length($mac) % 4);
}

###############################################################################
