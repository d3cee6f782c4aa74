#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The life of a WebSocket: how it is opened and refused, what time, slow
# clients and the end of an nginx process do to it.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

use IO::Select;
use IPC::Open2;
use Time::HiRes qw/ time sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http http_ssl/)->plan(88);

my $dir = $t->testdir();
my $openssl = 'openssl req -x509 -newkey rsa:2048 -nodes -days 2'
	. " -subj /CN=localhost -keyout $dir/key.pem -out $dir/cert.pem";
system("$openssl >$dir/openssl.log 2>&1") == 0 or die "no certificate\n";

my $main = 'worker_processes 1; worker_shutdown_timeout 6s;';
my %part = (main => $main, http => <<'EOF2', server => <<'EOF3');
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret;
limit_conn_zone $http_x_client zone=clients:1m;
log_format ws '$status $request "$http_x_note" $http_host';

server {
    listen 127.0.0.1:8081 ssl;
    ssl_certificate cert.pem;
    ssl_certificate_key key.pem;

    location / {
        sfu_api arbiter demo;
    }
}
EOF2
access_log %%TESTDIR%%/ws.log ws;

location /ws {
    sfu_api arbiter demo;
    limit_conn clients 2;
    add_header X-Pid $pid always;
}

location /grace {
    sfu_api arbiter demo;
    sfu_websocket_grace 500ms;
}

location /idle {
    sfu_api arbiter demo;
    sfu_websocket_idle 1500ms;
    sfu_websocket_ping 500ms;
}

location /ping {
    sfu_api arbiter demo;
    sfu_websocket_ping 1s;
}

location /life {
    sfu_api arbiter demo;
    sfu_websocket_life 700ms;
    sfu_websocket_grace 200ms;
}

location /small {
    sfu_api arbiter demo;
    sfu_websocket_message_max 200;
    sfu_websocket_queue_max 32k;
    sfu_websocket_ping 0;
}

location /proxy {
    proxy_pass http://127.0.0.1:8080/ws;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection Upgrade;
}

location /tls {
    proxy_pass https://127.0.0.1:8081/ws;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection Upgrade;
}
EOF3

$t->write_file_expand('nginx.conf', sfu_conf(%part));

fake_worker($t, 'worker');
$t->run();
wait_up($t);

###############################################################################

# how it is opened

my $ws = ws_connect('/ws');

like($ws->head(),
	qr/^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r?$/mi,
	'the key of RFC 6455, 1.3');
like($ws->head(), qr/^Upgrade: websocket\r?$/mi, 'Upgrade');
like($ws->head(), qr/^Connection: upgrade\r?$/mi, 'Connection');
unlike($ws->head(), qr/Content-Length|Transfer-Encoding/i, 'no body');
ok(answers($ws), 'it is open');
is($ws->next_frame(0.2), undef, 'nothing comes by itself');

for my $case (
	[ 'in other letters', 'Upgrade' => 'WEBSOCKET', 'Connection' => 'upgrade' ],
	[ 'lists', 'Upgrade' => 'h2c, websocket',
		'Connection' => 'keep-alive,  Upgrade' ],
	[ 'a subprotocol', 'Sec-WebSocket-Protocol' => 'wss' ],
	[ 'an extension', 'Sec-WebSocket-Extensions' => 'permessage-deflate' ],
	[ 'an origin', 'Origin' => 'https://elsewhere.example' ],
) {
	my ($name, %headers) = @$case;

	$ws = ws_connect('/ws', headers => \%headers);
	ok($ws && answers($ws), $name);
	unlike($ws ? $ws->head() : 'Sec-WebSocket-Protocol',
		qr/^Sec-WebSocket-(Protocol|Extensions)/mi,
		"$name: chosen is none");
}

$ws = ws_connect('/ws?token=x%20y', headers => { 'X-Long' => 'x' x 6000 });
ok($ws && answers($ws), 'large headers');

# a client that does not wait for the answer

$ws = ws_connect('/ws', with => Test::WebSocket::encode(1, 'early')
	. Test::WebSocket::encode(9, 'p'));
like($ws->message(), qr/Forbidden/, 'early message');
is($ws->next_frame()->{payload}, 'p', 'and early ping');

