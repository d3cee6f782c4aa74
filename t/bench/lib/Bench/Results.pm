package Bench::Results;

# Copyright (C) the ngx_sfu_module authors
#
# What was measured, as tables and as a plot.

use warnings;
use strict;

use base qw/ Exporter /;

use Bench::Plot qw/ plot /;
use Bench::Table qw/ text_table markdown_table number /;

our @EXPORT_OK = qw/ text markdown svg notes /;

# titles, and the figure or text of a column
my %COLUMNS = (
	media => [
		['CPU, us a packet', 'cpu_us'], ['lost, %', 'loss'],
		['p50, ms', 'p50_ms'], ['p99, ms', 'p99_ms'],
		['packets a run', 'run'], ['memory, kB a session', 'memory_kb'],
		['server, % of a core', 'cpu_percent'],
		['generator, %', 'generator_percent'],
	],
	storm => [
		['joins a second', 'joins'], ['failed', 'joins_failed'],
		['join p50, ms', 'join_p50_ms'],
		['join p99, ms', 'join_p99_ms'],
		['running media: lost, %', 'loss'], ['p99, ms', 'p99_ms'],
		['server, % of a core', 'cpu_percent'],
		['generator, %', 'generator_percent'],
	],
	idle => [
		['sessions', 'sessions'],
		['server, % of a core', 'cpu_percent'],
		['memory, kB a session', 'memory_kb'],
		['generator, %', 'generator_percent'],
	],
	signal => [
		['WebSockets', 'sockets'], ['bytes of nginx each', 'bytes'],
		['relays a second', 'relays'], ['p50, ms', 'p50_ms'],
		['p99, ms', 'p99_ms'], ['CPU, us a relay', 'cpu_us'],
	],
	bare => [
		['packets a run', 'run'], ['CPU, us a packet', 'cpu_us'],
		['bare libsrtp2', 'bare_libsrtp'], ['times', 'times_libsrtp'],
		['at the pace of the load', 'bare_paced'],
		['times', 'times_paced'],
		['bare ipsec-mb', 'bare_ipsecmb'], ['times', 'times_ipsecmb'],
	],
	raw => [
		['gro', 'gro'], ['run', 'run'], ['CPU, us a packet', 'cpu_us'],
		['of the reader', 'reader_us'],
	],
);

my %HEADS = (
	media => 'Media', storm => 'Joins beside running media', idle => 'Idle',
	raw => 'Raw limit: seal and send, no server',
	bare => 'Against a bare loop with such runs, to as many, seconds later',
	signal => 'Signaling: WebSockets of one nginx process, relays between two',
);

# A line a load and a column a server: CPU a packet and p99, or what went wrong

sub brief {
	my ($bench) = @_;

	my @rows = grep { $_->{kind} eq 'media' } @{$bench->{rows}};
	my @lines = map { my $all = $_->{results};
		[$_->{title}, map { cell($all->{$_->{name}}{median}) }
			@{$bench->{servers}}] } @rows;
	my @most = map { $bench->{most}{$_->{name}} } @{$bench->{servers}};

	push @lines, ['most subscribers', map { $_ ? $_->{subscribers} : '-' }
		@most] if grep { $_ } @most;

	return @lines ? (['In short: us of CPU a packet, p99 in ms', ['load',
		map { $_->{title} } @{$bench->{servers}}], @lines]) : ();
}

sub cell {
	my ($f) = @_;

	return '-' if !$f || defined $f->{failed} || !defined $f->{cpu_us};
	return sprintf 'lost %s %%', number($f->{loss}) if $f->{loss} > 1;

	return number($f->{cpu_us}) . ', ' . number($f->{p99_ms});
}

# each: ([head, titles, rows]...)

sub tables {
	my ($bench) = @_;

	my @tables = brief($bench);

	for my $kind (qw/ media storm idle /) {
		my @rows = map { lines($kind, $_, $bench) }
			grep { $_->{kind} eq $kind } @{$bench->{rows}};
		next unless @rows;

		push @tables, [$HEADS{$kind}, ['load', 'server',
			map { $_->[0] } @{$COLUMNS{$kind}}], @rows];
	}

	my @bare = map { bare_lines($_, $bench) } @{$bench->{rows}};

	push @tables, [$HEADS{bare}, ['load', 'server',
		map { $_->[0] } @{$COLUMNS{bare}}], @bare] if @bare;

	my @most = map { [$_->{title}, $bench->{most}{$_->{name}}{why},
			number($bench->{most}{$_->{name}}{subscribers})] }
		grep { $bench->{most}{$_->{name}} } @{$bench->{servers}};

	push @tables, ['Most subscribers of one publisher: loss at most 0.1 %, '
		. 'p99 at most 50 ms', ['server', 'what then', 'subscribers'],
		@most] if @most;

	push @tables, [$HEADS{signal}, ['load',
		map { $_->[0] } @{$COLUMNS{signal}}], map { my $row = $_;
			[$row->{row}, map { number($row->{median}{$_->[1]}) }
				@{$COLUMNS{signal}}] } @{$bench->{signal}}]
		if @{$bench->{signal} || []};

	push @tables, [$HEADS{raw}, ['sealing', 'profile',
		map { $_->[0] } @{$COLUMNS{raw}}], map { my $way = $_;
			[$way->{sealing}, $way->{profile}, map {
				number($way->{$_->[1]}) } @{$COLUMNS{raw}}] }
		@{$bench->{raw}}] if @{$bench->{raw} || []};

	return @tables;
}

