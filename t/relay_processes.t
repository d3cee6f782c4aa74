#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Hundreds of relays between four nginx processes, one of which is killed in
# the middle: only its own connections notice.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Time::HiRes qw/ sleep /;

use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

use constant { CLIENTS => 40, RELAYS => 10 };

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(
		main => 'worker_processes 4;',
		server => 'location /arbiter/ { sfu_api arbiter demo; '
			. 'sfu_arbiter_status off; add_header X-Pid $pid always; }'));

# that a process was killed is worth an alert
$t->todo_alerts();

plan(skip_all => 'no sfu-worker') unless real_worker($t, 'worker',
	'--feed-time', '1s');
$t->plan(8);
$t->run();
wait_up($t, 4);

###############################################################################

my $sfu = ws_connect('/arbiter/ws') or die $@;
$sfu->text({ action => 'identify', data => { type => 'sfu', id => 'S' } });

# its answer comes by whichever process

my $claim = '{"urlPath":"p"}';

for (1 .. 100) {
	last if http("PATCH /arbiter/claimRoom HTTP/1.0\r\n"
		. "Content-Type: application/json\r\n"
		. 'Content-Length: ' . length($claim) . "\r\n\r\n$claim")
		=~ /"roomId":"S"/;
	sleep 0.05;
}

# who is at the process of the SFU must not be killed with it

my (%at, @clients);

for my $i (1 .. CLIENTS) {
	my $ws = ws_connect('/arbiter/ws') or die $@;

	push @clients, { ws => $ws, id => "c$i", pid => pid($ws), got => [] };
	push @{$at{pid($ws)}}, "c$i";
	$ws->text({ action => 'identify',
		data => { type => 'client', id => "c$i", roomId => 'S' } });

	# it is known once the SFU has heard of it
	say_to_sfu($clients[-1], -1);
}

my $known = 0;
$known++ while $known < CLIENTS && $sfu->json();

is($known, CLIENTS, 'all are there');
cmp_ok(scalar keys %at, '>', 1, 'at several processes');

my ($victim) = grep { $_ != pid($sfu) }
	sort { @{$at{$b}} <=> @{$at{$a}} } keys %at;
my %lost = map { $_ => 1 } @{$at{$victim}};
my @rest = grep { !$lost{$_->{id}} } @clients;
my %heard;
my %left;

for my $n (1 .. RELAYS) {
	for my $client (@clients) {
		say_to_sfu($client, $n) unless $lost{$client->{id}} && $n > RELAYS / 2;
		say_to_client($client, $n);
	}

	kill 'KILL', $victim if $n == RELAYS / 2;
}

# whom it had leaves when the worker notices: after its feed time

while (my $said = $sfu->json(keys %left == keys %lost ? 0.3 : 10)) {
	if (defined $said->{type} && $said->{type} eq 'clientDisconnect') {
		$left{$said->{clientId}}++;
	} else {
		push @{$heard{$said->{sender}}}, $said->{n};
	}
}

my $all = join ',', 1 .. RELAYS;

is_deeply([ grep { join(',', @{$heard{$_->{id}} || []}) ne $all } @rest ], [],
	'the SFU heard all, in order');

for my $client (@rest) {
	while (@{$client->{got}} < RELAYS and my $said = $client->{ws}->json()) {
		push @{$client->{got}}, $said->{n} if defined $said->{n};
	}
}

is_deeply([ map { $_->{id} } grep { join(',', @{$_->{got}}) ne $all } @rest ],
	[], 'and so did the others');
is_deeply(\%left, { map { $_ => 1 } keys %lost }, 'whom it had has left');
is(scalar(grep { !$_->{ws}->gone(1) } grep { $lost{$_->{id}} } @clients), 0,
	'and knows');

# somebody else comes, at whichever process

my $new = ws_connect('/arbiter/ws') or die $@;
$new->text({ action => 'identify',
	data => { type => 'client', id => 'new', roomId => 'S' } });
say_to_sfu({ ws => $new, id => 'new' }, 1);
is($sfu->json()->{sender}, 'new', 'it goes on');

is(scalar(grep { $_->{ws}->gone(0) } @rest), 0, 'nobody else was cut off');

# an nginx that is asked to quit waits for it
$sfu->drop();

###############################################################################

sub pid {
	my ($ws) = @_;

	return $ws->head() =~ /^X-Pid: (\d+)/mi ? $1 : 0;
}

sub say_to_sfu {
	my ($client, $n) = @_;

	$client->{ws}->text({ action => 'handshake', data => {
		type => 'producer', sender => $client->{id}, roomId => 'S',
		n => $n, candidate => undef } });
}

sub say_to_client {
	my ($client, $n) = @_;

	$sfu->text({ action => 'handshake', data => { type => 'producer',
		sender => 'S', receiver => $client->{id}, n => $n,
		candidate => undef } });
}

###############################################################################
