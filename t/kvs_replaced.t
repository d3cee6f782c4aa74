#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams: a client that is not read, since as many of its
# messages wait for the worker as may, and that another one replaces then.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use IO::Socket::INET;
use Time::HiRes qw/ sleep /;

use Test::Nginx;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 4;',
	location => hush()));

my $worker = real_worker($t, 'worker');
plan(skip_all => 'no worker') unless $worker;

$t->plan(2)->run();
wait_up($t, 4);

###############################################################################

my $arn = create('busy');
my $old = viewer($arn, 'v');

kill 'STOP', $worker;

say_('ICE_CANDIDATE', "c$_") for 1 .. 100;
sleep 0.5;

# one of these comes to another process, whose request the worker takes first

my @new = map {
	my $s = IO::Socket::INET->new('127.0.0.1:' . port(8080)) or die $!;
	$s->autoflush(1);
	$s->print(ws_request(presign('/kvs/v', args => [
		'X-Amz-ChannelARN' => $arn, 'X-Amz-ClientId' => 'v' ])));
	$s;
} 1 .. 12;

sleep 0.5;
kill 'CONT', $worker;

my @at = map { ws_handshake($_, '') } @new;

is(scalar(grep { $_ } @at), 12, 'another is connected');

say_('SDP_OFFER', 'last');

my $told = '';
$told = told($old) while $told !~ /nothing| last$/;

is($told, 'STATUS 400 InvalidArgumentException last',
	'who was replaced is read again');

$_->drop() for grep { $_ } $old, @at;

###############################################################################

sub say_ {
	my ($action, $correlation) = @_;

	$old->text({ action => $action, messagePayload => payload('text'),
		correlationId => $correlation });
}

###############################################################################
