package Bench::Ours;

# Copyright (C) the ngx_sfu_module authors
#
# nginx with the module and sfu-worker, as they are installed: one nginx
# process, one media loop (who asks gets more), all on the server's core.

use warnings;
use strict;

use HTTP::Tiny;
use Time::HiRes qw/ sleep /;

use Bench::File qw/ write_file /;
use Bench::Process;

# build, dir, core, port (and the next), address; srtp_pattern

sub new {
	my ($class, %o) = @_;

	return bless { %o }, $class;
}

# why it cannot be measured here

sub missing {
	my ($self) = @_;

	return undef if -x worker($self)
		&& -f "$self->{build}/ngx_http_sfu_module.so";

	return 'not built';
}

sub worker { $ENV{SFU_WORKER} || "$_[0]{build}/sfu-worker" }

sub start {
	my ($self) = @_;

	my $dir = $self->{dir};

	mkdir $dir;
	write_file("$dir/nginx.conf", $self->nginx_conf());
	unlink "$dir/worker.log", "$dir/error.log";

	$self->{worker} = Bench::Process->start($self->{core},
		out => "$dir/worker.out",
		command => [$self->worker(),
			'--ipc', "ipc://$dir/worker.sock", '--ipc-mode', '0666',
			'--media-port', $self->{port} + 1, '--loops', $self->{loops} || 1,
			'--announce', $self->{address} || '127.0.0.1',
			'--drain-time', 0, '--log', "$dir/worker.log"]);

	$self->{nginx} = Bench::Process->start($self->{core},
		out => "$dir/nginx.out",
		command => [$ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx',
			'-p', "$dir/", '-e', "$dir/error.log",
			'-c', "$dir/nginx.conf"]);

	for (1 .. 250) {
		return if $self->metric('sfu_worker_up');
		last if $self->gone();
		sleep 0.02;
	}

	die 'nginx and sfu-worker did not start: '
		. ($self->gone() // 'no answer') . "; see $dir\n";
}

sub nginx_conf {
	my ($self) = @_;

	my $dir = $self->{dir};
	my $user = $> == 0 ? 'user root;' : '';
	my $processes = $self->{processes} || 1;

	return <<"EOF";
load_module $self->{build}/ngx_http_sfu_module.so;
$user
daemon off;
worker_processes $processes;
worker_rlimit_nofile 40000;
pid $dir/nginx.pid;
error_log $dir/error.log warn;

events {
    worker_connections 16384;
}

http {
    access_log off;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;

    keepalive_requests 1000000;

    sfu_worker ipc://$dir/worker.sock;
    sfu_app demo secret=demo-secret;

    server {
        listen 127.0.0.1:$self->{port};

        location /v1/apps/ {
            sfu_api cloudflare;
        }

        location /arbiter/ {
            sfu_api arbiter demo;
            sfu_websocket_ping 0;
            add_header X-Pid \$pid always;
        }

        location = /metrics {
            sfu_metrics;
        }
    }
}
EOF
}

sub load_options {
	my ($self) = @_;

	return ('--dialect', 'cloudflare',
		'--url', "http://127.0.0.1:$self->{port}/v1/apps",
		'--app', 'demo', '--secret', 'demo-secret');
}

sub pids {
	my ($self) = @_;

	return ($self->{worker}->pid(), $self->{nginx}->pid(),
		$self->{nginx}->children());
}

# how it ended; undef while all is well

sub gone {
	my ($self) = @_;

	for my $name (qw/ worker nginx /) {
		my $how = $self->{$name}->ended();
		return "$name: $how" if defined $how;
	}

	return undef;
}

# the sum of one metric over all loops; undef when it is not there

sub metric {
	my ($self, $name) = @_;

	my $r = HTTP::Tiny->new(timeout => 2)
		->get("http://127.0.0.1:$self->{port}/metrics");
	my $sum;

	return undef unless $r->{success};

	for (split /\n/, $r->{content}) {
		$sum += $1 if /^\Q$name\E(?:_total)?(?:\{.*\})? ([\d.e+]+)/;
	}

	return $sum;
}

# since the start: a row asks twice

sub counts {
	my ($self) = @_;

	return { packets => $self->metric('sfu_packets_out'),
		runs => $self->metric('sfu_runs_out') };
}

sub stop {
	my ($self) = @_;

	$self->{$_} && $self->{$_}->stop() for qw/ nginx worker /;
}

# what the worker says at start of who seals its packets

sub version {
	my ($self) = @_;

	open my $fh, '<', "$self->{dir}/worker.log" or return undef;

	my @said = map { /\bsfu-worker \S+ "\w+": (.*)/ || /: srtp: (.*)/
		? $1 : () } <$fh>;

	return join '; ', @said;
}

1;
