#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# RFC 6455, frame by frame: the cases of the Autobahn test suite, groups 1 to 7
# and 9, as far as they make sense without extensions.  The gateway of Arbiter
# answers each message with one of its own, whatever it says.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/)->plan(183)
	->write_file_expand('nginx.conf', sfu_conf(server => <<'EOF2'));
location /ws {
    sfu_api arbiter demo;
    sfu_websocket_message_max 128k;
}
EOF2

fake_worker($t, 'worker');
$t->run();
wait_up($t);

###############################################################################

# what a connection is answered to these bytes: "2 messages, 1 pong", "1007"

sub outcome {
	my ($bytes, %options) = @_;

	my $ws = ws_connect('/ws') or return 'refused';
	my $step = $options{step} || length $bytes;

	for (my $i = 0; $i < length $bytes; $i += $step) {
		$ws->send_raw(substr $bytes, $i, $step);
	}

	# the end of what was asked, if it is understood so far
	$ws->ping('end') unless $options{closed};

	my %n = (1 => 0, 10 => 0);

	while (my $frame = $ws->next_frame()) {
		return 'not final' unless $frame->{fin};
		return close_of($frame, $ws) if $frame->{opcode} == 8;
		last if $frame->{opcode} == 10 && $frame->{payload} eq 'end';
		return 'wrong pong' if $frame->{opcode} == 10
			&& defined $options{pong}
			&& $frame->{payload} ne $options{pong};
		$n{$frame->{opcode}}++;
	}

	return join ', ', $n{1} ? "$n{1} messages" : (),
		$n{10} ? "$n{10} pongs" : ();
}

sub close_of {
	my ($frame, $ws) = @_;

	my $payload = $frame->{payload};
	my $code = length $payload ? unpack('n', $payload) : 'no code';

	$code .= ' ' . substr $payload, 2 if length $payload > 2;
	$code .= ', open' unless $ws->gone();

	return $code;
}

sub frame { Test::WebSocket::encode(@_) }

###############################################################################

# 1: sizes, of text and of anything

for my $opcode (1, 2) {
	for my $size (0, 1, 125, 126, 127, 128, 65535, 65536, 131072) {
		is(outcome(frame($opcode, '*' x $size)), '1 messages',
			"1.$opcode: $size bytes, opcode $opcode");
	}

	is(outcome(frame($opcode, '*' x 65536), step => 997), '1 messages',
		"1.$opcode: in pieces of 997 bytes, opcode $opcode");
}

is(outcome(frame(1, '*' x 300), step => 1), '1 messages', '1: byte by byte');
is(outcome(join '', map { frame(1, $_) } 1 .. 200), '200 messages',
	'1: many at once');

# 2: pings and pongs

for my $size (0, 5, 125) {
	my $payload = "\x00\xff\xfe\xfd" x 32;
	$payload = substr $payload, 0, $size;

	is(outcome(frame(9, $payload), pong => $payload), '1 pongs',
		"2: ping of $size bytes");
}

is(outcome(frame(9, '*' x 126)), '1002', '2.5: ping of 126 bytes');
is(outcome(frame(9, '*' x 125), step => 1, pong => '*' x 125), '1 pongs',
	'2.6: ping byte by byte');
is(outcome(frame(10, '')), '', '2.7: pong that nobody asked for');
is(outcome(frame(10, 'hello')), '', '2.8: the same with a payload');
is(outcome(frame(10, 'x') . frame(9, 'y'), pong => 'y'), '1 pongs',
	'2.9: pong, ping');
is(outcome(join '', map { frame(9, 'p') } 1 .. 10), '10 pongs',
	'2.10: ten pings');
is(outcome(join('', map { frame(9, 'p') } 1 .. 10), step => 1), '10 pongs',
	'2.11: ten pings byte by byte');

# 3: reserved bits

for my $rsv (1 .. 7) {
	is(outcome(frame(1, 'small', rsv => $rsv)), '1002', "3: RSV $rsv");
}

is(outcome(frame(9, '', rsv => 4)), '1002', '3: of a ping');
is(outcome(frame(8, '', rsv => 4)), '1002', '3: of a close');

# 4: opcodes

