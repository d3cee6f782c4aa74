#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Bodies: their limits, and the ways in which they arrive or do not.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(30)
	->write_file_expand('nginx.conf', sfu_conf(server => <<'EOF'));
client_body_timeout 1s;
lingering_timeout 500ms;

location /small/ {
    sfu_api cloudflare;
    sfu_body_max 2k;

    # those who inherit from a location with an API have the limit, not the 0
    # that it sets for itself
    location /small/static/ {
        client_max_body_size 1k;
    }
}

location /core/ {
    sfu_api cloudflare;
    client_max_body_size 2k;
}

location /unlimited/ {
    sfu_api cloudflare;
    client_max_body_size 0;
}

location /buffer/ {
    sfu_api cloudflare;
    client_body_buffer_size 16;
}
EOF

fake_worker($t, 'worker');
$t->run();
wait_up($t);

my $crlf = "\r\n";

###############################################################################

# sizes

is(mask(create(size(2048), '/small')), '201', 'as large as allowed');
is(mask(create(size(2049), '/small')), '413 payload_too_large', 'one more');
is(mask(create(size(2048), '/small', chunked => 100)), '201',
	'chunked, as large as allowed');
is(mask(create(size(2049), '/small', chunked => 100)),
	'413 payload_too_large', 'chunked, one more');
is(mask(create(size(300000), '/small', chunked => 10000)),
	'413 payload_too_large', 'chunked, much more');

is(mask(create(size(2048), '/core')), '201', 'client_max_body_size');
is(mask(create(size(2049), '/core')), '413 payload_too_large',
	'client_max_body_size, one more');
is(mask(create(size(2049), '/core', chunked => 100)),
	'413 payload_too_large', 'client_max_body_size, chunked');

is(mask(create(size(1048576), '/unlimited')), '201', 'a megabyte');
is(mask(create(size(1048577), '/unlimited')), '413 payload_too_large',
	'client_max_body_size does not raise sfu_body_max');
is(mask(create(size(1048576), '/v1/apps', chunked => 50000)), '201',
	'a megabyte in chunks');

my $r = create(size(2049), '/small');
is($r->{headers}{'access-control-allow-origin'}, '*', 'CORS of 413');

like(http("POST /small/static/ HTTP/1.0${crlf}Content-Length: 2000"
	. "$crlf$crlf"), qr/ 413 /, 'other locations keep their limit');

# the buffer is small

is(mask(create(size(5000), '/buffer')), '201', 'many times the buffer');
is(mask(create(size(5000), '/buffer', chunked => 9)), '201',
	'many times the buffer, chunked');

# in pieces

my $body = size(300);
my $head = request_text('POST', '/sessions/new', $body);
$head =~ s/\Q$body\E$//;

is(mask(json_of(http($head, sleep => 0.2, body => $body))), '201',
	'the body later');
is(mask(json_of(http($head . substr($body, 0, 10), sleep => 0.2,
	body => substr($body, 10)))), '201', 'a part of it later');

my $s = http($head, start => 1);
for my $i (0 .. length($body) - 1) {
	$s->syswrite(substr($body, $i, 1));
}
is(mask(json_of(http('', socket => $s))), '201', 'byte by byte');

# not at all

is(mask(json_of(http($head . 'x'))), '408 decoding_error', 'it does not come');
is(mask(json_of(http(request_text('POST', '/sessions/new', undef,
	headers => "Transfer-Encoding: chunked$crlf") . "5${crlf}hel"))),
	'408 decoding_error', 'it does not come, chunked');
is(mask(json_of(http(request_text('POST', '/sessions/new', undef,
	headers => "Transfer-Encoding: chunked$crlf") . "x$crlf"))),
	'400 decoding_error', 'a broken chunk');

$s = http($head . 'x', start => 1);
$s->close();
ok(wait_log($t, qr/prematurely closed/), 'the client goes away');

# connections go on

$s = keepalive($body);
is(mask(json_of(one($s))), '201', 'keep-alive');
$s->syswrite(text(size(20)));
is(mask(json_of(one($s))), '201', 'the next request');
$s->syswrite(text(size(20)) . text('{'));
is(mask(json_of(one($s))), '201', 'two at once');
is(mask(json_of(one($s))), '400 decoding_error', 'the second one');
$s->syswrite(text(size(9000), '/small'));
is(mask(json_of(one($s))), '413 payload_too_large', 'too large');
$s->syswrite(text(size(20)));
is(mask(json_of(one($s))), '201', 'what was too large is skipped');
$s->close();

# 100-continue

$r = http(request_text('POST', '/sessions/new', $body,
	headers => "Expect: 100-continue$crlf"));
like($r, qr/^HTTP\/1.1 100 Continue/, '100-continue');
like($r, qr/ 201 Created/, 'and the response');

###############################################################################

sub size {
	my ($size) = @_;

	return '{"x":"' . 'x' x ($size - 8) . '"}';
}

sub create {
	my ($body, $prefix, %options) = @_;

	return api('POST', '/sessions/new', $body, prefix => "$prefix/demo",
		%options);
}

sub text {
	my ($body, $prefix) = @_;

	my $text = request_text('POST', '/sessions/new', $body,
		$prefix ? (prefix => "$prefix/demo") : ());
	$text =~ s/Connection: close\r\n//;

	return $text;
}

sub keepalive {
	my ($body) = @_;

	return http(text($body), start => 1);
}

# one response of several

sub one {
	my ($s) = @_;

	my $reply = '';

	while ($reply !~ /\r\n\r\n/) {
		$s->sysread($reply, 1, length $reply) or return $reply;
	}

	my ($length) = $reply =~ /Content-Length: (\d+)/;

	while ($length) {
		my $n = $s->sysread($reply, $length, length $reply)
			or return $reply;
		$length -= $n;
	}

	return $reply;
}

###############################################################################
