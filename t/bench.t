#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# "make bench": what it does with figures, with servers and generators that
# fail, and one row of a second in earnest.  No figure is judged here.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers", "$FindBin::Bin/bench/lib";

use File::Temp qw/ tempdir /;
use IO::Socket::INET;
use JSON::PP;

use Test::Nginx;
use Test::Sfu;

use Bench::Figures qw/ median medians spread /;
use Bench::File qw/ read_file write_file /;
use Bench::Load qw/ figures /;
use Bench::Machine;
use Bench::Plot qw/ plot ticks /;
use Bench::Results qw/ text markdown svg /;
use Bench::Rows qw/ rows steps /;
use Bench::Run qw/ run /;
use Bench::Table qw/ text_table markdown_table number /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $dir = tempdir('sfu-bench-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);

# figures

is(median(3, 1, 2), 2, 'median of three');
is(median(4, 1), 2.5, 'median of two');
is(median(), undef, 'median of nothing');
is(spread('x', { x => 9 }, { x => 10 }, { x => 12 }), 30, 'spread');

is_deeply(medians({ a => 1, p => 'GCM' }, { a => 5, p => 'GCM' },
	{ a => 2, p => 'CM' }), { a => 2, p => 'CM, GCM' }, 'medians');
is_deeply(medians({ a => 1 }, { failed => 'fell over' }),
	{ a => 1, failed => 'fell over' }, 'a failure is not forgotten');

# tables

is(number(undef), '-', 'unknown');
is(number(0), '0', 'zero');
is(number(0.00123), '0.0012', 'small');
is(number(1.666), '1.67', 'some');
is(number(1234.5), '1234', 'large');
is(number(7), '7', 'a count');
is(number('GCM'), 'GCM', 'text');

is(text_table(['load', 'server', 'us'], ['1 to 10', 'ours', '1.25']), <<'EOF',
load     server    us
-------  ------  ----
1 to 10  ours    1.25
EOF
	'text table');

is(markdown_table(['a', 'b', 'c'], ['x|y', '', 1]), <<'EOF',
| a | b | c |
| --- | --- | ---: |
| x\|y |  | 1 |
EOF
	'Markdown table');

# plots

is_deeply([ticks(0, 3.7)], [map { $_ / 2 } 0 .. 8], 'linear axis');
is_deeply([ticks(0, 15)], [map { 2 * $_ } 0 .. 8], 'linear axis, two steps');
is_deeply([ticks(1, 10, 50, 1500)],
	[10, 20, 50, 100, 200, 500, 1000, 2000], 'logarithmic axis');
is_deeply([ticks(1, 10)], [10, 20], 'logarithmic axis, one value');
is_deeply([ticks(0)], [0, 2, 4, 6, 8, 10], 'axis of nothing');

# results: a row that worked for one server and not for the other

my $bench = {
	machine => { commit => 'abc', date => 'today', cpu => 'X <&>',
		cores => 2, kernel => '6' }, count => 1, duration => 1,
	servers => [{ name => 'a', title => 'A', version => 'libsrtp2 1' },
		{ name => 'b', title => 'B' }],
	rows => [map { { %$_, results => {
		a => { median => { cpu_us => 1.25, p99_ms => 2.5, loss => 0,
			run => 2.9, bare_libsrtp => 1, times_libsrtp => 1.25,
			others_percent => $_->{fanout} == 50 ? 30 : 3,
			generator_percent => $_->{fanout} > 100 ? 95 : 5 } },
		b => { median => { failed => 'fell over' } },
	} } } grep { $_->{fanout} } rows()],
	most => { a => { subscribers => 1500, why => '1750: lost 2 %' } },
	raw => [{ sealing => 'libsrtp', profile => 'X_GCM', run => 1,
		gro => 'on', cpu_us => 3.5, reader_us => 1 }],
	signal => [{ row => 'idle', median => { sockets => 10, bytes => 8760 } }],
	missing => { C => 'not installed' },
};

my $text = text($bench);

like($text, qr/^1 to 10 +1\.25, 2\.50 +-$/m, 'in short');
like($text, qr/^1 to 10 +A +1\.25 +0 +- +2\.50 /m, 'a row');
like($text, qr/^1 to 10 +B \[1\] +- /m, 'a failure');
like($text, qr/^\[1\] 1 to 10, B: fell over$/m, 'its reason');
like($text, qr/^1 to 500 +A .* 95 \(!\)$/m, 'a generator at its limit');
like($text, qr/^1 to 10 +A +2\.90 +1\.25 +1 +1\.25( +-){4}$/m, 'a bare loop');
like($text, qr/^A +1750: lost 2 % +1500$/m, 'most subscribers');
like($text, qr/^idle +10 +8760 +- /m, 'signaling');
like($text, qr/^C: not measured: not installed$/m, 'a server that is missing');
like($text, qr/^1 to 50 +A ~ .*^~: others /ms, 'a busy machine');
unlike($text, qr/^1 to 10 +A ~/m, 'a quiet one');
like(markdown($bench), qr/^\| 1 to 10 \| A \| 1\.25 \|/m, 'Markdown');

my $svg = svg($bench);

is(well_formed($svg), '', 'SVG is well formed');
is(() = $svg =~ /<circle /g, 12, 'a point for each figure');
is(() = $svg =~ />A</g, 1, 'a server in the legend');
unlike($svg, qr/>B</, 'none that has no figure');
like($svg, qr/X &lt;&amp;>|X &lt;&amp;&gt;/, 'text is escaped');

# what sfu-load says

my %said = (options => { scenario => 'fanout' }, sessions => { up => 3,
	failed => 1, first_failure => 'HTTP 503' });

is(figures(\%said)->{failed}, '1 of 4 did not join: HTTP 503',
	'sessions that did not join');

# rows

my %names;
$names{$_->{name}}++ for rows();
is((grep { $_ > 1 } values %names), 0, 'names of rows are unique');
is_deeply([map { $_->{name} } rows(pattern => 'meeting.*')], ['meeting-10'],
	'rows by name');
is_deeply([grep { my $n = $_->{fanout}; $n && !grep { $_ == $n } steps() }
	rows()], [], 'each fan-out is a step');

# servers and generators that fail

SKIP: {

skip('one core', 15) if Bench::Machine::cores() < 2;

is(tried('exec sleep 600')->{failed}, 'no end within 1 s', 'a hang');
is(tried('echo; echo no server; exit 1')->{failed},
	'sfu-load: exit 1: no server', 'an error');
is(tried('exit 3')->{failed}, 'sfu-load: exit 3: it said nothing',
	'an error without a word');
like(tried('printf "{" >"$json"')->{failed}, qr/expected/, 'half a file');
is(tried('kill -9 $pid; sleep 0.2')->{failed}, 'the server ended: signal 9',
	'a server that falls over');

# in earnest

my $build = $ENV{BUILD} || root() . '/build';

skip('not built', 10) unless -x "$build/sfu-load" && -x "$build/sfu-worker"
	&& -x "$build/bench-signal" && -x "$build/bench-raw";

my $port = two_ports();
my $log = `$FindBin::Bin/bench/bench.pl --build $build --out $dir/out \\
	--servers ours --rounds 2 --duration 0.4 --warmup 0.2 --nomost \\
	--noraw --sockets 300 --rows 'fanout-10|storm-300' --patience 0 \\
	--port $port 2>&1`;

is($?, 0, 'bench.pl') or diag($log);

my $said = JSON::PP->new->utf8->decode(read_file("$dir/out/bench.json"));
my ($fanout, $storm) = @{$said->{rows}};

is(@{$fanout->{results}{ours}{rounds}}, 2, 'rounds are kept');
cmp_ok($fanout->{results}{ours}{median}{cpu_us}, '>', 0, 'CPU is measured')
	or diag($log);
cmp_ok($fanout->{results}{ours}{median}{times_libsrtp}, '>', 0,
	'and compared with a bare loop') or diag($log);
cmp_ok($storm->{results}{ours}{median}{joins}, '>', 0, 'visitors join')
	or diag($log);
cmp_ok($said->{signal}[0]{median}{bytes}, '>', 0, 'WebSockets are weighed')
	or diag($log);
cmp_ok($said->{signal}[3]{median}{relays}, '>', 0, 'messages are relayed')
	or diag($log);

# a bare loop whose runs have 2 and 3 packets

is(system("$build/bench-raw --run 2.5 --sealing libsrtp --gro on --receivers 4 "
	. "--profile SRTP_AEAD_AES_128_GCM --milliseconds 20 "
	. "--json $dir/raw.json >/dev/null"), 0, 'bench-raw');

my $ways = JSON::PP->new->utf8->decode(read_file("$dir/raw.json"))->{ways};

is(@$ways, 1, 'one way was asked for');
is($ways->[0]{received}, $ways->[0]{sent}, 'all of it was received');

}

done_testing();

###############################################################################

# a run of "sleep" as the server and a script as the generator

sub tried {
	my ($script) = @_;

	write_file("$dir/generator", <<'EOF' . "$script\n");
#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
    --json) json=$2; shift ;;
    --pid) pid=$2; shift ;;
    esac
    shift
