package Test::Whip;

# Copyright (C) the ngx_sfu_module authors
#
# A small WHIP and WHEP endpoint in front of the Cloudflare dialect, so that
# the load generator's client can be tested with real media: one request at a
# time, an answer for each, nothing a real service would need besides.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ whip_serve /;

use IO::Socket::INET;

use Test::Sfu;

# serves until it is killed; log: a file that gets a line for each request

sub whip_serve {
	my ($port, $log) = @_;

	my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port",
		Listen => 64, ReuseAddr => 1) or die "port $port: $!\n";
	my %streams;
	my %resources;

	$SIG{PIPE} = 'IGNORE';

	while (my $client = $server->accept()) {
		my ($method, $path, $headers, $body) = request($client) or next;
		my ($status, $location, $sdp) = answer($method, $path,
			$headers, $body, \%streams, \%resources);

		open my $out, '>>', $log or die $!;
		print $out "$method $path $status\n";
		close $out;

		$sdp = '' unless defined $sdp;
		print $client "HTTP/1.1 $status Whatever\r\n"
			. "Connection: close\r\n"
			. (defined $location ? "Location: $location\r\n" : '')
			. ($sdp ne '' ? "Content-Type: application/sdp\r\n" : '')
			. 'Content-Length: ' . length($sdp) . "\r\n\r\n$sdp";
		close $client;
	}
}

sub request {
	my ($client) = @_;

	my $first = <$client>;
	return unless defined $first && $first =~ m!^(\w+) (\S+) HTTP/1\.1!;
	my ($method, $path, %headers) = ($1, $2);

	while (defined(my $line = <$client>)) {
		last if $line =~ /^\r?\n$/;
		$headers{lc $1} = $2 if $line =~ /^([^:]+): *(.*?)\r?\n$/;
	}

	my $body = '';
	read $client, $body, $headers{'content-length'} || 0;

	return ($method, $path, \%headers, $body);
}

# (status, Location, answer)

sub answer {
	my ($method, $path, $headers, $body, $streams, $resources) = @_;

	return 401 unless ($headers->{authorization} || '') eq 'Bearer token';

	if ($method eq 'DELETE') {
		return delete $resources->{$path} ? 200 : 404;
	}

	return 405 unless $method eq 'POST';
	return 415 unless ($headers->{'content-type'} || '')
		eq 'application/sdp';

	my ($role, $name) = $path =~ m!^/(whip|whep)/([\w-]+)$! or return 404;
	my $offer = { type => 'offer', sdp => $body };
	my $id = api('POST', '/sessions/new')->{json}{sessionId};
	my $r;

	if ($role eq 'whip') {
		$r = api('POST', "/sessions/$id/tracks/new", {
			autoDiscover => JSON::PP::true,
			sessionDescription => $offer });
		$streams->{$name} = { id => $id, tracks => [
			map { $_->{trackName} } @{$r->{json}{tracks} || []} ] };
	} else {
		my $from = $streams->{$name} or return 404;
		$r = api('POST', "/sessions/$id/tracks/new", {
			sessionDescription => $offer, tracks => [ map { {
				location => 'remote', sessionId => $from->{id},
				trackName => $_ } } @{$from->{tracks}} ] });
	}

	return 500 if $r->{status} != 200;

	$resources->{"/resource/$id"} = 1;

	# relative to the endpoint, as RFC 9725 allows
	return (201, "../resource/$id",
		$r->{json}{sessionDescription}{sdp});
}

1;
