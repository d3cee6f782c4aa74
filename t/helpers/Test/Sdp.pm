package Test::Sdp;

# Copyright (C) the ngx_sfu_module authors
#
# Descriptions of a browser that never connects.  A section is
# [ kind, mid, direction, track ]; it sends unless it says otherwise.

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ offer answer_to description mids /;

sub offer {
	my (@sections) = @_;

	return { type => 'offer', sdp => description('actpass', @sections) };
}

# accepts all that the description offers, with sendonly, or what is given

sub answer_to {
	my ($offer, $direction) = @_;

	my @sections;

	for (split /(?=^m=)/m, $offer->{sdp}) {
		my ($kind) = /^m=(\w+)/ or next;
		my ($mid) = /^a=mid:(\S+)\r$/m;
		push @sections, [ $kind, $mid, $direction ];
	}

	return { type => 'answer', sdp => description('active', @sections) };
}

sub mids {
	my ($description) = @_;

	return join ',', $description->{sdp} =~ /^a=mid:(\S+)\r$/mg;
}

sub description {
	my ($setup, @sections) = @_;

	my $n = 0;
	my $group = join ' ', map { $_->[1] } @sections;
	my $bundle = @sections ? "a=group:BUNDLE $group\n" : '';
	my $sdp = <<"EOF";
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
${bundle}a=extmap-allow-mixed
a=msid-semantic: WMS
EOF

	for (@sections) {
		my ($kind, $mid, $direction, $track) = @$_;
		my $ssrc = 1000 + $n++;
		my ($types, $maps) = $kind eq 'audio'
			? ('111', "a=rtpmap:111 opus/48000/2\n"
			. "a=fmtp:111 minptime=10;useinbandfec=1\n")
			: ('96 97', "a=rtpmap:96 VP8/90000\n"
			. "a=rtcp-fb:96 nack\na=rtcp-fb:96 nack pli\n"
			. "a=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n");
		my $fingerprint = join ':', ('A7') x 32;

		$direction = 'sendonly' unless defined $direction;
		$track = "track-$kind-$mid" unless defined $track;

		$sdp .= <<"EOF";
m=$kind 9 UDP/TLS/RTP/SAVPF $types
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:EsAw
a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
a=ice-options:trickle
a=fingerprint:sha-256 $fingerprint
a=setup:$setup
a=mid:$mid
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=$direction
a=msid:- $track
a=rtcp-mux
a=rtcp-rsize
${maps}a=ssrc:$ssrc cname:x
EOF
	}

	return $sdp =~ s/\n/\r\n/gr;
}

1;
