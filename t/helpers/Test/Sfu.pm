package Test::Sfu;

# Copyright (C) the ngx_sfu_module authors
#
# What the tests of the SFU share: the module, workers real and fake, and a
# client of the API.  SFU_MODULE and SFU_WORKER name other binaries; an empty
# SFU_MODULE says that nginx has the module linked in.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ sfu_globals sfu_conf sfu_check fake_worker real_worker
	wait_log wait_up api json_of raw request_text root mask /;

use Cwd qw/ abs_path /;
use Fcntl qw/ :flock /;
use File::Basename qw/ dirname /;
use IO::Socket::INET;
use JSON::PP;
use Test::More;
use Time::HiRes qw/ sleep time /;

use Test::Nginx qw/ :DEFAULT http_start http_end /;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{BUILD} ? abs_path($ENV{BUILD}) : "$root/build";
my $json = JSON::PP->new->utf8;

sub root { $root }

# for the place after %%TEST_GLOBALS%%

sub sfu_globals {
	my $module = defined $ENV{SFU_MODULE} ? $ENV{SFU_MODULE}
		: "$build/ngx_http_sfu_module.so";

	return '' if $module eq '';

	plan(skip_all => "no $module") unless -f $module;

	return "load_module $module;\n";
}

# a configuration with the API at /v1/apps/ and /apps/, and what is given

sub sfu_conf {
	my (%part) = @_;

	my $globals = sfu_globals();
	my $main = $part{main} || '';
	my $http = defined $part{http} ? $part{http}
		: "sfu_worker ipc://%%TESTDIR%%/worker.sock;\n"
		. 'sfu_app demo secret=demo-secret;';
	my $server = $part{server} || '';
	my $location = $part{location} || '';

	return <<"EOF";
%%TEST_GLOBALS%%
$globals
daemon off;
$main

events {
}

http {
    %%TEST_GLOBALS_HTTP%%

    $http

    server {
        listen       127.0.0.1:8080;
        server_name  localhost;

        $server

        location /v1/apps/ {
            sfu_api cloudflare;
            $location
        }

        location /apps/ {
            sfu_api cloudflare;
            $location
        }

        location = /status {
            sfu_status;
        }

        location = /metrics {
            sfu_metrics;
        }
    }
}
EOF
}

# what "nginx -t" says of it

sub sfu_check {
	my ($t, $name) = @_;

	my $nginx = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
	my $dir = $t->testdir();

	return `$nginx -t -p $dir/ -e $dir/check.log -c $dir/$name 2>&1`;
}

###############################################################################

sub fake_worker {
	my ($t, $name, %options) = @_;

	build_fake_worker();

	my $address = delete $options{address}
		|| 'ipc://' . $t->testdir() . "/$name.sock";

	return start($t, $name, "$build/fake-worker",
		(map { "$_=$options{$_}" } sort keys %options), $address);
}

sub build_fake_worker {
	my $source = "$root/t/tools";

	mkdir $build;
	open my $lock, '>', "$build/fake-worker.lock" or die $!;
	flock($lock, LOCK_EX);

	system("make -s -C $source BUILD=$build >&2") == 0
		or die "can't build the fake worker\n";
}

# undef: there is none

sub real_worker {
	my ($t, $name, @options) = @_;

	my $worker = $ENV{SFU_WORKER} || "$build/sfu-worker";
	return undef unless -x $worker;

	my $dir = $t->testdir();

	return start($t, $name, $worker, '--ipc', "ipc://$dir/$name.sock",
		'--ipc-mode', '0666',
		'--media-port', media_port(),
		'--loops', 1, '--announce', '127.0.0.1',
		'--log', "$dir/$name.log", '--log-level', 'info', @options);
}

# free for UDP and TCP, as far as one can know

sub media_port {
	for (1 .. 100) {
		my $port = 40000 + int rand 20000;
		my @probes = grep { defined } map { IO::Socket::INET->new(
			Proto => $_, LocalAddr => "0.0.0.0:$port") } qw/ udp tcp /;

		return $port if @probes == 2;
	}

	die "no free port for media\n";
}

