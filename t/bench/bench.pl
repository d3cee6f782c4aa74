#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The same load on this SFU, on Janus and on a bare loop, in turn, on the same
# core; the generator has another one.  See docs/performance.md.

###############################################################################

use warnings;
use strict;

use Cwd qw/ abs_path /;
use File::Basename qw/ dirname /;
use Getopt::Long;
use JSON::PP;

BEGIN { unshift @INC, dirname(abs_path(__FILE__)) . '/lib' }

use Bench::Figures qw/ median medians /;
use Bench::File qw/ read_file write_file /;
use Bench::Janus;
use Bench::Machine;
use Bench::Ours;
use Bench::Process;
use Bench::Results qw/ text markdown svg /;
use Bench::Rows qw/ rows steps pace /;
use Bench::Run qw/ run /;
use Bench::Signal qw/ signal_rows /;

$| = 1;

my $root = abs_path(dirname(abs_path(__FILE__)) . '/../..');
my %o = (
	build => $ENV{BUILD} || "$root/build", rounds => 3, duration => 5,
	warmup => 2, 'server-core' => 0, 'load-core' => 1,
	port => 26000, most => 1, raw => 1, bare => 1, patience => 20, signal => 1,
	sockets => 10000,
);

GetOptions(\%o, 'build=s', 'out=s', 'load=s', 'rounds=i', 'duration=f',
	'warmup=f', 'server-core=i', 'load-core=i', 'port=i', 'rows=s',
	'servers=s', 'patience=f', 'quick', 'most!', 'raw!', 'bare!', 'signal!',
	'sockets=i', 'list', 'help')
	or exit 2;

if ($o{help}) {
	print <<'EOF';
usage: bench.pl [options]

  --quick            three rows, one round: two minutes
  --rows REGEX       only rows of these names; --list tells them
  --servers A,B      of ours, janus, janus-openssl
  --rounds N         (3)   --duration S (5)   --warmup S (2)
  --patience S       waits so long for a busy machine, before each row (20)
  --nomost           does not look for the most subscribers
  --noraw            does not measure the raw limit
  --nobare           does not compare fan-outs with a bare loop
  --nosignal         does not measure signaling;  --sockets N (10000)
  --server-core N    (0)   --load-core N (1)
  --port N           first of the ports that are used (26000)
  --build DIR        where the programs are (build)
  --load FILE        sfu-load (build/sfu-load)
  --out DIR          (build/bench): results.txt, results.md, bench.json,
                     fanout.svg
EOF
	exit;
}

if ($o{quick}) {
	($o{rounds}, $o{duration}, $o{most}, $o{sockets}) = (1, 4, 0, 2000);
}

$o{build} = abs_path($o{build}) // die "no $o{build}: run make\n";
$o{out} ||= "$o{build}/bench";
$o{load} ||= "$o{build}/sfu-load";
$o{address} = Bench::Machine::address();

my @rows = rows(quick => $o{quick}, pattern => $o{rows});

if ($o{list}) {
	printf "%-20s %s\n", $_->{name}, $_->{title} for @rows;
	exit;
}

die "no $o{load}: run make\n" unless -x $o{load};
die "no row is called so; --list tells their names\n" unless @rows;
die "server and generator need a core each\n" if Bench::Machine::cores() < 2
	|| $o{'server-core'} == $o{'load-core'};

mkdir $o{out};
$o{out} = abs_path($o{out}) // die "$o{out}: $!\n";

# whatever ends us ends what we have started: Bench::Process
$SIG{INT} = $SIG{TERM} = sub { exit 130 };

###############################################################################

my $shared = ($ENV{SFU_DEPS_DIR} || "$o{build}/deps") . '/libsrtp2-shared';
my %kinds = (
	'ours' => ['nginx + sfu-worker', 'Bench::Ours'],
	'janus' => ['Janus of Debian', 'Bench::Janus'],
	'janus-openssl' => ['Janus, libsrtp2 on OpenSSL', 'Bench::Janus',
		library_path => $shared],
);

my (@servers, %missing);

for my $name (split /,/, $o{servers} || 'ours,janus,janus-openssl') {
	my $kind = $kinds{$name} or die "no server is called $name\n";
	my $server = { name => $name, title => $kind->[0], kind => $kind };
	my $missing = make($server, 1)->missing();

	if (defined $missing) {
		$missing{$kind->[0]} = $missing;
		next;
	}

	push @servers, $server;
}