for my $opcode (3 .. 7, 11 .. 15) {
	is(outcome(frame($opcode, '')), '1002', "4: opcode $opcode");
}

# 5: fragments

is(outcome(frame(9, 'x', fin => 0)), '1002', '5.1: fragmented ping');
is(outcome(frame(10, 'x', fin => 0)), '1002', '5.2: fragmented pong');
is(outcome(frame(8, '', fin => 0)), '1002', '5: fragmented close');
is(outcome(frame(1, 'a', fin => 0) . frame(0, 'b')), '1 messages',
	'5.3: two fragments');
is(outcome(frame(1, 'a', fin => 0) . frame(0, 'b'), step => 1), '1 messages',
	'5.5: byte by byte');
is(outcome(frame(1, 'a', fin => 0) . frame(9, 'p') . frame(0, 'b'),
	pong => 'p'), '1 messages, 1 pongs', '5.6: ping between them');
is(outcome(frame(1, 'a', fin => 0) . frame(10, 'p') . frame(0, 'b')),
	'1 messages', '5: pong between them');
is(outcome(frame(0, 'a')), '1002', '5.9: nothing to continue, FIN');
is(outcome(frame(0, 'a', fin => 0)), '1002', '5.12: the same, no FIN');
is(outcome(frame(1, 'a', fin => 0) . frame(1, 'b')), '1002',
	'5.18: text within text');
is(outcome(frame(1, 'a', fin => 0) . frame(2, 'b')), '1002',
	'5: binary within text');
is(outcome(join '', frame(1, 'a', fin => 0), (frame(0, 'b', fin => 0),
	frame(9, 'p')) x 3, frame(0, 'c')), '1 messages, 3 pongs',
	'5.19: five fragments and pings');
is(outcome(frame(1, '', fin => 0) . frame(0, '', fin => 0) . frame(0, '')),
	'1 messages', '6.1: three empty fragments');
is(outcome(frame(2, '', fin => 0) . frame(0, 'x', fin => 0) . frame(0, '')),
	'1 messages', '6.1: between empty ones');

# 6: UTF-8

my %utf8 = (
	'two bytes' => "\xce\xba",
	'greek' => "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
	'first of 1 byte' => "\x00",
	'first of 2 bytes' => "\xc2\x80",
	'first of 3 bytes' => "\xe0\xa0\x80",
	'first of 4 bytes' => "\xf0\x90\x80\x80",
	'last of 1 byte' => "\x7f",
	'last of 2 bytes' => "\xdf\xbf",
	'last of 3 bytes' => "\xef\xbf\xbf",
	'last of all' => "\xf4\x8f\xbf\xbf",
	'before surrogates' => "\xed\x9f\xbf",
	'after surrogates' => "\xee\x80\x80",
	'replacement' => "\xef\xbf\xbd",
	'noncharacter' => "\xf0\x9f\xbf\xbe",
);

for my $name (sort keys %utf8) {
	is(outcome(frame(1, $utf8{$name})), '1 messages', "6: $name");
	is(outcome(frame(1, "a$utf8{$name}b"), step => 1), '1 messages',
		"6: $name, byte by byte");
}

my %not_utf8 = (
	'surrogate' => "\xed\xa0\x80",
	'last surrogate' => "\xed\xbf\xbf",
	'beyond the last' => "\xf4\x90\x80\x80",
	'five bytes' => "\xf8\x88\x80\x80\x80",
	'six bytes' => "\xfc\x84\x80\x80\x80\x80",
	'continuation' => "\x80",
	'two of them' => "\x80\xbf",
	'lonely start' => "\xc0 ",
	'cut off' => "\xce",
	'cut off, 4 bytes' => "\xf0\x9f\xbf",
	'FE' => "\xfe",
	'FF' => "\xff",
	'overlong slash' => "\xc0\xaf",
	'overlong, 3 bytes' => "\xe0\x80\xaf",
	'overlong, 4 bytes' => "\xf0\x80\x80\xaf",
	'overlong NUL' => "\xc0\x80",
	'overlong 7F' => "\xc1\xbf",
	'in the middle' => "\xce\xba\xe1\xbd\xb9\xed\xa0\x80edited",
);