sub start {
	my ($t, $name, @command) = @_;

	my $dir = $t->testdir();

	# nginx's processes may belong to somebody else
	chmod 0755, $dir;

	my $out = "$dir/$name.out";
	unlink $out;

	my $pid = $t->run_daemon(sub {
		umask 0;
		open STDOUT, '>', $out;
		open STDERR, '>>', "$dir/$name.err";
		exec @command or POSIX::_exit(1);
	});

	for (1 .. 1500) {
		for my $file ($out, "$dir/$name.log") {
			next unless open my $fh, '<', $file;
			return $pid if grep { /\bready\b/ } <$fh>;
		}
		sleep 0.02;
	}

	die "$name is not ready: " . join(' ', @command) . "\n";
}

# whether nginx's log has a line, soon; with a count, as many

sub wait_log {
	my ($t, $pattern, $count) = @_;

	my $until = time() + 60;

	while (1) {
		my @lines = grep { /$pattern/ } split /\n/,
			$t->read_file('error.log');

		return 1 if @lines >= ($count || 1);
		return 0 if time() > $until;

		sleep 0.02;
	}
}

sub wait_up {
	my ($t, $count) = @_;

	return wait_log($t, qr/sfu: worker .* is up/, $count || 1);
}

###############################################################################

# api($method, $path, $body, %options): { status, headers, body, json }
#
# A reference as the body becomes JSON.  Options: secret, prefix, headers (a
# text), origin, chunked, type, start.

sub api {
	my ($method, $path, $body, %options) = @_;

	return json_of(http(request_text($method, $path, $body, %options),
		%options));
}

sub request_text {
	my ($method, $path, $body, %options) = @_;

	my $prefix = defined $options{prefix} ? $options{prefix}
		: '/v1/apps/demo';
	my $secret = exists $options{secret} ? $options{secret}
		: 'demo-secret';

	$body = $json->encode($body) if ref $body;

	my $text = "$method $prefix$path HTTP/1.1\r\n"
		. "Host: localhost\r\nConnection: close\r\n";
	$text .= "Authorization: Bearer $secret\r\n" if defined $secret;
	$text .= "Origin: $options{origin}\r\n" if defined $options{origin};
	$text .= "Content-Type: $options{type}\r\n" if defined $options{type};
	$text .= $options{headers} if defined $options{headers};

	if (!defined $body) {
		return "$text\r\n";
	}

	if ($options{chunked}) {
		my $size = $options{chunked};
		my $chunks = join '', map {
			sprintf("%x\r\n", length $_) . "$_\r\n"
		} $body =~ /(.{1,$size})/gs;

		return "${text}Transfer-Encoding: chunked\r\n\r\n"
			. "${chunks}0\r\n\r\n";
	}

	return "${text}Content-Length: " . length($body) . "\r\n\r\n$body";
}

sub raw {
	my ($text) = @_;

	return json_of(http($text));
}

sub json_of {
	my ($reply) = @_;

	$reply = '' unless defined $reply;

	my ($head, $body) = split /\r\n\r\n/, $reply, 2;
	my ($first, @lines) = split /\r\n/, defined $head ? $head : '';
	my %r = (status => 0, headers => {}, raw => $reply);

	$r{status} = $1 if defined $first && $first =~ m!^HTTP/1\.[01] (\d+)!;

	for (@lines) {
		my ($name, $value) = split /: */, $_, 2;
		$r{headers}{lc $name} = $value;
	}

	$r{body} = defined $body ? $body : '';
	$r{json} = eval { $json->decode($r{body}) };
	$r{code} = ref $r{json} eq 'HASH' && $r{json}{errorCode} || '';
	$r{type} = $r{headers}{'content-type'} || '';

	return \%r;
}

# "200", "401 unauthorized", "401 text/html"

sub mask {
	my ($r) = @_;

	return join ' ', $r->{status},
		$r->{type} eq 'application/json' && ref $r->{json} eq 'HASH'
			? () : $r->{type} || 'nothing',
		$r->{code} || ();
}

1;
