#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# tracks/update and "simulcast": what the worker is asked, and what clients are
# told.  What it does, worker/sfu/update_test.c and t/browser/layers.test.mjs
# show.  Section 18 of docs/cloudflare.md: 35, 36, 37.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use JSON::PP;

use Test::Nginx;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF'));
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret;
EOF

my $log = $t->testdir() . '/requests';
my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $s = '/sessions/1f2e3d4c' . 'a' x 24;

my @choices = (

	# what is asked for, and how the worker is told

	[ 'nothing', undef, undef ],
	[ 'an empty object', {}, {} ],
	[ 'a rid', { preferredRid => 'h' }, { rid => 'h' } ],
	[ 'no preference', { preferredRid => '' }, { rid => '' } ],
	[ 'all members', { preferredRid => 'a', priorityOrdering => 'none',
		ridNotAvailable => 'asciibetical' },
		{ rid => 'a', by_availability => $true } ],
	[ 'priority', { priorityOrdering => 'asciibetical' },
		{ by_priority => $true } ],
	[ 'an old name', { ridUnavailableStrategy => 'asciibetical' },
		{ by_availability => $true } ],
	[ 'an older one', { fallbackStrategy => 'auto' },
		{ by_availability => $true, by_priority => $true } ],
	[ 'whose other values mean nothing',
		{ fallbackStrategy => 'leastBandwidth' }, {} ],
	[ 'layers of SVC', { maxSpatialLayer => 0, maxTemporalLayer => 2 },
		{ spatial => 1, temporal => 3 } ],
	[ 'null and unknown members', { preferredRid => undef, x => [] }, {} ],
);

$t->plan(4 * @choices + 6);

fake_worker($t, 'worker', log => $log);
$t->run();
wait_up($t);

###############################################################################

for my $choice (@choices) {
	my ($name, $simulcast, $layers) = @$choice;
	my $track = { location => 'remote', sessionId => '1f2e3d4c0000',
		trackName => 'cam', mid => '1000' };

	$track->{simulcast} = $simulcast if defined $simulcast;

	my $r = api('PUT', "$s/tracks/update", { tracks => [ $track ] });
	my $asked = last_request();

	is_deeply($r->{json}, { requiresImmediateRenegotiation => $false,
		tracks => [ { sessionId => '1f2e3d4c0000', trackName => 'cam',
			mid => '1000' } ] }, "$name: the response");
	is($asked->{type}, 'session.update_tracks', "$name: the request");
	is_deeply($asked->{tracks}[0]{layers}, $layers, "$name: its layers");

	delete $track->{mid};
	api('POST', "$s/tracks/new", { tracks => [ $track ] });
	is_deeply(last_request()->{tracks}[0]{layers}, $layers,
		"$name: in a pull, too");
}

# two tracks, of which one fails; cloudflare 36

my $r = api('PUT', "$s/tracks/update", { tracks => [
	{ location => 'remote', sessionId => 'p', trackName => 'cam',
		mid => '1000' },
	{ location => 'remote', sessionId => 'p',
		trackName => 'error-track_no_layers', mid => '1001' } ] });

is(mask($r), '200', 'one of two fails');
is($r->{json}{tracks}[0]{errorCode}, undef, 'the other does not');
is($r->{json}{tracks}[1]{errorCode}, 'update_track_error', 'with its code');
ok(length $r->{json}{tracks}[1]{errorDescription}, 'and words');
is($r->{json}{tracks}[1]{mid}, '1001', 'at its mid');

# a session that is gone

is(mask(api('PUT', "$s-error-session_gone/tracks/update", { tracks => [
	{ location => 'remote', sessionId => 'p', trackName => 'cam' } ] })),
	'410 session_error', 'no such session');

###############################################################################

sub last_request {
	my ($line) = (grep { !/"hello"/ } split /\n/,
		$t->read_file('requests'))[-1];

	return decode_json($line);
}

###############################################################################
