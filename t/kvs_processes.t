#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# One of four nginx processes is killed while fifty channels talk: only its own
# connections notice, and those that come again find their channel.

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

# what was not written to the dead is, when their sockets are closed
$SIG{PIPE} = 'IGNORE';

my $t = Test::Nginx->new()->has(qw/http/);

$t->write_file_expand('nginx.conf', kvs_conf(main => 'worker_processes 4;',
	location => hush()));

# that a process was killed is worth an alert
$t->todo_alerts();

my $worker = real_worker($t, 'worker', '--store', $t->testdir() . '/store.db');
plan(skip_all => 'no worker') unless $worker;

$t->plan(9)->run();
wait_up($t, 4);

###############################################################################

my @names = map { "c$_" } 1 .. 50;
my (%arn, %ws);

for my $name (@names) {
	$arn{$name} = create($name);
	$ws{"$name master"} = master($arn{$name});
	$ws{"$name viewer"} = viewer($arn{$name}, 'me');
}

# the worker's log has who asked: process*connection.request

my (%at, %count);

my $log = $t->read_file('worker.log');

while ($log =~ /channel\ "(c\d+)":\ (?:the\ )?
	(master|viewer)\b.*\ request\ (\d+)\*/gx)
{
	$at{"$1 $2"} = $3;
	$count{$3}++;
}

is(scalar keys %at, 100, 'a hundred connections');
my ($victim) = sort { $count{$b} <=> $count{$a} } keys %count;
my @lost = grep { $at{$_} == $victim } sort keys %at;
cmp_ok(scalar keys %count, '>', 1, 'at several processes');

my @whole = grep { $at{"$_ master"} != $victim
	&& $at{"$_ viewer"} != $victim } @names;

note(scalar(@lost) . ' connections of the victim, ' . @whole
	. ' channels without it');

# a thousand messages under way while it dies

for my $i (1 .. 20) {
	for my $name (@names) {
		say_("$name viewer", sprintf 'v%03d', $i);
		say_("$name master", sprintf('m%03d', $i),
			recipientClientId => 'me');
	}

	kill 'KILL', $victim if $i == 10;
}

ok(wait_log($t, qr/worker process $victim exited on signal 9/), 'killed');

my @wrong = grep { my $name = $_;
	heard("$name master") ne expected('me', 'v')
	|| heard("$name viewer") ne expected(undef, 'm') } @whole;

is("@wrong", '', 'others miss nothing, and hear it in order');

is(scalar(grep { !$ws{$_}->gone() } @lost), 0, 'its own are gone');
is(scalar(grep { $ws{$_}->gone(0) } grep { $at{$_} != $victim } keys %at), 0,
	'and no others');

# they come again, wherever that may be

for (@lost) {
	my ($name, $role) = split ' ';
	$ws{$_} = $role eq 'master' ? master($arn{$name})
		: viewer($arn{$name}, 'me');
}

is(scalar(grep { !$ws{$_} } @lost), 0, 'they come again');

my %changed = map { (split ' ')[0] => 1 } @lost;
my @deaf;

for my $name (sort keys %changed) {
	say_("$name viewer", 'last');
	say_("$name master", 'last', recipientClientId => 'me');

	push @deaf, $name unless until_("$name master", 'ICE_CANDIDATE me:last')
		&& until_("$name viewer", 'ICE_CANDIDATE:last');
}

is("@deaf", '', 'and talk');

ok(viewer($arn{$names[0]}, 'new'), 'there are new ones');

# nginx need not wait for them
%ws = ();

###############################################################################

sub say_ {
	my ($who, $payload, %more) = @_;

	$ws{$who}->text({ action => 'ICE_CANDIDATE', messagePayload => $payload,
		%more });
}

sub expected {
	my ($from, $letter) = @_;

	return join ' ', map { sprintf 'ICE_CANDIDATE%s:%s%03d',
		$from ? " $from" : '', $letter, $_ } 1 .. 20;
}

sub heard { join ' ', map { told($ws{$_[0]}) } 1 .. 20 }

sub until_ {
	my ($who, $text) = @_;

	for (1 .. 50) {
		my $told = told($ws{$who});
		return 1 if $told eq $text;
		return 0 if $told eq 'nothing';
	}

	return 0;
}

###############################################################################
