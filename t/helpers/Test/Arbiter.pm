package Test::Arbiter;

# Copyright (C) the ngx_sfu_module authors
#
# What clients and foreign SFUs of Arbiter say on their WebSockets.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ handshake identify status until_message drain /;

use Time::HiRes qw/ time /;

use Test::WebSocket;

sub handshake { return { action => 'handshake', data => { @_ } } }

sub identify {
	my ($ws, %data) = @_;

	my $status = status($ws, { action => 'identify', data => \%data });
	die "not identified: $status\n" unless $status eq '200 OK';
}

# what is said to it; other frames are left out

sub status {
	my ($ws, $message) = @_;

	$ws->text($message) if defined $message;

	while (my $frame = $ws->json()) {
		return "$frame->{statusCode} $frame->{message}"
			if $frame->{statusCode};
	}

	return 'nothing';
}

sub until_message {
	my ($ws, $is_it, $seconds) = @_;

	my $until = time() + ($seconds || 30);

	while ((my $left = $until - time()) > 0) {
		my $text = $ws->message($left);
		return 1 if defined $text && $is_it->($text);
	}

	return 0;
}

sub drain {
	my (@all) = @_;

	for my $ws (@all) {
		1 while $ws->next_frame(0.05);
	}
}

1;
