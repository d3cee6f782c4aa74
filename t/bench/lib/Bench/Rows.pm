package Bench::Rows;

# Copyright (C) the ngx_sfu_module authors
#
# What is measured.  The rows that flatter nobody are here, too.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT_OK = qw/ rows steps pace /;

# name     how a row is called on the command line and in bench.json
# title    for people
# kind     media, storm or idle: what is told of it
# load     scenario and options of sfu-load
# endpoints  how many join, which takes time
# quick    is in the two minutes, too
# only     servers that can do it; others => why they cannot
# loops    of ours, if not one
# fanout   number of subscribers: a point of the plot
# bare     the bare loop that ours is compared with, at the same runs: options

sub rows {
	my (%o) = @_;

	my @rows = ((map { fanout($_) } qw/ 10 50 200 500 1000 1500 /),
	{
		name => 'fanout-200-no-gro', kind => 'media', endpoints => 201,
		title => '1 to 200, receivers without UDP_GRO',
		load => [qw/ fanout --publishers 1 --subscribers 200
			--gro off /],
		bare => [bare(200), qw/ --gro off /],
	}, {
		name => 'fanout-200-asleep', kind => 'media', endpoints => 201,
		title => '1 to 200, a generator that sleeps',
		load => [qw/ fanout --publishers 1 --subscribers 200
			--awake off /],
	}, {
		name => 'loops-2', kind => 'media', endpoints => 501, loops => 2,
		title => '1 to 500, by two loops on the one core',
		load => [qw/ fanout --publishers 1 --subscribers 500 /],
		except => { map { $_ => 'it has a thread a session' }
			qw/ janus janus-openssl / },
	}, {
		name => 'meeting-10', kind => 'media', endpoints => 10,
		title => 'meeting, 10 send and receive all', quick => 1,
		load => [qw/ meeting --publishers 10 /],
	}, {
		name => 'rooms-100', kind => 'media', endpoints => 200,
		title => '100 rooms of 1 to 1', rooms => 100,
		load => [qw/ rooms --rooms 100 --publishers 1
			--subscribers 1 /],
	}, {
		name => 'loss-2', kind => 'media', endpoints => 101,
		title => '1 to 100, 2 % lost and asked for again',
		load => [qw/ fanout --publishers 1 --subscribers 100
			--loss 2 /],
	}, {
		name => 'cm-sha1-200', kind => 'media', endpoints => 201,
		title => '1 to 200, AES128_CM_SHA1_80',
		load => [qw/ fanout --publishers 1 --subscribers 200
			--profile cm-sha1 /],
		bare => [bare(200, 'SRTP_AES128_CM_SHA1_80')],
	}, {
		name => 'audio-200', kind => 'media', endpoints => 201,
		title => '1 to 200, sound only',
		load => [qw/ fanout --publishers 1 --subscribers 200
			--codec opus /],
	}, {
		name => 'overload-20', kind => 'media', endpoints => 60,
		title => '10 rooms of 1 to 5, one publisher at 20 times its '
			. 'rate: the others', rooms => 10,
		load => [qw/ rooms --rooms 10 --publishers 1 --subscribers 5
			--overload 20 /],
	}, {
		name => 'storm-300', kind => 'storm', endpoints => 21,
		title => '300 joins a second beside 1 to 20', quick => 1,
		load => [qw/ storm --publishers 1 --subscribers 20
			--rate 300 /],
	}, {
		name => 'storm-most', kind => 'storm', endpoints => 21,
		title => '1500 joins a second asked for beside 1 to 20',
		load => [qw/ storm --publishers 1 --subscribers 20
			--rate 1500 /],
	}, {
		name => 'idle-1000', kind => 'idle', endpoints => 1000,
		title => '1,000 idle sessions',
		load => [qw/ idle --subscribers 1000 /],
	}, {
		name => 'idle-10000', kind => 'idle', endpoints => 10000,
		title => '10,000 idle sessions',
		load => [qw/ idle --subscribers 10000 /],
		except => { map { $_ => 'a port a session: the bench gives '
			. 'fewer' } qw/ janus janus-openssl / },
	});

	my $pattern = $o{pattern};

	@rows = grep { $_->{quick} } @rows if $o{quick};
	@rows = grep { $_->{name} =~ /^(?:$pattern)$/ } @rows
		if defined $pattern;

	return @rows;
}

sub fanout {
	my ($subscribers) = @_;

	return {
		name => "fanout-$subscribers", kind => 'media',
		title => "1 to $subscribers", endpoints => $subscribers + 1,
		fanout => $subscribers, quick => $subscribers == 200,
		bare => [bare($subscribers)],
		load => ['fanout', '--publishers', 1,
			'--subscribers', $subscribers],
	};
}

# packets a second of the camera that sfu-load is

sub pace { 270 }

# Each receiver has keys and a socket of its own, in both.

sub bare {
	my ($receivers, $profile) = @_;

	return ('--receivers', $receivers, '--gro', 'on', '--profile',
		$profile || 'SRTP_AEAD_AES_128_GCM');
}

# where the most subscribers are looked for: steps of at most a fifth

sub steps {
	return qw/ 10 20 50 75 100 125 150 175 200 250 300 350 400 450 500 600
		700 800 900 1000 1200 1400 1500 1750 2000 2250 2500 2750 3000
		3500 4000 /;
}

1;
