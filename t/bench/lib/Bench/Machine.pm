package Bench::Machine;

# Copyright (C) the ngx_sfu_module authors
#
# Where figures were taken, since figures of two machines do not compare.

use warnings;
use strict;

use POSIX qw/ strftime uname /;

sub facts {
	my ($root) = @_;

	my (undef, undef, $kernel, undef, $arch) = uname();

	return {
		commit => commit($root),
		date => strftime('%Y-%m-%d %H:%M UTC', gmtime),
		cpu => first('/proc/cpuinfo', qr/^model name\s*:\s*(.+)/)
			// $arch,
		cores => cores(),
		memory_mb => int((first('/proc/meminfo', qr/^MemTotal:\s*(\d+)/)
			// 0) / 1024),
		kernel => $kernel,
		arch => $arch,
		versions => {
			nginx => said('nginx -v', qr{nginx/(\S+)}),
			openssl => said('openssl version', qr/^OpenSSL (\S+)/),
			janus => said('janus --version', qr/\(([\d.]+)\)/),
			libsrtp_debian => said("dpkg-query -W -f '\${Version}' "
				. 'libsrtp2-1', qr/(\S+)/),
		},
	};
}

# with "+" when files of the repository differ from it

sub commit {
	my ($root) = @_;

	my $commit = said("git -C '$root' rev-parse --short=12 HEAD",
		qr/^([0-9a-f]+)$/m) // 'unknown';
	my $changed = `git -C '$root' status --porcelain -uno 2>/dev/null`;

	return $commit . (defined $changed && $changed ne '' ? '+' : '');
}

sub cores {
	my @cores = grep { /^processor\s*:/ } lines('/proc/cpuinfo');

	return scalar @cores;
}

# An address that a full ICE agent takes for a candidate: loopback is none for
# Janus' libnice.  Packets to it stay on the machine all the same.

sub address {
	my $said = `ip -4 -o addr show scope global 2>/dev/null` // '';

	return $said =~ /\sinet ([\d.]+)/ ? $1 : undef;
}

sub lines {
	my ($file) = @_;

	open my $fh, '<', $file or return ();

	return <$fh>;
}

sub first {
	my ($file, $pattern) = @_;

	/$pattern/ and return $1 for lines($file);

	return undef;
}

sub said {
	my ($command, $pattern) = @_;

	my $text = `$command 2>&1`;

	return defined $text && $text =~ $pattern ? $1 : undef;
}

1;
