#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The load generator against a real nginx and a real worker: each scenario
# for a second.  What it counts is compared with what must be so, whatever
# the speed of the machine: packets that were sent and seen, codecs, profiles.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use JSON::PP;

use Test::Nginx;
use Test::Sfu;
use Test::Whip;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $root = root();
my $load = $ENV{SFU_LOAD} || ($ENV{BUILD} || "$root/build") . '/sfu-load';

plan(skip_all => "no $load") unless -x $load;

my $t = Test::Nginx->new()->has(qw/http/)
	->write_file_expand('nginx.conf', sfu_conf());

my $worker = real_worker($t, 'worker') or plan(skip_all => 'no sfu-worker');

$t->plan(62);
$t->run();
wait_up($t);

my $base = 'http://127.0.0.1:' . port(8080) . '/v1/apps';

###############################################################################

# one publisher, some viewers

my $r = load('fanout', '--subscribers', 5, '--pid', $worker, '--decrypt', 1);

is($r->{sessions}{with_media}, 5, 'fanout: everybody sees something');
is($r->{sessions}{failed}, 0, 'fanout: nobody failed');
is($r->{all}{streams}, 5, 'fanout: a stream each');
complete($r, 'fanout');
is($r->{all}{opened}, $r->{all}{received}, 'fanout: opened all of them');
is($r->{all}{not_ours}, 0, 'fanout: all have a stamp');
is($r->{srtp_profile}, 'SRTP_AEAD_AES_128_GCM', 'fanout: profile');
is($r->{server}{processes}[0]{name}, 'sfu-worker', 'fanout: the process');
cmp_ok($r->{server}{processes}[0]{rss_after}, '>', 0, 'fanout: its memory');
cmp_ok($r->{all}{delay}{max_ms}, '>', 0, 'fanout: a delay');
cmp_ok($r->{feedback}{keyframe_requests_received}, '>', 0,
	'fanout: key frames were asked for');
cmp_ok($r->{feedback}{transport_cc_received}, '>', 0,
	'fanout: congestion feedback from the server');

# 270 packets a second; how long it measured, it says itself

my $rate = $r->{traffic}{sent_packets} / $r->{traffic}{seconds};

cmp_ok(abs($rate - 270), '<', 40, 'fanout: the rate') or diag($rate);

# a sample of the packets says the same as all of them

$r = load('fanout', '--subscribers', 3, '--decrypt', 50);
complete($r, 'sampled');
cmp_ok($r->{all}{opened}, '<', $r->{all}{received} / 5, 'sampled: a part');

# other codecs, profiles, and ways to receive

for my $case (
	['h264+opus', 'cm-sha1', 'AES128_CM', 'active', 'on', 4],
	['vp8+opus', 'gcm256', 'AEAD_AES_256', 'passive', 'off', 4],
	['opus', 'gcm', 'AEAD_AES_128', 'actpass', 'on', 2])
{
	my ($codec, $profile, $name, $role, $gro, $streams) = @$case;

	$r = load('fanout', '--codec', $codec, '--profile', $profile,
		'--subscribers', 2, '--dtls-role', $role, '--gro', $gro);

	like($r->{srtp_profile}, qr/\Q$name\E/, "$codec: $profile");
	is($r->{all}{streams}, $streams, "$codec: streams");
	complete($r, $codec);
}

# meeting: everybody gets all others, on one transport

$r = load('meeting', '--publishers', 4, '--codec', 'vp8+opus');
is($r->{sessions}{up}, 4, 'meeting: sessions');
is($r->{audio}{streams}, 12, 'meeting: audio');
is($r->{video}{streams}, 12, 'meeting: video');
complete($r, 'meeting');

# rooms do not see each other

$r = load('rooms', '--rooms', 4, '--subscribers', 2);
is($r->{all}{streams}, 8, 'rooms: streams');
is($r->{sessions}{up}, 12, 'rooms: sessions');
complete($r, 'rooms');

# visitors of a storm have their first packet, those who stay lose none

$r = load('storm', '--rate', 30, '--subscribers', 2);
cmp_ok($r->{storm}{done}, '>', 0, 'storm: visits');
is($r->{storm}{failed}, 0, 'storm: none failed');
is($r->{storm}{to_first_packet}{count}, $r->{storm}{done}, 'storm: times');
is($r->{all}{streams}, 2, 'storm: visitors do not count');
complete($r, 'storm');

