#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams by AWS's SDK for Python, and a WebSocket that is signed
# as its users do it.  Numbers are those of docs/kvs.md: 49, 50.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

plan(skip_all => 'no botocore')
	if system('python3 -c "import botocore" 2>/dev/null') != 0;

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(location => hush()));

my $worker = real_worker($t, 'worker', '--store', $t->testdir() . '/store.db');
plan(skip_all => 'no worker') unless $worker;

$t->plan(13)->run();
wait_up($t);

create('other');

###############################################################################

my $port = port(8080);
my $tool = root() . '/t/tools/kvs.py';
my $out = `timeout 60 python3 $tool http://localhost:$port/kvs 2>&1`;
my %said = map { /^(\w+) (.*)$/ ? ($1 => $2) : () } split /\n/, $out;

diag($out) unless defined $said{url};

for (
	[ 'created', qq!True datetime {'MessageTtlSeconds': 60}! ],
	[ 'tags', qq!{'a': 'b'}! ],
	[ 'listed', qq!['other', 'python']! ],
	[ 'endpoint', 'True' ],
	[ 'ice', '[]' ],
	[ 'exists', '400 ResourceInUseException' ],
	[ 'unknown', '404 ResourceNotFoundException' ],
	[ 'name', '400 InvalidArgumentException' ],
	[ 'version', '400 VersionMismatchException' ],
	[ 'account', '401 AccessDeniedException' ],
	[ 'secret', '403 InvalidSignatureException' ],
)
{
	is($said{$_->[0]}, $_->[1], "kvs 49, 50: $_->[0]");
}

my ($target) = ($said{url} || '') =~ m!^wss://localhost:$port(/.*)!;
my $v = ws_connect($target, headers => { Host => "localhost:$port" });

ok($v, 'its URL is accepted');

my $m = master(kvs('describeSignalingChannel', { ChannelName => 'python' })
	->{json}{ChannelInfo}{ChannelARN});
$v->text({ action => 'SDP_OFFER', messagePayload => 'aaaa' });
is(told($m), 'SDP_OFFER snake.1:aaaa', 'under the id that it names');

###############################################################################
