package Bench::Janus;

# Copyright (C) the ngx_sfu_module authors
#
# Janus' VideoRoom as Debian ships it, and the same with another libsrtp2.
# Everything is at its default but what a machine without a network needs, and
# the log, which is as short as it gets.

use warnings;
use strict;

use HTTP::Tiny;
use Time::HiRes qw/ sleep /;

use Bench::File qw/ write_file /;
use Bench::Process;

my ($LIBRARIES) = map { s{/plugins$}{}r } glob '/usr/lib/*/janus/plugins';

# dir, core, port, address, library_path, media => [from, to], rooms

sub new {
	my ($class, %o) = @_;

	return bless { rooms => 1, %o }, $class;
}

# why it cannot be measured here

sub missing {
	my ($self) = @_;

	return 'not installed' unless -x '/usr/bin/janus' && $LIBRARIES;
	return 'no address but loopback' unless defined $self->{address};
	return 'its libsrtp2 is not built' if defined $self->{library_path}
		&& !-e "$self->{library_path}/libsrtp2.so.1";

	return undef;
}

sub start {
	my ($self) = @_;

	my $dir = $self->{dir};
	my %env;

	mkdir $dir;
	$self->configure();
	unlink "$dir/janus.log";
	$env{LD_LIBRARY_PATH} = $self->{library_path}
		if defined $self->{library_path};

	$self->{janus} = Bench::Process->start($self->{core},
		out => "$dir/janus.out", env => \%env,
		command => ['/usr/bin/janus', '-F', $dir]);

	for (1 .. 250) {
		return $self->check_library() if $self->answers();
		last if $self->gone();
		sleep 0.02;
	}

	die 'Janus did not start: ' . ($self->gone() // 'no answer')
		. "; see $dir\n";
}

# The loader falls back to Debian's own without a word.

sub check_library {
	my ($self) = @_;

	open my $fh, '<', '/proc/' . $self->{janus}->pid() . '/maps'
		or die "maps: $!\n";

	my %seen = map { $_ => 1 }
		map { m{(/\S*/libsrtp2\.so\S*)} ? $1 : () } <$fh>;

	die 'Janus loaded ' . join(' and ', keys %seen) . "\n"
		if defined $self->{library_path}
		&& join(' ', keys %seen)
			ne "$self->{library_path}/libsrtp2.so.1";
}

sub configure {
	my ($self) = @_;

	my $dir = $self->{dir};
	my ($from, $to) = @{$self->{media}};
	my $plugins = join ',', others('plugins', qr/videoroom/);
	my $transports = join ',', others('transports', qr/_http\b/);

	write_file("$dir/janus.jcfg", <<"EOF");
general: {
	configs_folder = "$dir"
	plugins_folder = "$LIBRARIES/plugins"
	transports_folder = "$LIBRARIES/transports"
	events_folder = "$LIBRARIES/events"
	loggers_folder = "$LIBRARIES/loggers"
	debug_level = 2
	log_to_file = "$dir/janus.log"
	log_to_stdout = false
}
media: {
	rtp_port_range = "$from-$to"
}
nat: {
	ice_enforce_list = "$self->{address}"
}
plugins: {
	disable = "$plugins"
}
transports: {
	disable = "$transports"
}
events: {
	broadcast = false
}
EOF

	write_file("$dir/janus.transport.http.jcfg", <<"EOF");
general: {
	json = "compact"
	base_path = "/janus"
	http = true
	port = $self->{port}
	ip = "127.0.0.1"
	https = false
}
admin: {
	admin_http = false
}
EOF

	write_file("$dir/janus.plugin.videoroom.jcfg",
		join "\n", 'general: {', '}',
			map { room($_) } 1 .. $self->{rooms});
}

# the files of all that we do not use

sub others {
	my ($kind, $used) = @_;

	return grep { $_ !~ $used }
		map { m{/([^/]+\.so)$} ? $1 : () } glob "$LIBRARIES/$kind/*.so";
}

sub room {
	my ($number) = @_;

	return <<"EOF";
room-$number: {
	publishers = 1000
	bitrate = 0
	fir_freq = 0
	audiocodec = "opus"
	videocodec = "vp8,h264"
	record = false
}
EOF
}

sub answers {
	my ($self) = @_;

	return HTTP::Tiny->new(timeout => 2)
		->get("http://127.0.0.1:$self->{port}/janus/info")->{success};
}

sub load_options {
	my ($self) = @_;

	return ('--dialect', 'janus',
		'--url', "http://127.0.0.1:$self->{port}/janus", '--room', 1);
}

sub pids { $_[0]{janus}->pid() }

sub gone { $_[0]{janus}->ended() }

# it does not tell how it sends: a system call for each packet

sub counts { return {} }

sub version {
	my ($self) = @_;

	return defined $self->{library_path} ? 'libsrtp2 on OpenSSL'
		: 'libsrtp2 of Debian, on NSS';
}

sub stop {
	my ($self) = @_;

	$self->{janus}->stop() if $self->{janus};
}

1;