# sessions that do nothing

$r = load('idle', '--subscribers', 20);
is($r->{sessions}{up}, 20, 'idle: sessions');
is($r->{traffic}{received_packets}, 0, 'idle: no packet');

# to be awake is no work

$r = load('idle', '--subscribers', 3, '--awake', 'on');
is($r->{sessions}{up}, 3, 'awake: sessions');
cmp_ok($r->{generator}{cpu_percent}, '<', 50, 'awake: what it takes is not told');

# what is thrown away is asked for, and comes again

for my $rtx ('on', 'off') {
	$r = load('fanout', '--loss', 5, '--subscribers', 3, '--rtx', $rtx,
		'--duration', 2);

	cmp_ok($r->{repair}{discarded}, '>', 0, "loss, rtx $rtx: some");
	cmp_ok($r->{repair}{in_time} + $r->{repair}{late}, '>',
		$r->{repair}{discarded} / 2, "loss, rtx $rtx: repaired");
	cmp_ok($r->{all}{loss_before_repair_percent}, '>',
		$r->{all}{loss_percent}, "loss, rtx $rtx: less than before");
}

# one that sends too much has figures of its own

$r = load('fanout', '--overload', 4, '--publishers', 2);
is($r->{overloaded_video}{streams}, 1, 'overload: its stream');
is($r->{video}{streams}, 1, 'overload: the other one');
cmp_ok($r->{overloaded_video}{expected}, '>', 3 * $r->{video}{expected},
	'overload: much more');

# simulcast is one track; the server chooses

$r = load('fanout', '--simulcast');
is($r->{all}{streams}, 1, 'simulcast: one stream');
is($r->{all}{not_ours}, 0, 'simulcast: of ours');

for my $rid (qw/ q f /) {
	$r = load('fanout', '--simulcast', '--rid', $rid, '--subscribers', 3);
	is($r->{video}{layers}{$rid}, 3, "simulcast, rid $rid: what was wanted");
	complete($r, "simulcast, rid $rid");
}

# WHIP and WHEP

my $port = port(8081);
my $log = $t->testdir() . '/whip.log';

$t->run_daemon(sub { whip_serve($port, $log) });
$t->waitforsocket("127.0.0.1:$port") or die "no WHIP server\n";

$r = load('fanout', '--subscribers', 3, '--codec', 'vp8+opus',
	'--dialect', 'whip', '--secret', 'token',
	'--url', "http://127.0.0.1:$port/{role}/{stream}");

is($r->{sessions}{up}, 4, 'whip: sessions');
is($r->{all}{streams}, 6, 'whip: streams');
complete($r, 'whip');
is(scalar(() = $t->read_file('whip.log') =~ m!^DELETE /resource/\w+ 200$!gm),
	4, 'whip: everything was deleted');

# what is wrong is said

like(run('fanout', '--secret', 'wrong'), qr/status 401/, 'wrong secret');
like(`$load --url http://127.0.0.1:1/v1/apps fanout 2>&1`,
	qr/no publisher could join.*sessions\/new/, 'no server');
like(`$load --fps 0 fanout 2>&1`, qr/--fps "0" is out of range/, 'an option');

###############################################################################

# what it prints; later options win over earlier ones

sub run {
	my ($scenario, @options) = @_;

	my @all = ('--url', $base, '--secret', 'demo-secret', '--duration', 0.7,
		'--warmup', 0.3, '--drain', 500, '--quiet', '--json', '-',
		@options, $scenario);

	return `$load @{[ map { "'$_'" } @all ]} 2>&1`;
}

sub load {
	my $text = run(@_);
	my $r = eval { JSON::PP->new->decode($text) };

	diag($text) unless $r;

	return $r || {};
}

# every packet came, none twice, and the publisher's count is the viewers'

sub complete {
	my ($r, $name) = @_;

	my $all = $r->{all};

	is("$all->{lost} $all->{surplus} $r->{traffic}{cannot_open} "
		. "$r->{traffic}{unknown}", '0 0 0 0', "$name: complete");
}

###############################################################################