for my $case (
	[ 426, 'another version', 'Sec-WebSocket-Version' => '8' ],
	[ 426, 'no version', 'Sec-WebSocket-Version' => undef ],
	[ 426, 'no Upgrade', 'Upgrade' => undef ],
	[ 426, 'Upgrade to something else', 'Upgrade' => 'h2c' ],
	[ 426, 'Connection does not say so', 'Connection' => 'keep-alive' ],
	[ 426, 'a longer word', 'Connection' => 'upgraded' ],
	[ 400, 'no key', 'Sec-WebSocket-Key' => undef ],
	[ 400, 'empty key', 'Sec-WebSocket-Key' => '' ],
	[ 400, 'short key', 'Sec-WebSocket-Key' => 'c2hvcnQ=' ],
	[ 400, 'not base64', 'Sec-WebSocket-Key' => '????????????????????????' ],
	[ 400, 'a body', 'Content-Length' => 2, 'X' => undef ],
) {
	my ($status, $name, %headers) = @$case;

	is(ws_connect('/ws', headers => \%headers), undef, $name);
	like($@, qr!^HTTP/1\.1 $status !, "$name: $status");
}

is(ws_connect('/ws', headers => { 'Sec-WebSocket-Version' => '7' }), undef,
	'refused');
like($@, qr/^Sec-WebSocket-Version: 13\r?$/m, 'and told which version');

my $old = ws_request('/ws');
$old =~ s!HTTP/1\.1!HTTP/1.0!;
like(http($old), qr!^HTTP/1\.1 400 !, 'HTTP/1.0');

# it stays a request for the rest of nginx

my @two = map { ws_connect('/ws', headers => { 'X-Client' => 'one' }) } 1, 2;
is(ws_connect('/ws', headers => { 'X-Client' => 'one' }), undef,
	'limit_conn counts WebSockets');
like($@, qr!^HTTP/1\.1 503 !, 'and refuses more');
$_->drop() for @two;

ok(ok_soon(sub { ws_connect('/ws', headers => { 'X-Client' => 'one' }) }),
	'until they are closed');

# behind a proxy, and over TLS

for my $path (qw! /proxy /tls !) {
	$ws = ws_connect($path);
	$ws->fragments(1, 'a' x 1000, 'b' x 100000);
	like($ws->message(), qr/Forbidden/, "$path: message");
	$ws->ping('p');
	is($ws->next_frame()->{payload}, 'p', "$path: ping");
	$ws->close(3000);
	is($ws->ended(), 3000, "$path: closed");
}

###############################################################################

# kvs 44: activity is a message, a ping, or a pong that nobody asked for

my $start = time();
$ws = ws_connect('/idle');
is($ws->ended(), 1001, 'idle, though it answered our pings');
cmp_ok(time() - $start, '>=', 1.49, 'not before its time');

for my $case ([ 'ping', 9 ], [ 'pong', 10 ], [ 'message', 1 ]) {
	my ($name, $opcode) = @$case;

	$ws = ws_connect('/idle');

	for (1 .. 5) {
		$ws->frame($opcode, $name);
		$ws->message(0.5);
	}

	is($ws->{code}, undef, "active: $name");
	$ws->drop();
}

# who does not answer pings is gone

$ws = ws_connect('/ping');
$ws->{quiet} = 1;
is($ws->ended(), 1006, 'dead');

$ws = ws_connect('/ping');
is($ws->ended(3), undef, 'alive');
$ws->drop();

# kvs 45

$ws = ws_connect('/life');
$start = time();
is($ws->ended(), 1001, 'the end of its life');
cmp_ok(time() - $start, '>=', 0.69, 'not before');

# who does not read costs no more than its queue, and is not read either

$ws = ws_connect('/small');
my $sent = flood($ws, Test::WebSocket::encode(9, 'x' x 100) x 100);
cmp_ok($sent, '<', 64e6, 'pings are not read when pongs are not');
ok(answers(ws_connect('/ws')), 'others are served');

my $pongs = 0;
while (my $frame = $ws->next_frame($pongs ? 1 : 5)) {
	$pongs++ if $frame->{opcode} == 10 && $frame->{payload} eq 'x' x 100;
}

cmp_ok($pongs * 106, '>=', $sent - 106, 'and all come when they are');
$ws->drop();

$ws = ws_connect('/small');
$ws->text('x' x 201);
is($ws->ended(), 1009, 'a limit of its own');

# in the access log when it is over, with what was asked

$ws = ws_connect('/ws?b=c', headers => { 'Host' => 'a.example',
	'X-Note' => 'y' x 3000 });
answers($ws);
$ws->close();
$ws->ended();
$ws->drop();
ok(ok_soon(sub { $t->read_file('ws.log')
	=~ m!^101 GET /ws\?b=c HTTP/1\.1 "y{3000}" a\.example$!m }), 'access log');

# who has said goodbye, and was answered, is not waited for (7.1.1)

