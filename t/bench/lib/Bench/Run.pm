package Bench::Run;

# Copyright (C) the ngx_sfu_module authors
#
# One row, one server, once: a fresh server, the generator on the other core,
# and everything that either says.  A server that falls over or hangs is a
# result, too: the figures are then { failed => why }.

use warnings;
use strict;

use base qw/ Exporter /;

use JSON::PP;
use Time::HiRes qw/ sleep time /;

use Bench::File qw/ read_file /;
use Bench::Load qw/ figures /;
use Bench::Process;

our @EXPORT_OK = qw/ run /;

my $TICKS = POSIX::sysconf(&POSIX::_SC_CLK_TCK) || 100;

# the slowest joins that we have patience for, a second; and what else it takes
my ($JOINS, $SPARE) = (25, 20);

# run($server, $row, { load, core, dir, duration, warmup, spare })

sub run {
	my ($server, $row, $o) = @_;

	my $figures = eval {
		$server->start();
		load($server, $row, $o);
	};

	$figures = { failed => $@ =~ s/\s+$//r } unless $figures;

	my $gone = $server->gone();
	$figures->{failed} = "the server ended: $gone" if defined $gone;

	$server->stop();

	return $figures;
}

sub load {
	my ($server, $row, $o) = @_;

	my $json = "$o->{dir}/load.json";
	my $limit = $row->{endpoints} / $JOINS + ($o->{spare} // $SPARE)
		+ $o->{warmup} + $o->{duration};

	unlink $json, "$o->{dir}/load.out";

	my $before = $server->counts();
	my $busy = busy($server);
	my $began = time();
	my $generator = Bench::Process->start($o->{core},
		out => "$o->{dir}/load.out",
		# a row may say otherwise: the last one counts
		command => [$o->{load}, '--awake', 'on', @{$row->{load}},
			$server->load_options(),
			(map { ('--pid', $_) } $server->pids()),
			'--warmup', $o->{warmup}, '--duration', $o->{duration},
			'--json', $json, '--quiet']);

	my $ended = $generator->wait_end($limit);
	my $others = others($busy, busy($server), time() - $began);
	my $after = $server->counts();

	$generator->stop();

	return { failed => sprintf 'no end within %d s', $limit } unless $ended;
	return { failed => 'sfu-load: ' . $generator->ended() . ': '
		. last_line("$o->{dir}/load.out") } unless -s $json;

	return { %{figures(JSON::PP->new->utf8->decode(read_file($json)))},
		%$others, run => per_run($before, $after) };
}

# packets a system call, where the server counts them

sub per_run {
	my ($before, $after) = @_;

	for (qw/ packets runs /) {
		return undef unless defined $before->{$_}
			&& defined $after->{$_};
	}

	my $runs = $after->{runs} - $before->{runs};

	return $runs > 0 ? ($after->{packets} - $before->{packets}) / $runs
		: undef;
}

# CPU of the machine, and how much of it is the bench's own, in seconds

sub busy {
	my ($server) = @_;

	my ($all, $stolen) = Bench::Process::machine_cpu();
	my (@own) = times;
	my $own = 0;

	$own += $_ for @own;
	$own += process_cpu($_) for $server->pids();

	return { all => $all, stolen => $stolen, own => $own };
}

sub process_cpu {
	my ($pid) = @_;

	open my $fh, '<', "/proc/$pid/stat" or return 0;

	# the name, in parentheses, may hold anything
	my @fields = split ' ', scalar(<$fh>) =~ s/^.*\) //r;

	return ($fields[11] + $fields[12]) / $TICKS;
}

# what other processes, and other machines on the same hardware, took away

sub others {
	my ($from, $to, $seconds) = @_;

	my $others = ($to->{all} - $from->{all}) - ($to->{own} - $from->{own});

	return {
		others_percent => 100 * ($others > 0 ? $others : 0) / $seconds,
		stolen_percent => 100 * ($to->{stolen} - $from->{stolen})
			/ $seconds,
	};
}

sub last_line {
	my ($file) = @_;

	my @lines = grep { /\S/ } split /\n/, eval { read_file($file) } // '';

	return @lines ? $lines[-1] : 'it said nothing';
}

1;
