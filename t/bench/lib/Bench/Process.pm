package Bench::Process;

# Copyright (C) the ngx_sfu_module authors
#
# Processes on a core of their own, and an end for each of them: whatever the
# bench starts has a limit in time, and is ended by its id.

use warnings;
use strict;

use POSIX qw/ :sys_wait_h _exit /;
use Time::HiRes qw/ sleep time /;

# of a core
my $QUIET = 0.1;

# those that may still run
my (%live, $owner);
$owner = $$;

my $TICKS = POSIX::sysconf(&POSIX::_SC_CLK_TCK) || 100;

# start(core, out => file, env => {}, command => [..]); undef as the core: any.
# The limit of descriptors is raised as far as it goes.  A thousand threads
# that fall over would leave a core file of ten gigabytes.

sub start {
	my ($class, $core, %o) = @_;

	my @command = ('sh', '-c',
		'ulimit -c 0; ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh');

	push @command, 'taskset', '-c', $core if defined $core;
	push @command, @{$o{command}};

	my $pid = fork();
	die "fork: $!\n" unless defined $pid;

	if ($pid == 0) {
		$ENV{$_} = $o{env}{$_} for keys %{$o{env} || {}};
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $o{out} or _exit(127);
		open STDERR, '>&', \*STDOUT;
		{ no warnings; exec @command; }
		_exit(127);
	}

	return $live{$pid} = bless { pid => $pid }, $class;
}

sub pid { $_[0]{pid} }

# 1 while it runs; afterwards its status is kept

sub alive {
	my ($self) = @_;

	return 0 if defined $self->{status};

	if (waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
		$self->{status} = $?;
		delete $live{$self->{pid}};
		return 0;
	}

	return 1;
}

# "exit 1", "signal 11"; undef while it runs

sub ended {
	my ($self) = @_;

	return undef if $self->alive();

	my $signal = $self->{status} & 127;

	return $signal ? "signal $signal" : 'exit ' . ($self->{status} >> 8);
}

# whether it ended within so many seconds

sub wait_end {
	my ($self, $seconds) = @_;

	my $until = time() + $seconds;

	while ($self->alive()) {
		return 0 if time() > $until;
		sleep 0.02;
	}

	return 1;
}

sub stop {
	my ($self) = @_;

	for my $signal (qw/ TERM KILL /) {
		return unless $self->alive();
		kill $signal, $self->{pid};
		$self->wait_end(5);
	}
}

# whatever ends the bench ends what it has started, in the process that did

END {
	my $status = $?;

	if ($$ == $owner) {
		$_->stop() for values %live;
	}

	$? = $status;
}

# ids of the processes that this one has started

sub children {
	my ($self) = @_;

	my $file = "/proc/$self->{pid}/task/$self->{pid}/children";

	return () unless open my $fh, '<', $file;

	return split ' ', do { local $/; <$fh> } // '';
}

# seconds of CPU that all cores spent, and that were stolen from them

sub machine_cpu {
	open my $fh, '<', '/proc/stat' or return (0, 0);

	my (undef, $user, $nice, $system, undef, undef, $irq, $soft, $steal)
		= split ' ', scalar <$fh>;

	return (($user + $nice + $system + $irq + $soft) / $TICKS,
		($steal || 0) / $TICKS);
}

# Waits until others let the machine be, and at most so many seconds: figures
# of a machine that does something else are of little use.

sub wait_quiet {
	my ($limit) = @_;

	my $until = time() + $limit;

	while (time() < $until) {
		my ($from) = machine_cpu();
		my $began = time();

		sleep 0.5;
		return if ((machine_cpu())[0] - $from) / (time() - $began)
			< $QUIET;
	}
}

1;