done
EOF
	chmod 0755, "$dir/generator";

	return run(Test::Server->new(), { load => ['fanout'], endpoints => 0 },
		{ load => "$dir/generator", core => 1, dir => $dir,
		duration => 0.5, warmup => 0, spare => 0.5 });
}

# Below those that sockets get which ask for none; the next one is free, too.

sub two_ports {
	for (1 .. 100) {
		my $port = 12000 + int rand 20000;
		my @free = grep { defined } map { my $try = $_;
			map { IO::Socket::INET->new(Proto => $_,
				LocalAddr => "0.0.0.0:$try") } qw/ udp tcp / }
			$port, $port + 1;

		return $port if @free == 4;
	}

	die "no free ports\n";
}

# '' or what is wrong: elements are closed, in order, and nothing else is there

sub well_formed {
	my ($xml) = @_;

	my @open;

	while ($xml =~ m{\G(?:[^<>&]|&(?:amp|lt|gt);|>)*
		<(/?)(\w+)((?:\s[\w:-]+="[^"<&]*")*)\s*(/?)>}gcx)
	{
		my ($end, $name, $empty) = ($1, $2, $4);

		push @open, $name if !$end && !$empty;
		return "</$name>" if $end && (pop @open // '') ne $name;
	}

	return "<@open>" if @open;

	return $xml =~ /\G\s*\z/gc ? '' : substr($xml, pos $xml // 0, 40);
}

###############################################################################

package Test::Server;

sub new { return bless {}, shift }

sub start {
	$_[0]{process} = Bench::Process->start(undef, out => '/dev/null',
		command => ['sleep', 60]);
}

sub pids { $_[0]{process}->pid() }
sub gone { $_[0]{process}->ended() }
sub stop { $_[0]{process}->stop() }
sub counts { return {} }
sub load_options { return () }

###############################################################################