die "no server is left to measure\n" unless @servers;

my $bench = {
	machine => Bench::Machine::facts($root), count => $o{rounds},
	duration => $o{duration}, warmup => $o{warmup}, rows => [],
	servers => \@servers, most => {}, raw => [], signal => [],
	missing => \%missing,
};

for my $round (1 .. $o{rounds}) {
	round($round);
	save();
}

if ($o{most}) {
	$bench->{most}{$_->{name}} = most($_) for @servers;
}

save();
print "\n", read_file("$o{out}/results.txt"), "\nfiles: $o{out}\n";

###############################################################################

# a server of its own for each row

sub make {
	my ($server, $rooms, $loops) = @_;

	my (undef, $class, @more) = @{$server->{kind}};

	return $class->new(build => $o{build}, dir => "$o{out}/$server->{name}",
		core => $o{'server-core'}, port => $o{port}, rooms => $rooms,
		loops => $loops,
		address => $o{address}, media => [$o{port} + 100,
		$o{port} + 3999], @more);
}

# the raw limit, then each row with each server

sub round {
	my ($round) = @_;

	raw($round) if $o{raw};
	signaling($round) if $o{signal};

	for my $i (0 .. $#rows) {
		my $row = $bench->{rows}[$i]
			||= { %{$rows[$i]}, results => {} };

		for my $server (@servers) {
			my $figures = spared($row, $server)
				|| measure($server, $row, $round);
			my $result = $row->{results}{$server->{name}} ||= {};

			push @{$result->{rounds}}, $figures;
			$result->{median} = medians(@{$result->{rounds}});
		}
	}
}

# A server that lost half of the packets will not do better with more viewers,
# and shows nothing but how it fails.

sub spared {
	my ($row, $server) = @_;

	my $why = $row->{except}{$server->{name}};

	return { failed => $why } if defined $why;
	return undef unless $row->{fanout};

	for (@{$bench->{rows}}) {
		next unless $_->{fanout} && $_->{fanout} < $row->{fanout};

		my $result = $_->{results}{$server->{name}} or next;
		my $all = $result->{median};

		return { failed => "too much for it were $_->{fanout} already" }
			if defined $all->{failed} || ($all->{loss} || 0) > 20;
	}

	return undef;
}

sub measure {
	my ($server, $row, $round) = @_;

	my $made = make($server, $row->{rooms} || 1, $row->{loops} || 1);

	printf '%d: %-20s %-28s ', $round, $row->{name}, $server->{title};

	Bench::Process::wait_quiet($o{patience});

	my $f = run($made, $row, { load => $o{load}, core => $o{'load-core'},
		dir => $o{out}, duration => $o{duration},
		warmup => $o{warmup} });

	$server->{version} //= $made->version();
	against_bare($f, $row)
		if $o{bare} && $row->{bare} && $f->{run} && $f->{cpu_us};

	print defined $f->{failed} ? $f->{failed} : join('  ', map {
		defined $f->{$_->[1]} ? sprintf($_->[0], $f->{$_->[1]}) : () }
		['%.2f us', 'cpu_us'], ['lost %.3f %%', 'loss'],
		['p99 %.2f ms', 'p99_ms'], ['runs of %.1f', 'run'],
		['%.2f times bare', 'times_libsrtp'],
		['%.0f joins/s', 'joins'], ['%.0f kB', 'memory_kb'],
		['server %.0f %%', 'cpu_percent'],
		['generator %.0f %%', 'generator_percent'],
		['others %.0f %%', 'others_percent']), "\n";

	return $f;
}

# What a bare loop takes for such runs, seconds after the server did: what a
# machine has to give changes from minute to minute.

sub against_bare {
	my ($f, $row) = @_;

	my %loops = (libsrtp => [qw/ --sealing libsrtp /],
		paced => [qw/ --sealing libsrtp --pace /, pace()],
		ipsecmb => [qw/ --sealing ipsec-mb /]);

	for my $name (sort keys %loops) {
		my ($way) = @{bare_loop(@{$loops{$name}}, '--run', $f->{run},
			'--milliseconds', 600, @{$row->{bare}})} or next;

		$f->{"bare_$name"} = $way->{us_per_packet};
		$f->{"times_$name"} = $f->{cpu_us} / $way->{us_per_packet};
	}
}

