#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# What is at one worker and nowhere else: with several workers, all requests
# for it reach that one, and none another while it is down.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

use Time::HiRes qw/ time sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my @apps = map { "app$_" } 1 .. 8;

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(
		main => 'worker_processes 2;',
		http => join("\n", map({ "sfu_worker ipc://%%TESTDIR%%/$_.sock;" }
			qw/ one two /), map({ "sfu_app $_ secret=x;" } @apps)),
		server => join("\n", map {
			"location /$_/ { sfu_api arbiter $_; }" } @apps)));

my %worker;

for my $name (qw/ one two /) {
	$worker{$name} = real_worker($t, $name, '--feed-time', '1s');
	plan(skip_all => 'no sfu-worker') unless $worker{$name};
}

$t->plan(8)->run();
wait_up($t, 4);

###############################################################################

# whichever process is asked, what was made is found

my %room = map { $_ => make($_) } @apps;

is(scalar(grep { find($_) ne $room{$_} } map { ($_) x 5 } @apps), 0,
	'rooms are found');

my %rooms = rooms();
is(keys %rooms, 2, 'both workers have some');
is(eval { my $n = 0; $n += $_ for values %rooms; $n }, 8,
	'each is at one of them');

my %ws = map { $_ => ws_connect("/$_/ws") } @apps;
is(scalar(grep { identify($_) ne '200 OK' } @apps), 0, 'people enter');

# one goes: what is there is not to be had, and not made elsewhere

kill 'KILL', $worker{two};
$t->reaped($worker{two}, 5);
find($_) for @apps;

my @gone = grep { find($_) ne $room{$_} } @apps;
is(@gone, $rooms{two}, 'those of a worker that is down');
like(find($gone[0]), qr/^500 \{"message":"Something broke on the server"\}$/,
	'an error, and no other room');

my ($here) = grep { my $app = $_; !grep { $app eq $_ } @gone } @apps;
is(identify($here), '200 OK', 'the other one does not notice');

# and comes again: who is connected enters by himself

real_worker($t, 'two', '--feed-time', '1s');

my $until = time() + 60;
my $seen = 0;

while (time() < $until && $seen < @gone) {
	$seen = members('two');
	sleep 0.1;
}

is($seen, scalar @gone, 'people of the worker that returned');
$_->drop() for values %ws;

###############################################################################

sub make {
	my ($app) = @_;

	http("PUT /$app/createRoom HTTP/1.0\r\nHost: a\r\n\r\n");

	my $body = '{"urlPath":"x"}';

	return json_of(http("PATCH /$app/claimRoom HTTP/1.0\r\nHost: a\r\n"
		. 'Content-Length: ' . length($body) . "\r\n\r\n$body"))
		->{json}{id};
}

sub find {
	my ($app) = @_;

	my $r = json_of(http_get("/$app/getRoomId?urlPath=x"));

	return $r->{status} == 200 ? $r->{json}{id} : "$r->{status} $r->{body}";
}

sub identify {
	my ($app) = @_;

	$ws{$app}->text({ action => 'identify', data => { type => 'client',
		id => "c of $app", roomId => 'y' } });

	my $status = $ws{$app}->json() || {};

	return join ' ', map { $status->{$_} // '' } qw/ statusCode message /;
}

# a figure of each worker, by its name

sub figures {
	my ($name) = @_;

	my $metrics = json_of(http_get('/metrics'))->{body};
	my %id = $metrics =~ m!worker_info\{address="ipc://\S+/(\w+)\.sock",
		worker="(\w+)"!gx;
	my %of = reverse %id;

	return map { /^\Q$name\E\{worker="(\w+)"\} (\d+)/
		? ($of{$1} => $2) : () } split /\n/, $metrics;
}

sub rooms { return figures('sfu_rooms') }

sub members {
	my %n = figures('sfu_room_members');

	return $n{$_[0]} || 0;
}
