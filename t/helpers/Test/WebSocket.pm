package Test::WebSocket;

# Copyright (C) the ngx_sfu_module authors
#
# A client of RFC 6455 that does what it is told, right or wrong.
#
#     my $ws = ws_connect('/arbiter/ws') or die;
#     $ws->text('{"a":1}');
#     my $message = $ws->message();            # undef: none came
#     $ws->frame(1, 'he', fin => 0);           # opcode, payload
#     is($ws->ended(), 1009);                  # the code of its close frame

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ ws_connect ws_request ws_handshake /;

use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Time::HiRes qw/ time /;

use Test::Nginx;

use constant TIMEOUT => 30;

my $json = JSON::PP->new->utf8->canonical;

# the text of an opening handshake; headers replace those of the same name

sub ws_request {
	my ($path, %headers) = @_;

	my %all = (
		'Host' => 'localhost',
		'Upgrade' => 'websocket',
		'Connection' => 'Upgrade',
		'Sec-WebSocket-Key' => 'dGhlIHNhbXBsZSBub25jZQ==',
		'Sec-WebSocket-Version' => '13',
		%headers,
	);

	return join('', "GET $path HTTP/1.1\r\n",
		map({ defined $all{$_} ? "$_: $all{$_}\r\n" : () }
			sort keys %all), "\r\n");
}

# after it: the client, or what was said instead, in $@

sub ws_connect {
	my ($path, %options) = @_;

	my $port = delete $options{port} || port(8080);
	my $with = delete $options{with};
	my $headers = delete $options{headers} || {};

	my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")
		or die "can't connect: $!\n";

	return ws_handshake($s, ws_request($path, %$headers)
		. (defined $with ? $with : ''));
}

sub ws_handshake {
	my ($s, $request) = @_;

	my $self = bless { socket => $s, in => '', head => '' },
		'Test::WebSocket';

	local $SIG{PIPE} = 'IGNORE';
	$s->autoflush(1);
	$s->print($request);

	my $until = time() + TIMEOUT;

	while ($self->{in} !~ /\r\n\r\n/) {
		last unless $self->more($until);
	}

	($self->{head}, $self->{in}) = split /\r\n\r\n/, $self->{in}, 2;
	$self->{head} = '' unless defined $self->{head};
	$self->{in} = '' unless defined $self->{in};

	if ($self->{head} !~ m!^HTTP/1\.1 101 !) {
		$@ = "$self->{head}\r\n\r\n$self->{in}";
		return undef;
	}

	return $self;
}

sub head { $_[0]{head} }

sub socket { $_[0]{socket} }

# false: nothing came until then, or nothing will come any more

sub more {
	my ($self, $until) = @_;

	return 0 if $self->{eof};

	my $left = $until - time();
	return 0 if $left <= 0
		|| !IO::Select->new($self->{socket})->can_read($left);

	my $n = sysread $self->{socket}, $self->{in}, 65536,
		length $self->{in};
	$self->{eof} = 1 unless $n;

	return $n ? 1 : 0;
}

###############################################################################

sub send_raw {
	my ($self, $bytes) = @_;

	local $SIG{PIPE} = 'IGNORE';

	return $self->{socket}->print($bytes);
}

# options: fin, rsv, mask (a key, '' for none), size (that is claimed),
# wide (a length of 2 or 8 bytes, necessary or not)

sub encode {
	my ($opcode, $payload, %options) = @_;

	my $fin = defined $options{fin} ? $options{fin} : 1;
	my $mask = defined $options{mask} ? $options{mask} : 'mask';
	my $size = defined $options{size} ? $options{size} : length $payload;
	my $wide = $options{wide} || ($size > 65535 ? 8 : $size > 125 ? 2 : 0);
	my $masked = length $mask ? 0x80 : 0;

	my $frame = pack 'C', ($fin ? 0x80 : 0) | ($options{rsv} || 0) << 4
		| $opcode;

	$frame .= $wide == 8 ? pack('CQ>', $masked | 127, $size)
		: $wide == 2 ? pack('Cn', $masked | 126, $size)
		: pack('C', $masked | $size);

	if ($masked) {
		my $n = int(length($payload) / 4) + 1;

		# a string, even when it looks like a number
		$payload = "$payload" ^ substr $mask x $n, 0, length $payload;
	}

	return $frame . $mask . $payload;
}

