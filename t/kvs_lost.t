#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Kinesis Video Streams: the worker forgets nginx's connections while somebody
# connects, before the 101.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use IO::Socket::INET;
use JSON::PP;
use Time::HiRes qw/ sleep /;

use Test::Nginx;
use Test::Sfu;
use Test::Kvs;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(location => hush()));
$t->write_file('requests.log', '');

fake_worker($t, 'worker', log => $t->testdir() . '/requests.log');

$t->plan(6)->run();
wait_up($t);

###############################################################################

# a connect that is answered after a second and a half

my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . port(8080))
	or die "can't connect: $!\n";

$s->autoflush(1);
$s->print(ws_request(presign('/kvs/m', args => [ 'X-Amz-ChannelARN' =>
	'arn:aws:kinesisvideo:us-east-1:123456789012:channel/cam-late/'
	. '1700000000000' ])));

is(scalar(asked('channel.connect', 1)), 1, 'on its way');

# the fake worker has another epoch from then on

sleep(0.4);
kvs('describeSignalingChannel', { ChannelName => 'forget' });
wait_log($t, qr/has forgotten our connections/);

ok(ws_handshake($s, ''), 'accepted all the same');

# the answer was for a feed that nobody asks for any more

my @connects = asked('channel.connect', 2);

is(scalar @connects, 2, 'connected once more');
isnt($connects[-1]{feed}, $connects[0]{feed}, 'with another feed');
is($connects[-1]{feed}, (asked('events.next', 1))[-1]{feed},
	'which is asked for events');
ok($connects[-1]{again}, 'as one who was there');

###############################################################################

# requests of a type; waits for so many of them

sub asked {
	my ($type, $count) = @_;
	my @found;

	for (1 .. 150) {
		@found = grep { $_->{type} eq $type } map { decode_json($_) }
			split /\n/, $t->read_file('requests.log');
		last if @found >= $count;
		sleep(0.02);
	}

	return @found;
}

###############################################################################
