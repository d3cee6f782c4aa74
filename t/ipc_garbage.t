#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Whatever a worker sends costs at most the request it was sent for.

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

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(server => 'sfu_timeout 1s;'));

my $lost = '503 retryable_transient_error';

# the fault, what the client sees, a line of the log

my @faults = (
	['none', '200'],
	['slow', '200'],
	['twice', '200', qr/late reply \d+ dropped/],
	['short', '200'],
	['silent', $lost],
	['garbage', $lost, qr/reply \d+ dropped: 11 bytes that are not JSON/],
	['binary', $lost, qr/dropped: 100 bytes that are not JSON/],
	['empty', $lost, qr/dropped: 0 bytes that are not JSON/],
	['array', $lost, qr/dropped: it does not name its worker/],
	['repeated', $lost, qr/dropped: \d+ bytes that are not JSON/],
	['deep', $lost, qr/dropped: 100000 bytes that are not JSON/],
	['noworker', $lost, qr/dropped: it does not name its worker/],
	['badworker', $lost, qr/dropped: it does not name its worker/],
	['wrongid', $lost, qr/late reply \d+ dropped/],
	['late', $lost, qr/late reply \d+ dropped/],
	['bare', '500 internal_error', qr/the worker's reply makes no sense/],
	['wrongtypes', '500 internal_error', qr/reply makes no sense/],
	['otherworker', '410 session_error', qr/has restarted, id 00000000/],
	['huge', $lost],
);

my $logged = grep { $_->[2] } @faults;

$t->plan(2 * @faults + $logged + 8);

fake_worker($t, 'worker');
$t->run();
wait_up($t);

###############################################################################

for my $fault (@faults) {
	my ($name, $expected, $line) = @$fault;

	my $before = $line ? seen($t, $line) : 0;

	is(mask(get("-$name")), $expected, $name);
	ok(works(), "$name: the next request");
	ok(wait_log($t, $line, $before + 1), "$name: log") if $line;
}

my $r = get('-silent');
is($r->{headers}{'retry-after'}, 1, 'Retry-After');
is($r->{headers}{'access-control-allow-origin'}, '*', 'CORS');

# many at once, of which some fail: replies are told apart by their ids

my @sockets = map { [ $_, http(request_text('GET', "/sessions/1f2e3d4c$_"),
	start => 1) ] } map { ('', '-silent', '-slow', '-garbage', '-wrongid',
	'-twice', "-error-limit") } 1 .. 10;
my %results;

for (@sockets) {
	my ($name, $s) = @$_;
	my $r = mask(json_of(http('', socket => $s)));
	$results{$name}{$r}++;
}

is_deeply($results{''}, { 200 => 10 }, 'good ones of many');
is_deeply($results{'-slow'}, { 200 => 10 }, 'slow ones of many');
is_deeply($results{'-silent'}, { $lost => 10 }, 'silent ones of many');
is_deeply($results{'-error-limit'},
	{ '503 temporarily_unavailable_error' => 10 }, 'failed ones of many');

# clients that do not wait: the reply finds nobody

my $before = seen($t, qr/late reply/);

for (1 .. 3) {
	my $s = http(request_text('GET', '/sessions/1f2e3d4c-slow'), start => 1);
	select undef, undef, undef, 0.05;
	$s->close();
}

ok(wait_log($t, qr/late reply \d+ dropped/, $before + 3),
	'replies to clients that have gone');
ok(wait_log($t, qr/session: 499/, 3), 'their lines');

###############################################################################

sub get {
	my ($fault) = @_;

	return api('GET', "/sessions/1f2e3d4c$fault");
}

# after the connection had to be made again it may take a moment

sub works {
	for (1 .. 400) {
		return 1 if mask(get('')) eq '200';
		select undef, undef, undef, 0.05;
	}

	return 0;
}

sub seen {
	my ($t, $line) = @_;

	return scalar grep { /$line/ } split /\n/, $t->read_file('error.log');
}

###############################################################################
