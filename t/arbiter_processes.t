#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Arbiter over several nginx processes, some of which end, and a worker that is
# restarted.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Arbiter;
use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

use Time::HiRes qw/ sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

# one is killed
my $t = Test::Nginx->new()->has(qw/http/)->todo_alerts()
	->write_file_expand('nginx.conf', sfu_conf(
		main => 'worker_processes 4;',
		server => 'location /production { sfu_api arbiter demo; '
			. 'add_header X-Pid $pid always; }'));

my $worker = real_worker($t, 'worker', '--feed-time', '1s');
plan(skip_all => 'no sfu-worker') unless $worker;

$t->plan(9)->run();
wait_up($t, 4);

###############################################################################

# arbiter 25: several nginx processes, in order, and one of them dies

my %process;

for (1 .. 400) {
	my $ws = ws_connect('/production') or die $@;
	my ($pid) = $ws->head() =~ /^X-Pid: (\d+)/m;

	$process{$pid} ||= $ws;
	last if keys %process == 4;
}

is(keys %process, 4, 'arbiter 25: a connection of each process');

my @pids = sort keys %process;
my $s = $process{$pids[0]};
identify($s, type => 'sfu', id => 'far');
my @clients = @process{@pids[1 .. 3]};
identify($clients[$_], type => 'client', id => "far $_", roomId => 'far')
	for 0 .. 2;

# a hundred each, and in the middle of it one process goes

for my $i (1 .. 100) {
	for my $k (0 .. 2) {
		next if $k == 2 && $i > 50;
		$clients[$k]->text(handshake(sender => "far $k", i => $i));
	}

	kill 'KILL', $pids[3] if $i == 50;
}

my @seen = map { [] } 0 .. 2;
while (@{$seen[0]} < 100 || @{$seen[1]} < 100) {
	my $m = $s->json();
	last unless $m;
	next unless defined $m->{i};
	push @{$seen[$1]}, $m->{i} if $m->{sender} =~ /^far (\d)$/;
}

is_deeply([ @seen[0, 1] ], [ [ 1 .. 100 ], [ 1 .. 100 ] ],
	'arbiter 25: all come, in their order');
is(status($clients[0]), '200 OK', 'the others do not notice');

# another one is stopped, as by a debugger: it counts as dead, and comes back

kill 'STOP', $pids[2];
my %left;
is(until_message($clients[0], sub {
	$left{$1}++ if $_[0] =~ /^\{"type":"clientDisconnect","clientId":"far (\d)"\}$/;
	return keys %left == 2;
}), 1, 'the clients of the dead one have left, and of the other');
kill 'CONT', $pids[2];

my $back = '';

for (1 .. 300) {
	drain($clients[1]);
	$back = status($clients[1], handshake(sender => 'far 1', i => 'back'));
	last if $back =~ /^200/;
	sleep 0.1;
}

is($back, '200 OK', 'those of the other are there again');
is(until_message($s, sub { $_[0] =~ /"back"/ }), 1, 'for all');

# the worker goes, and comes: nobody has to connect again

kill 'KILL', $worker;
$t->reaped($worker, 5);
real_worker($t, 'worker', '--feed-time', '60s');

my $again = '';

for (1 .. 300) {
	drain($clients[0]);
	$again = status($clients[0], handshake(sender => 'far 0', i => 'again'));
	last if $again =~ /^200/;
	sleep 0.1;
}

is($again, '200 OK', 'the worker was restarted');
is(until_message($s, sub { $_[0] =~ /"again"/ }), 1, 'and knows all');

# one that ends says so: nobody waits for the time of its feed

for (1 .. 300) {
	drain($clients[1]);
	$back = status($clients[1], handshake(sender => 'far 1', i => 'once'));
	last if $back =~ /^200/;
	sleep 0.1;
}

kill 'TERM', $pids[2];
is(until_message($clients[0], sub {
	$_[0] eq '{"type":"clientDisconnect","clientId":"far 1"}' }), 1,
	'a process says that it ends');
