#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams with several workers: a channel lives at one of them,
# and is nowhere else while that one is away.  kvs 49.

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

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 2;',
	workers => join("\n", map { "sfu_worker ipc://%%TESTDIR%%/w$_.sock;" }
		1 .. 2), location => hush()));

my @workers = map { real_worker($t, "w$_", '--store',
	$t->testdir() . "/$_.db") } 1 .. 2;
plan(skip_all => 'no worker') unless defined $workers[0];

$t->plan(11)->run();
wait_up($t, 4);

my @names = sort map { "channel-$_" } 'a' .. 'l';
my %arn = map { $_ => create($_) } @names;
my %at = map { my $n = $_; $n => [ grep { $t->read_file("w$_.log")
	=~ /channel "\Q$n\E": created/ } 1 .. 2 ] } @names;

is(scalar(grep { @{$at{$_}} == 1 } @names), 12, 'each is at one worker');
my @second = grep { $at{$_}[0] == 2 } @names;
ok(@second > 0 && @second < 12, 'not all at the same');

# one list, in pages that do not divide evenly

my ($token, @listed);

do {
	my $r = kvs('listSignalingChannels', { MaxResults => 5,
		$token ? (NextToken => $token) : () });
	push @listed, map { $_->{ChannelName} } @{$r->{json}{ChannelInfoList}};
	$token = $r->{json}{NextToken};
} while ($token && @listed < 30);

is("@listed", "@names", 'kvs 49: one list of all');

my ($name) = @second;
my $m = master($arn{$name});
my $v = viewer($arn{$name}, 'v');
$v->text({ action => 'SDP_OFFER', messagePayload => 'aaaa' });
is(told($m), 'SDP_OFFER v:aaaa', 'calls at the second');

# the second is away

kill 'KILL', $workers[1];
waitpid $workers[1], 0;
wait_log($t, qr/sfu: worker .*w2.sock.* is down/, 2);

is(kvs_error(kvs('describeSignalingChannel', { ChannelName => $name })),
	'503 ServiceUnavailable', 'its channels are');
ok(!viewer($arn{$name}, 'w'), 'nobody connects to them');
is(refused(), '503 ServiceUnavailable', 'and is told why');
is(kvs_error(kvs('listSignalingChannels', {})), '503 ServiceUnavailable',
	'a list without them would be wrong');

my ($other) = grep { $at{$_}[0] == 1 } @names;
is(kvs_error(kvs('describeSignalingChannel', { ChannelName => $other })),
	'200', 'those of the first are there');
ok(master($arn{$other}), 'and can be used');

real_worker($t, 'w2', '--store', $t->testdir() . '/2.db');
wait_log($t, qr/sfu: worker .*w2.sock.* is up/, 4);
my $r = kvs('listSignalingChannels', {});
is(scalar @{$r->{json}{ChannelInfoList} || []}, 12, 'all are back');

###############################################################################