for my $path (qw! /ws /tls !) {
	my $before = () = $t->read_file('error.log') =~ /WebSocket closed/g;

	for (1 .. 20) {
		$ws = ws_connect($path);
		$ws->close(1000);
		$ws->drop();
	}

	ok(wait_log($t, qr/WebSocket closed/, $before + 20), "$path: they go");
}

$ws = ws_connect('/ws');
$ws->close(1000);
is($ws->ended(), 1000, 'the server answers');
ok($ws->gone(), 'and closes first');
sleep 0.1;
is(join("\n", grep { /shutdown\(\) failed/ } split /\n/,
	$t->read_file('error.log')), '', 'without a line of who is gone');

###############################################################################

# a reload: old processes keep theirs, or say goodbye (kvs 47)

my $kept = ws_connect('/ws');
my $grace = ws_connect('/grace');
my $idle = ws_connect('/ws');
my $late = IO::Socket::INET->new('127.0.0.1:' . port(8080)) or die $!;
my ($begun, $rest) = ws_request('/grace') =~ /^(.{40})(.*)$/s;
$late->autoflush(1);
$late->print($begun);
sleep 0.1;
$start = time();
$t->reload();

# 6 s are worker_shutdown_timeout
my $opened = time();
$late = ws_handshake($late, $rest);

is($grace->ended(), 1001, 'reload: closed after its grace');
cmp_ok(time() - $start, '<', 5, 'and not much later');
is($late && $late->ended(), 1001, 'reload: who comes to the old process goes');
cmp_ok(time() - $opened, '>=', 0.49, 'after its grace');
cmp_ok(time() - $start, '<', 5.5, 'and before the process must');
ok(answers($kept), 'reload: kept otherwise');
ok(answers(ws_connect('/ws')), 'reload: new ones');
is($kept->ended(), 1001, 'closed at worker_shutdown_timeout');
is($idle->ended(), 1001, 'and an idle one');
ok(wait_log($t, qr/worker process \d+ exited with code 0/), 'then it ends');

# a process that is stopped at once says goodbye, too, as far as it can

my $port = port(8081);
my @open = map { ws_connect('/ws') } 1 .. 3;
my ($pid) = $open[0]->head() =~ /^X-Pid: (\d+)/m;
my $stuck = ws_connect('/small');
flood($stuck, Test::WebSocket::encode(9, 'x' x 100) x 100);
my $tls = open2(my $from, my $to, 'exec openssl s_client -quiet'
	. " -connect 127.0.0.1:$port -servername localhost 2>/dev/null");
$to->autoflush(1);
print $to ws_request('/ws');
my $tls_in = '';
more_of($from, \$tls_in, qr/\r\n\r\n/);
like($tls_in, qr/^HTTP.1.1 101 /, 'TLS');
$tls_in = '';

# nginx sees a signal when it comes back from waiting, so let it wait
sleep 0.2;
$start = time();
kill 'TERM', $pid;
is(join(' ', map { $_->ended() } @open), '1001 1001 1001',
	'a process that is stopped says goodbye');
more_of($from, \$tls_in, qr/.{4}/s);
is(unpack('H*', $tls_in), '880203e9', 'over TLS');
ok(wait_log($t, qr/worker process $pid exited with code 0/), 'and ends');
cmp_ok(time() - $start, '<', 5, 'soon, though somebody does not read');
my $said = () = $t->read_file('error.log')
	=~ / $pid#\d+: .*WebSocket closed: quit, code 1001/g;
is($said, 5, 'and has told all');
close $to;
close $from;
waitpid $tls, 0;

###############################################################################

sub more_of {
	my ($from, $in, $pattern) = @_;

	my $until = time() + 30;

	while ($$in !~ $pattern && time() < $until) {
		last unless IO::Select->new($from)->can_read(1);
		last unless sysread $from, $$in, 4096, length $$in;
	}
}

sub answers {
	my ($ws) = @_;

	$ws->text('{}');

	my $message = $ws->message();

	return defined $message && $message =~ /Forbidden/;
}

sub ok_soon {
	my ($code) = @_;

	for (1 .. 1500) {
		return 1 if $code->();
		sleep 0.02;
	}

	return 0;
}

# sends until nothing more is taken for a while; how much that was

sub flood {
	my ($ws, $bytes) = @_;

	my $s = $ws->socket();
	my $total = 0;
	my $rest = '';

	$s->blocking(0);

	while ($total < 64e6) {
		$rest = $bytes if $rest eq '';

		last unless IO::Select->new($s)->can_write(0.5);

		my $n = syswrite $s, $rest;
		last unless defined $n;

		$total += $n;
		substr $rest, 0, $n, '';
	}

	$s->blocking(1);

	return $total;
}
