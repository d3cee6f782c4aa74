#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# "sfu_status": JSON with the figures of nginx and of each worker.

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

use JSON::PP;

my $t = Test::Nginx->new()->has(qw/http/)->plan(23)
	->write_file_expand('nginx.conf', sfu_conf(http => <<'EOF', server =>
sfu_worker ipc://%%TESTDIR%%/one.sock;
sfu_worker ipc://%%TESTDIR%%/two.sock;
sfu_worker ipc://%%TESTDIR%%/three.sock;
sfu_app demo secret=demo-secret;
EOF
	''));

my $log = $t->testdir() . '/requests';

my $one = fake_worker($t, 'one', id => '11111111', log => $log);
my $two = fake_worker($t, 'two', id => '22222222');

$t->run();
wait_up($t, 2);
wait_log($t, qr/three.*is down/);

###############################################################################

api('POST', '/sessions/new');
api('GET', '/sessions/11111111');
api('GET', '/sessions/11111111-error-session_gone');
api('POST', '/sessions/new', undef, secret => 'wrong');

my $r = json_of(http_get('/status'));

is(mask($r), '200', 'JSON');
is($r->{headers}{'cache-control'}, 'no-store', 'not to be kept');

my $nginx = $r->{json}{nginx};

like($nginx->{version}, qr/^\d+\.\d+\.\d+/, 'version of nginx');
like($nginx->{module}, qr/^\d+\.\d+\.\d+/, 'version of the module');
is_deeply($nginx->{requests}, { total => 4, '2xx' => 2, '4xx' => 2, '5xx' => 0,
	other => 0 }, 'requests by class');
is_deeply($nginx->{calls}{cloudflare}{'sessions/new'}{status},
	{ 201 => 1, 401 => 1 }, 'requests by call and status');
is($nginx->{calls}{cloudflare}{session}{requests}, 2, 'requests of a call');
ok(!exists $nginx->{calls}{cloudflare}{renegotiate}, 'none of another');
ok(exists $nginx->{latency}, 'latency');
is($nginx->{pending}, 0, 'pending');

my @workers = @{$r->{json}{workers}};

is(@workers, 3, 'workers');
like($workers[0]{address}, qr/one\.sock$/, 'in the order of the file');
is($workers[0]{worker}, '11111111', 'id');
is($workers[0]{loops}[0]{port}, 10000, 'its figures');
is($workers[1]{worker}, '22222222', 'another');
is($workers[2]{error}, 'down', 'one that is not there');
ok(!exists $workers[2]{worker}, 'has no figures');

# of one session

http_get('/status?app=demo&session=1111%31111');

my ($asked) = grep { /"status"/ && /"session"/ } split /\n/,
	$t->read_file('requests');
$asked = decode_json($asked);

is("$asked->{app} $asked->{session}", 'demo 11111111', 'arguments');

# of an app

http_get('/status?app=demo');

($asked) = grep { /"status"/ && /"app"/ && !/"session"/ } split /\n/,
	$t->read_file('requests');
is(decode_json($asked // '{}')->{app}, 'demo', 'an app alone');

# a stopped one

kill 'STOP', $two;
$r = json_of(http_get('/status'));
is($r->{json}{workers}[1]{error}, 'no answer in time', 'a stopped one');
is($r->{json}{workers}[0]{worker}, '11111111', 'the others');
kill 'CONT', $two;

like(http_head('/status'), qr/ 200 OK.*\r\n\r\n$/s, 'HEAD');
like(http("POST /status HTTP/1.0\r\n\r\n"), qr/ 405 /, 'POST');

###############################################################################