sub lines {
	my ($kind, $row, $bench) = @_;

	my @lines;

	for my $server (@{$bench->{servers}}) {
		my $f = $row->{results}{$server->{name}} or next;
		my @columns = @{$COLUMNS{$kind}};
		my @cells = map { number($f->{median}{$_->[1]}) } @columns;

		# a generator at its limit measures itself
		$cells[-1] .= ' (!)' if at_limit($f);

		my $mark = defined $f->{median}{failed} ? " [$f->{note}]"
			: disturbed($f) ? ' ~' : '';

		push @lines, [$row->{title}, "$server->{title}$mark", @cells];
	}

	return @lines;
}

# of the servers that tell the length of their runs

sub bare_lines {
	my ($row, $bench) = @_;

	return map { my ($server, $f) = ($_, $row->{results}{$_->{name}});
		$f && defined $f->{median}{times_libsrtp} ? [$row->{title},
			$server->{title}, map { number($f->{median}{$_->[1]}) }
			@{$COLUMNS{bare}}] : () } @{$bench->{servers}};
}

# why there is a dash, and what else a reader has to know

sub notes {
	my ($bench) = @_;

	my (@notes, $count);

	for my $row (@{$bench->{rows}}) {
		for my $server (@{$bench->{servers}}) {
			my $f = $row->{results}{$server->{name}} or next;
			next unless defined $f->{median}{failed};

			$f->{note} = ++$count;
			push @notes, "[$count] $row->{title}, "
				. "$server->{title}: $f->{median}{failed}";
		}
	}

	push @notes, map { "$_->{title}: $_->{version}" }
		grep { defined $_->{version} } @{$bench->{servers}};
	push @notes, map { "$_: not measured: $bench->{missing}{$_}" }
		sort keys %{$bench->{missing} || {}};

	push @notes, '~: others took more than a tenth of a core meanwhile; '
		. 'repeat this on a quiet machine.' if grep { disturbed($_) }
		map { values %{$_->{results}} } @{$bench->{rows}};

	push @notes, '(!): the generator was at its limit; delay and loss may '
		. 'be its own.' if grep { at_limit($_) }
		map { values %{$_->{results}} } @{$bench->{rows}};

	return @notes;
}

# other processes, or other machines on the same hardware

sub disturbed {
	my ($f) = @_;

	return ($f->{median}{others_percent} || 0)
		+ ($f->{median}{stolen_percent} || 0) > 10;
}

sub at_limit { ($_[0]{median}{generator_percent} || 0) > 90 }

sub where {
	my ($bench) = @_;

	my $m = $bench->{machine};

	return "commit $m->{commit}, $m->{date}, $m->{cpu}, $m->{cores} cores, "
		. "Linux $m->{kernel}; $bench->{count} "
		. ($bench->{count} == 1 ? 'round' : 'rounds, medians') . ", "
		. "$bench->{duration} s each";
}

sub text {
	my ($bench) = @_;

	my @notes = notes($bench);

	return join "\n", where($bench), '',
		(map { my ($head, @table) = @$_;
			($head, '', text_table(@table)) } tables($bench)),
		@notes, '';
}

sub markdown {
	my ($bench) = @_;

	my @notes = notes($bench);

	return join "\n", where($bench) . '.', '',
		(map { my ($head, @table) = @$_;
			("## $head", '', markdown_table(@table))
		} tables($bench)),
		(map { "- $_" } @notes), '';
}

# a line a server, as far as it worked

sub svg {
	my ($bench) = @_;

	my @panels = (
		{ title => 'CPU of the server for a packet that arrived',
			unit => "\xc2\xb5s", name => 'cpu_us' },
		{ title => '99 % of the packets within', log => 1,
			unit => 'ms (logarithmic)', name => 'p99_ms' },
	);

	my @points = grep { $_->{fanout} } @{$bench->{rows}};

	for my $panel (@panels) {
		my $name = $panel->{name};

		$panel->{series} = [grep { @{$_->{points}} } map {
			my $server = $_->{name};

			{ name => $_->{title}, points => [map { [$_->[0],
				$_->[1]{$name}] } grep { $_->[1] &&
				defined $_->[1]{$name} } map { [$_->{fanout},
				$_->{results}{$server}{median}] } @points] };
		} @{$bench->{servers}}];
	}

	return undef unless @{$panels[0]{series}};

	push @{$panels[0]{series}}, bare($bench, map { $_->{fanout} } @points);

	return plot(title => 'One publisher (270 packets a second) to many '
		. 'subscribers, on one core', note => where($bench),
		panels => \@panels);
}

# what a server without runs pays at the least

sub bare {
	my ($bench, @x) = @_;

	my ($bare) = grep { $_->{sealing} eq 'libsrtp' && $_->{run} == 1
		&& $_->{gro} eq 'on' && $_->{profile} =~ /GCM/ }
		@{$bench->{raw} || []};
	my ($from, $to) = (sort { $a <=> $b } @x)[0, -1];

	return () unless $bare && $from < $to;

	return { name => 'bare loop: seal (libsrtp) and sendto()', dashed => 1,
		points => [map { [$_, $bare->{cpu_us}] } $from, $to] };
}

1;