# the ways that it measured; none: it could not

sub bare_loop {
	my (@options) = @_;

	my $json = "$o{out}/raw.json";

	unlink $json;

	my $process = Bench::Process->start(undef, out => "$o{out}/raw.out",
		command => ["$o{build}/bench-raw", '--json', $json,
			'--milliseconds', $o{quick} ? 150 : 300,
			'--send-core', $o{'server-core'},
			'--receive-core', $o{'load-core'}, @options]);

	$process->wait_end(120);
	$process->stop();

	my $said = eval { JSON::PP->new->utf8->decode(read_file($json)) };

	$missing{'bare loop'} = $process->ended() // 'no end' unless $said;

	return $said ? $said->{ways} : [];
}

# good enough: hardly any loss, and soon

sub fine {
	my ($f) = @_;

	return !defined $f->{failed} && defined $f->{p99_ms}
		&& $f->{loss} <= 0.1 && $f->{p99_ms} <= 50;
}

# Halves the steps between one that was fine and one that was not; the rows
# that were measured tell where to begin.

sub most {
	my ($server) = @_;

	my @steps = steps();
	my ($good, $bad) = (-1, scalar @steps);
	my $why = 'more were not tried';

	my $name = $server->{name};
	my %tried = map { $_->{fanout} => $_->{results}{$name}{median} }
		grep { $_->{fanout} } @{$bench->{rows}};

	# fewer may have been measured while others disturbed
	for my $at (grep { $tried{$steps[$_]} } 0 .. $#steps) {
		my $all = $tried{$steps[$at]};

		if (fine($all)) {
			($good, $bad, $why) = ($at, scalar @steps,
				'more were not tried');

		} elsif ($bad == @steps) {
			($bad, $why) = ($at, because($steps[$at], $all));
		}
	}

	while ($bad - $good > 1) {
		my $at = int(($good + $bad) / 2);
		my ($row) = map { { %$_, name => "most-$steps[$at]" } }
			Bench::Rows::fanout($steps[$at]);
		my $f = measure($server, $row, 0);

		if (fine($f)) {
			$good = $at;

		} else {
			($bad, $why) = ($at, because($steps[$at], $f));
		}
	}

	return { subscribers => $good < 0 ? 0 : $steps[$good], why => $why };
}

sub because {
	my ($subscribers, $f) = @_;

	return "$subscribers: " . (defined $f->{failed} ? $f->{failed}
		: sprintf('lost %.2f %%, p99 %.1f ms', $f->{loss} // 100,
			$f->{p99_ms} // 0));
}

# The same ways each round; the median of each.

sub raw {
	my ($round) = @_;

	printf "%d: raw limit\n", $round;
	Bench::Process::wait_quiet($o{patience});

	my $ways = bare_loop();

	for my $i (0 .. $#$ways) {
		my $way = $ways->[$i];
		my $raw = $bench->{raw}[$i] ||= {
			(map { $_ => $way->{$_} } qw/ sealing profile run /),
			gro => $way->{gro} ? 'on' : 'off', rounds => [],
		};

		push @{$raw->{rounds}}, { cpu_us => $way->{us_per_packet},
			reader_us => $way->{reader_us_per_packet} };

		for my $name (qw/ cpu_us reader_us /) {
			$raw->{$name} = median(map { $_->{$name} }
				@{$raw->{rounds}});
		}
	}
}

# Of this server alone: others do not have what would be relayed.

sub signaling {
	my ($round) = @_;

	printf "%d: signaling\n", $round;

	my ($rows, $why) = signal_rows(%o);

	$missing{'signaling'} = $why if defined $why;

	for my $i (0 .. $#$rows) {
		my $row = $bench->{signal}[$i] ||= { row => $rows->[$i]{row},
			rounds => [] };

		push @{$row->{rounds}}, $rows->[$i];
		$row->{median} = medians(@{$row->{rounds}});
	}
}

sub save {
	my $svg = svg($bench);

	write_file("$o{out}/results.txt", text($bench));
	write_file("$o{out}/results.md", markdown($bench));
	write_file("$o{out}/fanout.svg", $svg) if defined $svg;
	write_file("$o{out}/bench.json",
		JSON::PP->new->utf8->canonical->pretty->encode($bench));
}
