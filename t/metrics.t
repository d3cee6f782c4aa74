#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# "sfu_metrics": what Prometheus' parser accepts, and what is in it.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/)->plan(38)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF', server =>
sfu_worker ipc://%%TESTDIR%%/one.sock;
sfu_worker ipc://%%TESTDIR%%/two.sock;
sfu_worker ipc://%%TESTDIR%%/three.sock;
sfu_app demo secret=demo-secret;
EOF
	''));

fake_worker($t, 'one', id => '11111111', sessions => 5);
fake_worker($t, 'two', id => '22222222', sessions => 6, draining => 1);

$t->run();
wait_up($t, 2);
wait_log($t, qr/three.*is down/);

###############################################################################

# the checker itself

is(checked("x 1\n"), '', 'checker: a sample');
is(checked("x{a=\"b\\\\\\\"\\n\"} 1\n"), '', 'checker: escapes');
like(checked("x 1"), qr/end/, 'checker: end of line');
like(checked("x{a=\"b\"}\n"), qr/sample/, 'checker: no value');
like(checked("x{a=\"b\n\"} 1\n"), qr/sample/, 'checker: line end in a label');
like(checked("x-y 1\n"), qr/sample/, 'checker: name');
like(checked("x 1\nx 2\n"), qr/twice/, 'checker: sample twice');
like(checked("x 1\ny 1\nx{a=\"b\"} 2\n"), qr/together/, 'checker: apart');
like(checked("x 1\n# TYPE x counter\n"), qr/late/, 'checker: late TYPE');
like(checked("# TYPE x counter\n# TYPE x counter\nx 1\n"), qr/second/,
	'checker: two TYPEs');
like(checked("# TYPE x histogram\nx_bucket{le=\"1\"} 2\n"
	. "x_bucket{le=\"+Inf\"} 1\nx_sum 1\nx_count 1\n"), qr/falls/,
	'checker: buckets fall');
like(checked("# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 1\n"
	. "x_count 2\n"), qr/count/, 'checker: count');

# ours

my ($head, $text) = metrics();

like($head, qr!^Content-Type: text/plain; version=0\.0\.4!m, 'type');
is(checked($text), '', 'before there was a request');

api('POST', '/sessions/new');
api('GET', '/sessions/11111111-slow');
api('GET', '/sessions/11111111-error-session_gone');
api('GET', '/nothing') for 1 .. 3;
api('OPTIONS', '/nothing');

($head, $text) = metrics();

is(checked($text), '', 'after some');

has('sfu_http_requests_total{api="cloudflare",call="sessions/new",'
	. 'status="201"} 1', 'a call');
has('sfu_http_requests_total{api="cloudflare",call="-",status="404"} 3',
	'unknown paths');
has('sfu_http_requests_total{api="cloudflare",call="preflight",'
	. 'status="204"} 1', 'a preflight');
has('sfu_http_request_duration_seconds_bucket{api="cloudflare",'
	. 'call="session",le="0.100"} 1', 'a bucket');
has('sfu_http_request_duration_seconds_bucket{api="cloudflare",'
	. 'call="session",le="+Inf"} 2', 'the last bucket');
has('sfu_http_request_duration_seconds_count{api="cloudflare",'
	. 'call="session"} 2', 'the count');
like($text, qr/^sfu_http_request_duration_seconds_sum\{api="cloudflare",call="session"\} 0\.[34]/m, 'the sum');
has('# TYPE sfu_http_request_duration_seconds histogram', 'type: histogram');
has('# TYPE sfu_sessions gauge', 'type: gauge');
has('# TYPE sfu_packets_in counter', 'type: counter');
like($text, qr/^# HELP sfu_drops \w/m, 'help');

my $dir = $t->testdir();

has("sfu_worker_up{address=\"ipc://$dir/one.sock\"} 1", 'up');
has("sfu_worker_up{address=\"ipc://$dir/three.sock\"} 0", 'down');
like($text, qr/^sfu_worker_info\{address="ipc:[^"]*",worker="11111111",(version="[^"]*",srtp="a \\"quoted\\\\ name\\n"|srtp="a \\"quoted\\\\ name\\n",version="[^"]*")\} 1$/m, 'info');
has('sfu_sessions{worker="11111111"} 6', 'a number');
has('sfu_sessions{worker="22222222"} 6', 'of another worker');
has('sfu_uptime{worker="11111111"} 12.25', 'a real number');
has('sfu_draining{worker="11111111"} 0', 'false');
has('sfu_draining{worker="22222222"} 1', 'true');
has('sfu_sessions_ended{worker="11111111",cause="odd \"cause\"\n"} 2',
	'an odd cause');
has('sfu_packets_in{worker="11111111",loop="0"} 9007199254740991',
	'a large number');
has('sfu_utilisation{worker="11111111",loop="1"} 0.5', 'of a loop');
has('sfu_drops{worker="11111111",loop="0",cause="no-session"} 5',
	'of a loop, by cause');

###############################################################################

sub metrics {
	return split /\r\n\r\n/, http_get('/metrics'), 2;
}

sub has {
	my ($line, $name) = @_;

	ok((grep { $_ eq $line } split /\n/, $text), $name)
		or diag("no line: $line");
}

# a strict reading of the text format: '' or the first complaint

sub checked {
	my ($text) = @_;

	my (%type, %closed, %seen, %bucket, %count);
	my $current = '';

	return 'no end of line' if $text !~ /\n\z/;

	for my $line (split /\n/, $text) {

		if ($line =~ /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/) {
			my ($what, $name, $value) = ($1, $2, $3);

			return "late: $line" if $closed{$name}
				|| $current eq $name && $seen{"family $name"};
			next if $what eq 'HELP';
			return "second: $line" if $type{$name};
			return "type: $line" if $value
				!~ /^(counter|gauge|histogram|summary|untyped)$/;
			$type{$name} = $value;
			next;
		}

		return "comment: $line" if $line =~ /^#/;

		my $label = qr/[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"/;

		return "sample: $line" unless $line =~ /^([a-zA-Z_:]
			[a-zA-Z0-9_:]*)(\{$label(?:,$label)*\})?\x20
			([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/x;

		my ($name, $labels, $value) = ($1, $2 || '', $3);
		my $family = $name;

		if ($name =~ /^(.*)_(bucket|sum|count)$/
			&& ($type{$1} || '') eq 'histogram')
		{
			$family = $1;
		}

		return "not together: $line" if $closed{$family};
		$closed{$current} = 1 if $current && $current ne $family;
		$current = $family;
		$seen{"family $family"} = 1;

		return "twice: $line" if $seen{"$name$labels"}++;

		my %names;
		return "label twice: $line"
			if grep { $names{$_}++ } $labels =~ /([a-zA-Z_]\w*)="/g;

		if ($family ne $name) {
			my $key = $labels =~ s/,?le="[^"]*"//r;
			$key = '' if $key eq '{}';

			if ($name =~ /_bucket$/) {
				return "falls: $line"
					if $value < ($bucket{"$family$key"} || 0);
				$bucket{"$family$key"} = $value;
				$count{"$family$key"} = $value
					if $labels =~ /le="\+Inf"/;
			}

			return "count: $line" if $name =~ /_count$/
				&& $value != $count{"$family$key"};
		}
	}

	return '';
}

###############################################################################
