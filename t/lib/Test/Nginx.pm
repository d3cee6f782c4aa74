package Test::Nginx;

# Copyright (C) the ngx_sfu_module authors
# Licence: BSD-2-Clause, see LICENSE.
#
# A small implementation of the interface of Test::Nginx, the library of
# nginx's own test suite, as far as the tests here use it.  They run unchanged
# on the original:
#
#     PERL5LIB=nginx-tests/lib prove t
#
# Environment, as there: TEST_NGINX_BINARY, TEST_NGINX_GLOBALS,
# TEST_NGINX_GLOBALS_HTTP, TEST_NGINX_VERBOSE, TEST_NGINX_CATLOG,
# TEST_NGINX_LEAVE, TEST_NGINX_VALGRIND.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ log_in log_out http http_get http_head port /;
our @EXPORT_OK = qw/ http_start http_end log_core /;

use File::Path qw/ rmtree /;
use File::Temp qw/ tempdir /;
use IO::Select;
use IO::Socket::INET;
use POSIX qw/ :sys_wait_h /;
use Scalar::Util qw/ weaken /;
use Socket qw/ CRLF /;
use Test::More qw//;
use Time::HiRes qw/ sleep time /;

our $NGINX = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';

# the one whose ports port() is about
our $self_;

my %ports;

###############################################################################

sub new {
	my ($class) = @_;

	my $self = bless {
		dir => tempdir('sfu-test-XXXXXXXX', TMPDIR => 1),
		daemons => [],
		alerts => 0,
		owner => $$,
	}, $class;

	Test::More::BAIL_OUT("no nginx: $NGINX") unless -x $NGINX;

	mkdir "$self->{dir}/logs";
	weaken($self_ = $self);

	return $self;
}

sub DESTROY {
	my ($self) = @_;

	$self->finish();
}

# a test whose functions refer to the object keeps it until it is too late

END {
	my $status = $?;
	$self_->finish() if $self_;
	$? = $status;
}

sub finish {
	my ($self) = @_;

	# children share the object
	return if $self->{owner} != $$ || $self->{finished}++;

	local ($@, $?);

	$self->stop();
	$self->stop_daemons();

	if (Test::More->builder->expected_tests) {
		my $log = -e "$self->{dir}/error.log"
			? $self->read_file('error.log') : '';

		my @alerts = $log =~ /^.+\[alert\].+$/gm;
		my @reports = $log =~ /^.*(?:Sanitizer|runtime error).*$/gm;

		{
			local $Test::Nginx::TODO = $self->{alerts} ? 'alerts'
				: undef;
			Test::More::is(join("\n", @alerts), '', 'no alerts');
		}

		Test::More::is(join("\n", @reports), '',
			'no sanitizer errors');
	}

	if ($ENV{TEST_NGINX_CATLOG} && -e "$self->{dir}/error.log") {
		print map { "# $_\n" } split /\n/, $self->read_file('error.log');
	}

	rmtree($self->{dir}) unless $ENV{TEST_NGINX_LEAVE};
}

###############################################################################

# features of the binary, by the names its configure script has for them

sub has {
	my ($self, @features) = @_;

	for my $feature (@features) {
		Test::More::plan(skip_all => "no $feature available")
			unless $self->has_module($feature);
	}

	return $self;
}

sub has_module {
	my ($self, $feature) = @_;

	$self->{configure} = `$NGINX -V 2>&1`
		unless defined $self->{configure};

	my $without = $feature eq 'http' ? '--without-http(?!\S)'
		: "--without-http_${feature}_module";
	my %optional = map { $_ => 1 } qw/ http_ssl http_v2 http_realip
		stub_status /;

	return $self->{configure} =~ /--with-${feature}_module/
		if $feature =~ /^http_/ && $optional{$feature};

	return $self->{configure} !~ /$without/;
}

sub has_daemon {
	my ($self, $daemon) = @_;

	Test::More::plan(skip_all => "$daemon not found")
		unless grep { -x "$_/$daemon" } split /:/, $ENV{PATH};

	return $self;
}

# two more are in DESTROY

sub plan {
	my ($self, $tests) = @_;

	Test::More::plan(tests => $tests + 2);

	return $self;
}

sub todo_alerts {
	my ($self) = @_;

	$self->{alerts} = 1;

	return $self;
}

###############################################################################

sub testdir {
	my ($self) = @_;

	return $self->{dir};
}

sub read_file {
	my ($self, $name) = @_;

	open my $fh, '<', "$self->{dir}/$name"
		or die "Can't open $self->{dir}/$name: $!\n";
	local $/;
	my $content = <$fh>;

	return defined $content ? $content : '';
}

