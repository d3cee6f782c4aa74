#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Browsers of other origins.  Section 18 of docs/cloudflare.md: 7.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(38)
	->write_file_expand('nginx.conf', sfu_conf(server => <<'EOF'));
location /reflect/ {
    sfu_api cloudflare;
    sfu_allow_origin reflect;
}

location /list/ {
    sfu_api cloudflare;
    sfu_allow_origin https://a.example http://b.example:81;
}

location /off/ {
    sfu_api cloudflare;
    sfu_allow_origin off;
}
EOF

fake_worker($t, 'worker');
$t->run();
wait_up($t);

my $allow = 'access-control-allow-origin';

###############################################################################

# preflight

my $r = preflight('/v1/apps/demo', '/sessions/new');

is($r->{status}, 204, 'preflight, without credentials');
is($r->{body}, '', 'it has no body');
is($r->{headers}{$allow}, '*', 'any origin');
is($r->{headers}{'access-control-allow-headers'}, 'authorization,x-custom',
	'the headers asked for');
is($r->{headers}{'access-control-allow-methods'},
	'GET, POST, PUT, DELETE, PATCH, OPTIONS', 'methods');
ok($r->{headers}{'access-control-max-age'}, 'maximum age');

for my $path ('/sessions/x/tracks/new', '/sessions/x', '/nothing', '') {
	is(preflight('/v1/apps/demo', $path)->{status}, 204, "path '$path'");
}

is(preflight('/v1/apps/none', '/sessions/new')->{status}, 204, 'any app');

$r = api('OPTIONS', '/sessions/new', undef, origin => 'https://a.example');
is($r->{status}, 204, 'without headers asked for');
ok(!exists $r->{headers}{'access-control-allow-headers'}, 'none allowed');

# all responses

for my $case (
	[201, 'POST', '/sessions/new'],
	[200, 'GET', '/sessions/1f2e3d4c'],
	[400, 'POST', '/sessions/new', '{'],
	[404, 'GET', '/nothing'],
	[405, 'GET', '/sessions/new'],
	[406, 'POST', '/sessions/1f2e3d4c/tracks/new', '{}'],
	[410, 'GET', '/sessions/1f2e3d4c-error-session_gone'],
	[413, 'POST', '/sessions/new', 'x' x 1100000])
{
	my ($status, $method, $path, $body) = @$case;

	$r = api($method, $path, $body, origin => 'https://a.example');
	is("$r->{status} $r->{headers}{$allow}", "$status *", "with $status");
}

is(api('GET', '/nothing')->{headers}{$allow}, '*', 'without an origin, too');

# reflected

$r = api('GET', '/nothing', undef, prefix => '/reflect/demo',
	origin => 'https://a.example');

is($r->{headers}{$allow}, 'https://a.example', 'reflected');
is($r->{headers}{vary}, 'Origin', 'reflected: varies');

$r = api('GET', '/nothing', undef, prefix => '/reflect/demo');
ok(!exists $r->{headers}{$allow}, 'nothing to reflect');
is($r->{headers}{vary}, 'Origin', 'varies all the same');

# a list

for my $case (
	['https://a.example', 1],
	['http://b.example:81', 1],
	['http://b.example', 0],
	['http://a.example', 0],
	['https://a.example.evil.example', 0],
	['null', 0])
{
	my ($origin, $allowed) = @$case;

	$r = api('GET', '/nothing', undef, prefix => '/list/demo',
		origin => $origin);
	is($r->{headers}{$allow}, $allowed ? $origin : undef,
		"listed: $origin");
	is($r->{headers}{vary}, 'Origin', 'varies') if $allowed;
}

# off

$r = preflight('/off/demo', '/sessions/new');
is($r->{status}, 204, 'off: preflight');
ok(!grep({ /^access-control/ } keys %{$r->{headers}}), 'off: no headers');

$r = api('GET', '/nothing', undef, prefix => '/off/demo', origin => 'x://y');
ok(!grep({ /^(access-control|vary)/ } keys %{$r->{headers}}),
	'off: no headers in a response');

$r = api('GET', '/sessions/1f2e3d4c-error-draining', undef,
	origin => 'https://a.example');
is($r->{headers}{'access-control-expose-headers'}, 'ETag, Link, Location, Retry-After',
	'a page can read Retry-After');

###############################################################################

sub preflight {
	my ($prefix, $path) = @_;

	return api('OPTIONS', $path, undef, prefix => $prefix, secret => undef,
		origin => 'https://a.example', headers =>
		"Access-Control-Request-Method: POST\r\n"
		. "Access-Control-Request-Headers: authorization,x-custom\r\n");
}

###############################################################################
