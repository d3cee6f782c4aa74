#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Who is let in.  Section 18 of docs/cloudflare.md: 3.

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

my $t = Test::Nginx->new()->has(qw/http/)->plan(26);

$t->write_file('secret', "from-a-file\n");
chmod 0600, $t->testdir() . '/secret';

$t->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF'));
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret secret=next-secret;
sfu_app filed secret_file=secret;
EOF

fake_worker($t, 'worker', log => $t->testdir() . '/requests.log');
$t->run();
wait_up($t);

###############################################################################

is(mask(api('POST', '/sessions/new')), '201', 'the secret');
is(mask(create(secret => 'next-secret')), '201', 'the next secret');
is(mask(create(secret => 'from-a-file', prefix => '/apps/filed')), '201',
	'a secret from a file');

is(mask(create(secret => undef)), '401 unauthorized', 'none');
is(mask(create(secret => 'wrong')), '401 unauthorized', 'a wrong one');
is(mask(create(secret => 'demo-secre')), '401 unauthorized', 'a part');
is(mask(create(secret => 'demo-secretdemo-secret')), '401 unauthorized',
	'twice');
is(mask(create(secret => 'demo-secret, next-secret')), '401 unauthorized',
	'both');
is(mask(create(secret => 'from-a-file')), '401 unauthorized',
	'that of another app');
is(mask(create(secret => '')), '401 unauthorized', 'an empty one');

is(mask(authorization('bearer demo-secret')), '201', 'lower case');
is(mask(authorization('BEARER  demo-secret')), '201', 'upper case, two spaces');
is(mask(authorization('Basic demo-secret')), '401 unauthorized', 'Basic');
is(mask(authorization('Bearer')), '401 unauthorized', 'scheme alone');
is(mask(authorization('demo-secret')), '401 unauthorized', 'no scheme');
is(mask(authorization('Bearerdemo-secret')), '401 unauthorized', 'no space');

my $r = create(secret => 'wrong');
is($r->{headers}{'access-control-allow-origin'}, '*', 'readable for a page');
is($r->{headers}{'www-authenticate'}, 'Bearer realm="sfu"', 'the challenge');
ok($r->{json}{errorDescription}, 'has a description');

is(mask(create(prefix => '/apps/other')), '404 not_found', 'unknown app');
is(mask(create(prefix => '/apps/Demo')), '404 not_found', 'not the same app');

# what is not allowed does not reach the worker, and is not read

is(scalar(grep { /session/ && !/"hello"/ } split /\n/,
	$t->read_file('requests.log')), 5, 'requests at the worker');

$r = api('POST', '/sessions/new', 'x' x 100000, secret => 'wrong');
is(mask($r), '401 unauthorized', 'before the body is read');

# no secret is logged where others read it

my $log = join "\n", grep { !/\[debug\]/ } split /\n/,
	$t->read_file('error.log');

unlike($log, qr/demo-secret|next-secret|from-a-file/, 'no secret in the log');
like($log, qr/sfu: app "demo" session "-" sessions\/new: 401 unauthorized/,
	'a line for a refusal');
like($log, qr/sfu: app "-" session "-" sessions\/new: 404 not_found/,
	'a line for an unknown app');

###############################################################################

sub create {
	return api('POST', '/sessions/new', undef, @_);
}

sub authorization {
	my ($value) = @_;

	return create(secret => undef, headers => "Authorization: $value\r\n");
}

###############################################################################