sub write_file {
	my ($self, $name, $content) = @_;

	open my $fh, '>', "$self->{dir}/$name"
		or die "Can't create $self->{dir}/$name: $!\n";
	binmode $fh;
	print $fh $content;
	close $fh or die "Can't write $self->{dir}/$name: $!\n";

	return $self;
}

sub write_file_expand {
	my ($self, $name, $content) = @_;

	$content =~ s/%%TEST_GLOBALS%%/$self->test_globals()/gmse;
	$content =~ s/%%TEST_GLOBALS_HTTP%%/$self->test_globals_http()/gmse;
	$content =~ s/%%TESTDIR%%/$self->{dir}/gms;
	$content =~ s/127\.0\.0\.1:(8\d\d\d)/'127.0.0.1:' . port($1)/gmse;
	$content =~ s/%%PORT_(\d+)%%/port($1)/gmse;
	$content =~ s/%%PORT_(\d+)_UDP%%/port($1, udp => 1)/gmse;

	return $self->write_file($name, $content);
}

sub test_globals {
	my ($self) = @_;

	return join '', "pid $self->{dir}/nginx.pid;\n",
		"error_log $self->{dir}/error.log debug;\n",
		$ENV{TEST_NGINX_GLOBALS} || '';
}

sub test_globals_http {
	my ($self) = @_;

	return join '', "root $self->{dir};\n",
		"access_log $self->{dir}/access.log;\n",
		(map { "${_}_temp_path $self->{dir}/${_}_temp;\n" }
			qw/ client_body fastcgi proxy uwsgi scgi /),
		$ENV{TEST_NGINX_GLOBALS_HTTP} || '';
}

# a free port for each number; held by nobody until nginx listens on it

sub port {
	my ($number, %options) = @_;

	my $key = $number . ($options{udp} ? 'u' : 't');

	return $ports{$key}{port} if $ports{$key};

	for (1 .. 100) {
		my $port = 20000 + int(rand(20000));

		# the lock keeps tests that run at the same time apart
		my $lock = IO::Socket::INET->new(
			Proto => $options{udp} ? 'tcp' : 'udp',
			LocalAddr => "127.0.0.1:$port",
		) or next;

		my $probe = IO::Socket::INET->new(
			Proto => $options{udp} ? 'udp' : 'tcp',
			LocalAddr => "127.0.0.1:$port",
			$options{udp} ? () : (Listen => 1, Reuse => 1),
		) or next;

		$ports{$key} = { port => $port, lock => $lock };

		return $port;
	}

	die "no free port for $number\n";
}

###############################################################################

sub run {
	my ($self, $conf) = @_;

	my $config = "$self->{dir}/nginx.conf";

	if (defined $conf) {
		my $text = do { local (@ARGV, $/) = $conf; <> };
		$self->write_file_expand('nginx.conf', $text);
	}

	my @valgrind = !$ENV{TEST_NGINX_VALGRIND} ? () : (
		'valgrind', '-q', '--leak-check=full', '--show-leak-kinds=definite',
		"--log-file=$self->{dir}/valgrind.%p.log",
		split ' ', $ENV{TEST_NGINX_VALGRIND} =~ /-/
			? $ENV{TEST_NGINX_VALGRIND} : '',
	);

	my $pid = fork();
	die "Can't fork: $!\n" unless defined $pid;

	if ($pid == 0) {
		unless ($ENV{TEST_NGINX_VERBOSE}) {
			open STDERR, '>>', "$self->{dir}/stderr.log";
		}

		exec @valgrind, $NGINX, '-p', "$self->{dir}/", '-c', $config,
			'-e', "$self->{dir}/error.log"
			or POSIX::_exit(1);
	}

	$self->{pid} = $pid;

	$self->waitforfile("$self->{dir}/nginx.pid", $pid)
		or die "Can't start nginx:\n"
			. (-e "$self->{dir}/error.log"
				? $self->read_file('error.log') : '');

	# the file is written before the workers are there
	for (1 .. 100) {
		last if !%ports || grep { /t$/ && $self->listens($_) } keys %ports;
		sleep 0.05;
	}

	return $self;
}

sub listens {
	my ($self, $key) = @_;

	return defined IO::Socket::INET->new(
		PeerAddr => "127.0.0.1:$ports{$key}{port}");
}

sub try_run {
	my ($self, $message) = @_;

	return $self if eval { $self->run(); 1 };

	print map { "# $_\n" } split /\n/, $@ if $ENV{TEST_NGINX_VERBOSE};

	Test::More::plan(skip_all => $message);
}

