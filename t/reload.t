#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# A reload drops nobody: old processes finish what they have, new ones have
# found the workers before they answer.

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

use Time::HiRes qw/ time sleep /;

my $t = Test::Nginx->new()->has(qw/http/)->plan(15)
	->write_file_expand('nginx.conf', sfu_conf(main => 'worker_processes 2;'));

fake_worker($t, 'worker');
$t->run();
wait_up($t, 2);

my $master = $t->read_file('nginx.pid');
chomp $master;

###############################################################################

# requests in flight

my @slow = map { http(request_text('GET', '/sessions/1f2e3d4c-late'),
	start => 1) } 1 .. 10;
my $silent = http(request_text('GET', '/sessions/1f2e3d4c-silent'), start => 1);
sleep 0.2;

my $start = time();
kill 'HUP', $master;

# and many meanwhile: none may fail, whichever process takes it

my %results;
while (time() - $start < 2) {
	$results{mask(api('GET', '/sessions/1f2e3d4c'))}++;
}

is(join(',', keys %results), '200', 'requests during the reload');
cmp_ok($results{200}, '>', 20, 'and there were some');

is_deeply([ map { mask(json_of(http('', socket => $_))) } @slow ],
	[ ('200') x 10 ], 'requests of old processes');
is(mask(json_of(http('', socket => $silent))),
	'503 retryable_transient_error', 'one at its deadline');

ok(wait_log($t, qr/gracefully shutting down/, 2), 'they end');
ok(wait_log($t, qr/worker process \d+ exited with code 0/, 2),
	'without an error');
is(mask(api('GET', '/sessions/1f2e3d4c')), '200', 'after it');

# another configuration

$t->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF'));
sfu_worker ipc://%%TESTDIR%%/other.sock;
sfu_app demo secret=demo-secret;
sfu_app next secret=next-secret;
EOF

fake_worker($t, 'other', id => '22222222');
kill 'HUP', $master;
ok(wait_log($t, qr/other\.sock": is up/), 'another worker');

like(retry(sub { api('POST', '/sessions/new')->{json}{sessionId} || '' },
	qr/^22222222/), qr/^22222222/, 'is asked');
is(api('POST', '/sessions/new', undef, prefix => '/apps/next',
	secret => 'next-secret')->{status}, 201, 'another app');

# a broken one changes nothing

$t->write_file_expand('nginx.conf', sfu_conf(http => 'sfu_worker x;'));
kill 'HUP', $master;
ok(wait_log($t, qr/invalid worker address "x"/), 'a broken configuration');
is(mask(api('POST', '/sessions/new')), '201', 'the old one goes on');

# without the module's directives it holds no sockets

$t->write_file_expand('nginx.conf', <<'EOF' =~ s/%%SFU%%/sfu_globals()/er);
%%TEST_GLOBALS%%
%%SFU%%
daemon off;
events {
}
http {
    %%TEST_GLOBALS_HTTP%%
    server {
        listen 127.0.0.1:8080;
        location / { return 200 "nothing"; }
    }
}
EOF

kill 'HUP', $master;
like(retry(sub { http_get('/x') }, qr/nothing/), qr/nothing/,
	'without the module\'s directives');

# and back: counting had ended with them

$t->write_file_expand('nginx.conf', sfu_conf());
kill 'HUP', $master;
is(retry(sub { mask(api('POST', '/sessions/new')) }, qr/201/), '201', 'back');

is(scalar(() = $t->read_file('error.log') =~ /open socket .* left/g), 0,
	'no socket is left open');

###############################################################################

sub retry {
	my ($code, $pattern) = @_;

	for (1 .. 600) {
		my $result = $code->();
		return $result if $result =~ $pattern;
		sleep 0.05;
	}

	return $code->();
}

###############################################################################