sub frame {
	my ($self, @what) = @_;

	return $self->send_raw(encode(@what));
}

# a reference becomes JSON

sub text {
	my ($self, $text, %options) = @_;

	$text = $json->encode($text) if ref $text;

	return $self->frame(1, $text, %options);
}

sub fragments {
	my ($self, $opcode, @parts) = @_;

	my $last = pop @parts;
	my $bytes = '';

	for my $part (@parts) {
		$bytes .= encode($opcode, $part, fin => 0);
		$opcode = 0;
	}

	return $self->send_raw($bytes . encode($opcode, $last));
}

sub ping { $_[0]->frame(9, defined $_[1] ? $_[1] : '') }

sub close {
	my ($self, $code, $reason) = @_;

	return $self->frame(8, defined $code
		? pack('n', $code) . (defined $reason ? $reason : '') : '');
}

# without a word

sub drop { CORE::close($_[0]{socket}) }

###############################################################################

# { opcode, fin, payload }; undef: none came

sub next_frame {
	my ($self, $seconds) = @_;

	my $until = time() + (defined $seconds ? $seconds : TIMEOUT);

	while (1) {
		my $frame = $self->decode();

		return $frame if $frame;
		return undef unless $self->more($until);
	}
}

sub decode {
	my ($self) = @_;

	return undef if length $self->{in} < 2;

	my ($first, $len) = unpack 'CC', $self->{in};
	my $header = 2;

	die "the server has masked a frame\n" if $len & 0x80;
	die "the server has set a reserved bit\n" if $first & 0x70;

	if ($len == 126) {
		return undef if length $self->{in} < 4;
		$len = unpack 'x2n', $self->{in};
		$header = 4;

	} elsif ($len == 127) {
		return undef if length $self->{in} < 10;
		$len = unpack 'x2Q>', $self->{in};
		$header = 10;
	}

	return undef if length $self->{in} < $header + $len;

	my $payload = substr $self->{in}, $header, $len;
	substr $self->{in}, 0, $header + $len, '';

	return { opcode => $first & 15, fin => $first >> 7,
		payload => $payload };
}

# the next text; pings are answered on the way, unless "quiet" was set

sub message {
	my ($self, $seconds) = @_;

	my $until = time() + (defined $seconds ? $seconds : TIMEOUT);

	while (1) {
		my $left = $until - time();
		my $frame = $self->next_frame($left > 0 ? $left : 0);

		return undef unless $frame;
		return $frame->{payload} if $frame->{opcode} == 1;

		if ($frame->{opcode} == 8) {
			$self->{code} = length $frame->{payload}
				? unpack 'n', $frame->{payload} : 1005;
			return undef;
		}

		$self->frame(10, $frame->{payload})
			if $frame->{opcode} == 9 && !$self->{quiet};
	}
}

# the next one, read as JSON

sub json {
	my ($self, $seconds) = @_;

	my $text = $self->message($seconds);

	return defined $text ? $json->decode($text) : undef;
}

# the code with which the server closed; 1006: it went without, undef: it did
# not go

sub ended {
	my ($self, $seconds) = @_;

	my $until = time() + (defined $seconds ? $seconds : TIMEOUT);

	while (!defined $self->{code}) {
		my $left = $until - time();

		next if defined $self->message($left > 0 ? $left : 0);
		last if defined $self->{code};

		return $self->{eof} ? 1006 : undef;
	}

	return $self->{code};
}

# whether the connection itself is over

sub gone {
	my ($self, $seconds) = @_;

	my $until = time() + (defined $seconds ? $seconds : TIMEOUT);

	1 while $self->more($until);

	return $self->{eof} ? 1 : 0;
}

1;