sub reload {
	my ($self) = @_;

	my %old = map { $_ => 1 } $self->workers();

	kill 'HUP', $self->{pid};

	for (1 .. 1500) {
		last if grep { !$old{$_} } $self->workers();
		sleep 0.02;
	}

	# the master waits a tenth of a second before it tells the old ones
	sleep 0.5;

	return $self;
}

# nginx's worker processes, those that shut down included

sub workers {
	my ($self) = @_;

	open my $fh, '<', "/proc/$self->{pid}/task/$self->{pid}/children"
		or return;

	return split ' ', <$fh> || '';
}

sub stop {
	my ($self) = @_;

	return $self unless $self->{pid};

	kill 'QUIT', $self->{pid};

	unless ($self->reaped($self->{pid}, 20)) {
		kill 'TERM', $self->{pid};

		unless ($self->reaped($self->{pid}, 5)) {
			kill 'KILL', $self->{pid};
			waitpid $self->{pid}, 0;
		}
	}

	delete $self->{pid};

	return $self;
}

sub reaped {
	my ($self, $pid, $seconds) = @_;

	my $until = time() + $seconds;

	while (time() < $until) {
		return 1 if waitpid($pid, WNOHANG) != 0;
		sleep 0.02;
	}

	return 0;
}

# a code reference, or a command and its arguments

sub run_daemon {
	my ($self, $code, @args) = @_;

	my $pid = fork();
	die "Can't fork: $!\n" unless defined $pid;

	if ($pid == 0) {
		if (ref $code eq 'CODE') {
			$code->(@args);
			POSIX::_exit(0);
		}

		exec $code, @args or POSIX::_exit(1);
	}

	push @{$self->{daemons}}, $pid;

	return $pid;
}

sub stop_daemons {
	my ($self) = @_;

	while (my $pid = shift @{$self->{daemons}}) {
		kill 'CONT', $pid;
		kill 'TERM', $pid;

		unless ($self->reaped($pid, 5)) {
			kill 'KILL', $pid;
			waitpid $pid, 0;
		}
	}

	return $self;
}

sub waitforfile {
	my ($self, $file, $pid) = @_;

	for (1 .. 1500) {
		return 1 if -e $file;
		return 0 if defined $pid && waitpid($pid, WNOHANG) != 0;
		sleep 0.02;
	}

	return 0;
}

sub waitforsocket {
	my ($self, $peer) = @_;

	for (1 .. 1500) {
		return 1 if IO::Socket::INET->new(PeerAddr => $peer);
		sleep 0.02;
	}

	return 0;
}

###############################################################################

sub log_core {
	my ($prefix, $text) = @_;

	return unless $ENV{TEST_NGINX_VERBOSE};

	$text =~ s/([^\x20-\x7e\n])/sprintf('\\x%02x', ord $1)/ge;
	print map { "# $prefix $_\n" } split /\n/, $text;
}

sub log_out { log_core('>>', @_) }
sub log_in { log_core('<<', @_) }

sub http_get {
	my ($url, %extra) = @_;

	return http("GET $url HTTP/1.0" . CRLF . "Host: localhost" . CRLF
		. CRLF, %extra);
}

sub http_head {
	my ($url, %extra) = @_;

	return http("HEAD $url HTTP/1.0" . CRLF . "Host: localhost" . CRLF
		. CRLF, %extra);
}

# with "start" the socket is returned, for http_end()

sub http {
	my ($request, %extra) = @_;

	my $s = http_start($request, %extra);

	return $s if $extra{start} || !defined $s;
	return http_end($s, %extra);
}

sub http_start {
	my ($request, %extra) = @_;

	my $s = $extra{socket} || IO::Socket::INET->new(
		PeerAddr => $extra{PeerAddr} || '127.0.0.1:' . port(8080),
	) or return undef;

	local $SIG{PIPE} = 'IGNORE';

	log_out($request);
	$s->print($request);
	$s->flush();

	if (defined $extra{sleep}) {
		select undef, undef, undef, $extra{sleep};
	}

	if (defined $extra{body}) {
		log_out($extra{body});
		$s->print($extra{body});
		$s->flush();
	}

	return $s;
}

sub http_end {
	my ($s, %extra) = @_;

	my $reply = '';
	my $until = time() + ($extra{timeout} || 60);

	while (time() < $until) {
		next unless IO::Select->new($s)->can_read($until - time());

		my $n = sysread $s, $reply, 65536, length $reply;

		last if !$n;
	}

	log_in($reply);

	return $reply;
}

1;
