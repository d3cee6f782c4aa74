#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The API over HTTP/2, whose bodies take another way through nginx.

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

my $t = Test::Nginx->new()->has(qw/http http_v2/)->has_daemon('curl')->plan(7)
	->write_file_expand('nginx.conf', sfu_conf(server => <<'EOF'));
listen       127.0.0.1:8081 http2;
client_body_timeout 1s;

location /small/ {
    sfu_api cloudflare;
    sfu_body_max 2k;
}
EOF

fake_worker($t, 'worker');
$t->run();
wait_up($t);

$t->write_file('body', '{"x":"' . 'x' x 900000 . '"}');
$t->write_file('small', '{"x":"' . 'x' x 2040 . '"}');
$t->write_file('large', '{"x":"' . 'x' x 2041 . '"}');

my $length = '-H "Content-Length:"';

###############################################################################

is(curl('/v1/apps', '-X POST'), '201 application/json', 'no body');
is(curl('/v1/apps', '--data-binary @body'), '201 application/json',
	'a large one');
is(curl('/v1/apps', "--data-binary \@body $length"),
	'201 application/json', 'a large one of unknown length');
is(curl('/small', '--data-binary @small'), '201 application/json',
	'as large as allowed');

# curl 7.88 may fail when a stream is reset while it sends, so nginx is asked

my $n = 0;

for my $options ('--data-binary @large', "--data-binary \@large $length",
	"--data-binary \@body $length")
{
	curl('/small', $options);
	ok(wait_log($t, qr/sessions\/new: 413 payload_too_large/, ++$n),
		"too large: $options");
}

###############################################################################

sub curl {
	my ($prefix, $options) = @_;

	my $dir = $t->testdir();
	my $port = port(8081);

	my $out = `cd $dir && curl -sS -m 10 -o curl.out --http2-prior-knowledge \\
		-w '%{http_code} %{content_type}' \\
		-H 'Authorization: Bearer demo-secret' \\
		$options http://127.0.0.1:$port$prefix/demo/sessions/new 2>&1`;

	# what curl says of the rest of a body that nobody wanted
	return $out =~ s/^curl: .*\n//mr;
}

###############################################################################