for my $name (sort keys %not_utf8) {
	is(outcome(frame(1, $not_utf8{$name})), '1007', "6: $name");
	is(outcome(frame(2, $not_utf8{$name})), '1 messages',
		"6: $name, not as text");
}

is(outcome(frame(1, "\xce", fin => 0) . frame(0, "\xba")), '1 messages',
	'6.2: a character in two fragments');
is(outcome(frame(1, "\xce", fin => 0) . frame(0, "\xce")), '1007',
	'6.3: half a character in each');

# fails with the first bad byte, not with the end of the message
is(outcome(frame(1, "\xff", fin => 0), closed => 1), '1007',
	'6.4: fails fast, a fragment');
is(outcome(frame(1, "\xff" . 'x' x 10, size => 100), closed => 1), '1007',
	'6.4: fails fast, within a frame');

# 7: the closing handshake

is(outcome(frame(8, '')), 'no code', '7.1: no code');
is(outcome(frame(1, 'x') . frame(8, ''), closed => 1), 'no code',
	'7.1: after a message');
is(outcome(frame(8, pack 'n', 1000) . frame(1, 'x')), '1000',
	'7.1.3: a message after it');
is(outcome(frame(8, pack 'n', 1000) . frame(8, '')), '1000',
	'7.1.2: twice');
is(outcome(frame(8, pack 'n', 1000) . frame(9, '')), '1000',
	'7.1.4: a ping after it');
is(outcome(frame(1, 'a', fin => 0) . frame(8, pack 'n', 1000)), '1000',
	'7.1.5: within a message');
is(outcome(frame(8, "\x03")), '1002', '7.3.2: half a code');
is(outcome(frame(8, pack('n', 1000) . 'Hello')), '1000 Hello',
	'7.3.4: a reason');
is(outcome(frame(8, pack('n', 1000) . '*' x 123)), '1000 ' . '*' x 123,
	'7.3.5: the longest');
is(outcome(frame(8, pack('n', 1000) . '*' x 124)), '1002',
	'7.3.6: one more');
is(outcome(frame(8, pack('n', 1000) . "\xed\xa0\x80")), '1007',
	'7.5: not UTF-8');

for my $code (1000 .. 1003, 1007 .. 1011, 3000, 3999, 4000, 4999) {
	is(outcome(frame(8, pack 'n', $code)), $code, "7.7: code $code");
}

for my $code (0, 999, 1004 .. 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
{
	is(outcome(frame(8, pack 'n', $code)), '1002', "7.9: code $code");
}

# 9, and what clients must not do

is(outcome(frame(1, '*' x 131073)), '1009', '9: one byte too many');
is(outcome(frame(2, '*' x 70000, fin => 0) . frame(0, '*' x 70000)), '1009',
	'9: too many in fragments');
is(outcome(frame(1, 'x', size => 2 ** 40), closed => 1), '1009',
	'9: a terabyte is announced');
is(outcome(frame(1, '', size => 2 ** 63), closed => 1), '1002',
	'9: more than there may be');
is(outcome(join '', frame(1, '*', fin => 0),
	frame(0, '*', fin => 0) x 50000, frame(0, '*')), '1 messages',
	'9: 50,000 fragments');
is(outcome(frame(1, 'x', mask => '')), '1002', 'not masked');
is(outcome(frame(9, '', mask => '')), '1002', 'ping that is not masked');
is(outcome(frame(1, 'x', wide => 2)), '1002', 'longer length than needed');
is(outcome(frame(1, 'x' x 200, wide => 8)), '1002', 'the longest');
is(outcome("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), '1002',
	'another request');

# what was closed, and why, is counted

my $metrics = json_of(http_get('/metrics'))->{body};

like($metrics, qr/^sfu_websocket_open 0$/m, 'none is left');
like($metrics, qr/^sfu_websocket_closed_total\{cause="protocol"\} [1-9]/m,
	'protocol errors');
like($metrics, qr/^sfu_websocket_closed_total\{cause="utf8"\} 22$/m,
	'not UTF-8');
like($metrics, qr/^sfu_websocket_closed_total\{cause="too_large"\} 3$/m,
	'too large');
