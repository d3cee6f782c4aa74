package Bench::Signal;

# Copyright (C) the ngx_sfu_module authors
#
# Signaling: what idle WebSockets cost one nginx process, and what messages
# cost that are relayed between two.

use warnings;
use strict;

use JSON::PP;

use base qw/ Exporter /;

use Bench::File qw/ read_file /;
use Bench::Ours;
use Bench::Process;

our @EXPORT_OK = qw/ signal_rows /;

# relays a second of the row at a rate
my $RATE = 1000;

# ([row with figures...], why something is missing or undef)

sub signal_rows {
	my (%o) = @_;

	my @rows;

	for my $what (['idle', 1], ['relay', 2]) {
		my ($mode, $processes) = @$what;
		my ($said, $why) = ask($mode, $processes, %o);

		push @rows, @{$said || []};
		return (\@rows, "$mode: $why") if defined $why;
	}

	return (\@rows, undef);
}

sub ask {
	my ($mode, $processes, %o) = @_;

	my $out = "$o{out}/signal-$mode.json";
	my $server = Bench::Ours->new(build => $o{build}, port => $o{port},
		dir => "$o{out}/signal", core => $o{'server-core'},
		processes => $processes);

	return (undef, $server->missing()) if defined $server->missing();

	unlink $out;
	Bench::Process::wait_quiet($o{patience});

	my $process = eval {
		$server->start();
		Bench::Process->start($o{'load-core'}, out => $out,
			command => ["$o{build}/bench-signal", $mode, $o{port},
				'/arbiter/ws', $o{duration}, $o{sockets},
				$RATE, $server->pids()]);
	};

	if ($process) {
		$process->wait_end(60 + 3 * $o{duration});
		$process->stop();
	}

	my $why = $process ? $process->ended() : "$@";
	$server->stop();

	my $said = eval { JSON::PP->new->decode(read_file($out)) };

	return ($said, undef) if $said && $why eq 'exit 0';
	return (undef, $why);
}

1;
