package Test::Coturn;

# Copyright (C) the ngx_sfu_module authors
#
# A TURN server as operators run it, and a client that relays through it.
#
#     start_coturn($t, $port, 'secret');
#     ok(coturn_relays($port, $user, $password));

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ has_coturn start_coturn coturn_relays /;

use POSIX ();
use Time::HiRes qw/ sleep /;

sub has_coturn {
	return -x '/usr/bin/turnserver' && -x '/usr/bin/turnutils_uclient';
}

sub start_coturn {
	my ($t, $port, $secret) = @_;

	my $dir = $t->testdir();

	$t->run_daemon(sub {
		open STDOUT, '>', "$dir/turn.out";
		open STDERR, '>', "$dir/turn.err";
		exec 'turnserver', '-n', '-v', '--use-auth-secret',
			'--static-auth-secret', $secret, '--realm', 'sfu.example',
			'--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1',
			'--listening-port', $port, '--allow-loopback-peers',
			'--no-tls', '--no-dtls', '--no-cli', '--no-multicast-peers',
			'--min-port', $port + 1, '--max-port', $port + 20,
			'--log-file', "$dir/turn.log", '--simple-log',
			'--userdb', "$dir/turn.db", '--pidfile', "$dir/turn.pid"
			or POSIX::_exit(1);
	});

	# its last line before it serves

	for (1 .. 100) {
		return if -s "$dir/turn.log"
			&& $t->read_file('turn.log') =~ /SQLite DB/;
		sleep 0.1;
	}
}

# Five messages from one allocation to another, or ten: the tool counts those of
# both when it is slow.  They go over UDP, and on a busy machine one may be lost,
# or its time be over: who is let in is so each time.

sub coturn_relays {
	my ($port, $user, $password, $tries) = @_;

	for (1 .. $tries || 3) {
		open my $fh, '-|', 'timeout', '8', 'turnutils_uclient', '-y',
			'-c', '-n', 5, '-m', 1, '-p', $port, '-u', $user,
			'-w', $password, '127.0.0.1'
			or die "turnutils_uclient: $!\n";
		local $/;
		my $out = <$fh>;
		close $fh;

		return 1 if defined $out
			&& $out =~ /tot_recv_msgs=[1-9]/;
	}

	return 0;
}

1;
