#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The gateways of Arbiter: rooms over HTTP, and handshakes over WebSockets with
# scripted clients and scripted SFUs; t/browser/arbiter.test.mjs has media.
# Numbers after "arbiter" are those of docs/arbiter.md.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use JSON::PP;
use Test::Arbiter;
use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

use Time::HiRes qw/ time sleep /;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $t = Test::Nginx->new()->has(qw/http/)->plan(119);

my $conf = sfu_conf(main => 'worker_processes 4;', http => <<'EOF2',
sfu_worker ipc://%%TESTDIR%%/worker.sock;
sfu_app demo secret=demo-secret;
sfu_app small secret=demo-secret;
sfu_app idle secret=demo-secret;
EOF2
	server => <<'EOF3');
location /production {
    sfu_api arbiter demo;
}

location /a/ {
    sfu_api arbiter demo;
    sfu_websocket_ping 200ms;
    sfu_websocket_queue_max 300k;
}

location /small/ {
    sfu_api arbiter small;
    sfu_arbiter_max_rooms 10;
    sfu_body_max 1000;
}

location /idle/ {
    sfu_api arbiter idle;
    sfu_arbiter_idle_rooms 2;
}

location /brief/ {
    sfu_api arbiter demo;
    sfu_websocket_idle 300ms;
}

location /off/ {
    sfu_api arbiter demo;
    sfu_arbiter_status off;
}

location /errors/ {
    sfu_api arbiter demo;
    sfu_arbiter_status errors;
}

location /denied/ {
    sfu_api arbiter demo;
    deny all;
}
EOF3

$t->write_file_expand('nginx.conf', $conf);

my $worker = real_worker($t, 'worker', '--feed-time', '1s');
plan(skip_all => 'no sfu-worker') unless $worker;
$t->run();
wait_up($t, 4);

my $json = JSON::PP->new->utf8->canonical;

###############################################################################

# HTTP; arbiter 12: below any prefix

my $none = '{"message":"Room not found"}';
my $missing = '{"message":"missing urlPath"}';
my $started = '{"message":"Task started successfully!"}';

is(get('myRoom'), "404 $none", 'arbiter 1: nobody has claimed it');
is(claim('myRoom'), "404 $none", 'arbiter 2: there is no room');
is(answer('PUT', '/createRoom'), "200 $started", 'arbiter 3: PUT');

my $r = call('PATCH', '/claimRoom', '{"urlPath":"myRoom"}');
my $room = $r->{json}{roomId};

is($r->{status}, 200, 'arbiter 4: claimed');
like($room, qr/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
	'arbiter 4: an id');

$r = call('GET', '/getRoomId?urlPath=myRoom');
is_deeply($r->{json}, { roomId => $room, id => $room, urlPath => 'myRoom',
	connectionId => $room, connectionType => 'sfu',
	connectionStatus => 'CLAIMED' }, 'arbiter 4: found under both names');
is($r->{type}, 'application/json', 'arbiter 4: its type');

is(answer('POST', '/createRoom', '', 'Content-Type: application/json'),
	"200 $started", 'arbiter 3: POST');
is(room(claim('myRoom')), $room, 'arbiter 5: claimed again');
isnt(room(claim('other')), $room, 'arbiter 5: no room was used for that');
is(claim('third'), "404 $none", 'arbiter 6: all are taken');

for my $body ('{}', '', '{"urlPath":', '{"urlPath":""}', '{"urlPath":7}',
	'[]', '"urlPath"', '{"urlPath":null}', "{\"urlPath\":\"\xff\"}",
	'{"urlPath":"' . 'x' x 2049 . '"}')
{
	is(answer('PATCH', '/claimRoom', $body), "400 $missing",
		'arbiter 8: ' . substr $body, 0, 20);
}

is(answer('GET', '/getRoomId'), "400 $missing", 'arbiter 9: no parameter');
is(answer('GET', '/getRoomId?urlPath='), "400 $missing", 'arbiter 9: empty');
is(answer('GET', '/getRoomId?urlPath=%00'), "400 $missing",
	'arbiter 9: not a text');
is(answer('GET', '/getRoomId?urlPath=%ff'), "400 $missing",
	'arbiter 9: not UTF-8');

create();
my $slash = room(claim('/myRoom'));
isnt($slash, $room, 'arbiter 10: another room');
is(room(get('/myRoom')), $slash, 'arbiter 10: slash as it is');
is(room(get('%2FmyRoom')), $slash, 'arbiter 10: slash encoded');
is(room(get('myRoom')), $room, 'arbiter 10: and none');

$r = call('OPTIONS', '/claimRoom', undef, "Origin: https://a.example\r\n"
	. "Access-Control-Request-Method: PATCH\r\n"
	. 'Access-Control-Request-Headers: content-type');
is($r->{status}, 204, 'arbiter 11: preflight');
is($r->{headers}{'access-control-allow-origin'}, '*', 'arbiter 11: origin');
like($r->{headers}{'access-control-allow-methods'}, qr/PATCH/,
	'arbiter 11: method');
is($r->{headers}{'access-control-allow-headers'}, 'content-type',
	'arbiter 11: headers');
is($r->{headers}{'access-control-max-age'}, 86400, 'arbiter 11: max age');
is(call('GET', '/getRoomId?urlPath=x')->{headers}
	{'access-control-allow-origin'}, '*', 'arbiter 11: of an error');

is(answer('GET', '/nothing'), '404 {"message":"Not Found"}', 'unknown path');
is(answer('GET', '/claimRoom'), '404 {"message":"Not Found"}',
	'another method');
is(json_of(http_get('/denied/getRoomId?urlPath=x'))->{body},
	'{"message":"Forbidden"}', 'errors of nginx');
is(answer('PATCH', '/claimRoom', '{"urlPath":"x"}' . ' ' x 1000, undef,
	prefix => '/small'), '413 {"message":"Request Too Long"}', 'a large body');

# arbiter 7, and the limit

my %used = (prefix => '/small');
is(join(' ', map { answer('PUT', '/createRoom', undef, undef, %used) } 1 .. 11),
	join(' ', ("200 $started") x 10,
	'500 {"message":"Failed to start task."}'), 'as many as there may be');

my @claims = map { http(request('PATCH', '/claimRoom',
	"{\"urlPath\":\"path $_\"}", undef, %used), start => 1) } 1 .. 20;
my %n;
$n{$_->{status} . ($_->{json}{roomId} || '')}++ for map {
	json_of(http('', socket => $_)) } @claims;
is(delete $n{404}, 10, 'arbiter 7: ten are late');
is(scalar(grep { $_ == 1 } values %n), 10, 'arbiter 7: ten have one each');

# rooms that are kept ready

%used = (prefix => '/idle');
is(answer('GET', '/getRoomId?urlPath=x', undef, undef, %used),
	"404 $none", 'idle rooms: not claimed');
is(scalar(keys %{{ map { room(answer('PATCH', '/claimRoom',
	"{\"urlPath\":\"$_\"}", undef, %used)) => 1 } 'a' .. 'e' }}), 5,
	'idle rooms: one for each');

###############################################################################

# WebSockets

my $c = ws('/production');
ok($c, 'arbiter 13: the prefix itself');
is($c->next_frame(0.1), undef, 'arbiter 13: no frame');
ok(ws('/production/whatever/it/is'), 'arbiter 13: or below');

is(status($c, handshake(sender => 'C', roomId => 'S')),
	'400 WebSOcket Connection Not Found', 'arbiter 15: who are you?');

for my $data ({}, { type => 'x' }, { type => 7, id => 'C' }, { id => 'C' },
	undef, 'text', { type => 'Client', id => 'C' })
{
	is(status($c, { action => 'identify',
		defined $data ? (data => $data) : () }),
		'400 Missing valid type property',
		'arbiter 14: ' . substr ref $data ? $json->encode($data)
			: defined $data ? $data : 'no data', 0, 40);
}

for my $id (undef, '', 1.5, [ 'C' ], 'x' x 257) {
	is(status($c, { action => 'identify', data => { type => 'client',
		id => $id } }), '400 Missing valid id property', 'no id');
}

for my $text ('{"action":"nothing"}', '{}', '{"action":7}', 'not JSON', '',
	'[]', '"text"', '{"action":"identify","action":"identify"}',
	'{"action":"\u0000"}', '[' x 5000,
	'{"action":"identify","d\u0061ta":{"type":"client","id":"C"}}')
{
	$c->text($text);
	is(status($c), '403 Forbidden', 'arbiter 16: ' . substr $text, 0, 20);
}

# what clients say stays on its line of the log

is(status($c, { action => "x\n0000/00/00 forged\x7f\e[2J" . 'y' x 5000 }),
	'403 Forbidden', 'an action of several lines');
ok(wait_log($t, qr/sfu: arbiter "[^"]+" x 0000.00.00 forged  \[2Jy+: 403 /),
	'is one in the log');
unlike($t->read_file('error.log'), qr/^0000|y{200}/m, 'and no longer than that');

$c->text({ action => 'identify', data => { type => 'client', id => 'C',
	roomId => undef } });
$r = $c->json();
is_deeply([ sort keys %$r ], [ qw/ action connectionId message requestId
	statusCode / ], 'arbiter 14: a status frame');
is("$r->{statusCode} $r->{message} $r->{action}", '200 OK identify',
	'arbiter 14: identified');
is(status($c, handshake(sender => 'C', roomId => 'nowhere')),
	'500 Internal Server Error', 'arbiter 20: no such room');
is(status($c, handshake()), '500 Internal Server Error', 'no room at all');

# every member of another type: one answer each, and the connection stays

my @others = (undef, 7, -1.5, JSON::PP::true, [], {}, '', 'x' x 300, [ {} ],
	"\x{0}", "\x{1F600}");
my $odd = ws('/production');
my %answers;

create();
my $own = room(claim('odd'));

for my $other (@others) {
	for my $member (qw/ type id roomId /) {
		my %data = (type => 'client', id => 'O', roomId => $own,
			$member => $other);
		$answers{status($odd, { action => 'identify',
			data => \%data })}++;
	}

	identify($odd, type => 'client', id => 'O', roomId => $own);

	for my $member (qw/ type sender roomId remotePeerId description
		candidate /)
	{
		my %data = (type => 'producer', sender => 'O', roomId => $own,
			description => { type => 'offer', sdp => 'v=0' },
			$member => $other);
		$answers{status($odd, handshake(%data))}++;
	}

	for my $member (qw/ type sdp /) {
		my %description = (type => 'offer', sdp => 'v=0',
			$member => $other);
		$answers{status($odd, handshake(type => 'producer',
			sender => 'O', description => \%description))}++;
	}

	for my $member (qw/ candidate sdpMid sdpMLineIndex usernameFragment /)
	{
		my %candidate = (candidate => 'candidate:1 1 udp 1 a 9 typ x',
			sdpMid => '0', sdpMLineIndex => 0,
			usernameFragment => 'u', $member => $other);
		$answers{status($odd, handshake(type => 'producer',
			sender => 'O', candidate => \%candidate))}++;
	}
}

# a NUL in a string is no JSON of ours
delete @answers{'200 OK', '500 Internal Server Error', '403 Forbidden',
	'400 Missing valid type property', '400 Missing valid id property'};
is(join(', ', sort keys %answers), '', 'members of another type');
is(status($odd, {}), '403 Forbidden', 'and the connection stays');

# a foreign SFU

my $s = ws('/production');
identify($s, type => 'sfu', id => 'S');
is(room(claim('foreign')), 'S', 'arbiter 17: its room can be claimed');
is(room(get('foreign')), 'S', 'arbiter 17: and found');

my $data = '{ "type":"producer", "sender":"C","roomId":"S",'
	. ' "description":{"type":"offer","sdp":"v=0\r\n\u00e4\/ä"},'
	. '"unknown":[1.50,1e3,null,{"]":"}"}] }';
my $wrapped = '{"x":{"data":1},"data": ' . $data . ' ,"action":"handshake"}';

$c->text($wrapped);
is($s->message(), $data, 'arbiter 18: as it was, and not wrapped');
is(status($c), '200 OK', 'arbiter 18: and the client is told');

my $d = ws('/production');
identify($d, type => 'client', id => 'D', roomId => 'S');
$data =~ s/"roomId":"S"/"receiver":"C"/;
$s->text("{\"action\":\"handshake\",\"data\":$data}");
is($c->message(), $data, 'arbiter 19: to the client');
is(status($s), '200 OK', 'arbiter 19: and the SFU is told');
is($d->next_frame(0.1), undef, 'arbiter 19: to nobody else');
is(status($s, handshake(receiver => 'nobody')), '500 Internal Server Error',
	'arbiter 20: no such receiver');
is(status($s, handshake(sender => 'S')), '500 Internal Server Error',
	'arbiter 20: none at all');

# 4.3: it calls itself otherwise than it identified itself

identify($c, type => 'client', id => '123', roomId => 'S');
is(status($c, handshake(sender => '1234', roomId => 'S')), '200 OK',
	'another sender');
$s->json();
is(status($s, handshake(receiver => '1234')), '200 OK', 'is an alias');
is($c->json()->{receiver}, '1234', 'of this connection');

# arbiter 21

my $n = ws('/production');
identify($n, type => 'sfu', id => 1234);
is(claim('number'), '200 {"roomId":1234,"id":1234,"urlPath":"number",'
	. '"connectionId":"1234","connectionType":"sfu",'
	. '"connectionStatus":"CLAIMED"}', 'arbiter 21: a number stays one');
identify($c, type => 'client', id => 7, roomId => '1234');
is(status($c, handshake(sender => 7)), '200 OK',
	'arbiter 21: the room of identify');
is($n->json()->{sender}, 7, 'arbiter 21: as a string');
is(status($c, handshake(sender => 7, roomId => 1234)), '200 OK',
	'arbiter 21: as a number');
$n->json();
is(status($n, handshake(receiver => '7')), '200 OK',
	'arbiter 21: and the receiver');
is($c->json()->{receiver}, '7', 'arbiter 21: it came');

# arbiter 22

identify($c, type => 'client', id => 'C', roomId => 'S');
my $q = ws('/production');
identify($q, type => 'client', id => 'Q', roomId => 'Q');
my $gone = '{"type":"clientDisconnect","clientId":"D"}';

drain($s, $c);
$d->close(1001);
is($c->message(), $gone, 'arbiter 22: the others of the room');
is($s->message(), $gone, 'arbiter 22: its SFU');
is($q->next_frame(0.1), undef, 'arbiter 22: nobody else');

$d = ws('/production');
identify($d, type => 'client', id => 'D', roomId => 'S');
$d->drop();
is($c->message(), $gone, 'arbiter 22: the connection is lost');
$s->message();

$d = ws('/a/');
identify($d, type => 'client', id => 'D', roomId => 'S');
is($c->message(2), $gone, 'arbiter 22: it answers no pings');
$s->message();

$d = ws('/brief/');
identify($d, type => 'client', id => 'D', roomId => 'S');
is($c->message(2), $gone, 'arbiter 22: closed, though it did not say goodbye');
$s->message();

ws('/production')->close();
is($c->next_frame(0.1), undef, 'who did not identify goes silently');

# the newest with an id wins; the other is forgotten without a notice

my $old = ws('/production');
identify($old, type => 'client', id => 'twice', roomId => 'S');
my $new = ws('/production');
identify($new, type => 'client', id => 'twice', roomId => 'S');
is(status($s, handshake(receiver => 'twice')), '200 OK', 'twice the same id');
ok($new->json(), 'the newest has it');
is(status($old, handshake(sender => 'twice', roomId => 'S')),
	'400 WebSOcket Connection Not Found', 'the other is forgotten');
$old->drop();
is($c->next_frame(0.2), undef, 'and nobody is told when it goes');

# arbiter 23

my $large = '{"receiver":"C","x":"' . 'a' x 102400 . '"}';
my $text = '{"action":"handshake","data":' . $large . '}';
$s->fragments(1, unpack '(a32000)*', $text);
is($c->message(), $large, 'arbiter 23: 100 KiB in fragments');
is(status($s), '200 OK', 'arbiter 23: relayed');

# one that says more than the worker has answered is read later

$d = ws('/production');
$d->send_raw(join '', map { Test::WebSocket::encode(1, $json->encode({
	action => 'identify', data => { type => 'client', id => "D $_",
	roomId => 'S' } })) } 1 .. 200);
is(scalar(grep { status($d) eq '200 OK' } 1 .. 200), 200,
	'two hundred messages at once');
drain($s, $c);

# a client that does not read costs itself

$d = ws('/a/');
identify($d, type => 'client', id => 'slow', roomId => 'S');
$large =~ s/"C"/"slow"/;

for (1 .. 60) {
	$s->text("{\"action\":\"handshake\",\"data\":$large}");
	last if status($s) !~ /^200/;
}

is(until_message($c, sub { $_[0] =~ /clientDisconnect.*slow/ }), 1,
	'who does not read is gone');
is(status($s, handshake(receiver => 'C')), '200 OK', 'the others are not');

# arbiter 24

my $silent = ws('/off/');
$silent->text({ action => 'identify', data => { type => 'client', id => 'E',
	roomId => 'S' } });
$silent->text('not JSON');
is($silent->next_frame(0.2), undef, 'arbiter 24: no status frames');

$silent = ws('/errors/');
$silent->text({ action => 'identify', data => { type => 'client', id => 'F',
	roomId => 'S' } });
is(status($silent, {}), '403 Forbidden', 'arbiter 24: only of errors');

# an SFU that goes

drain($s, $c);
$s->drop();
is(until_message($c, sub { $_[0] eq '{"type":"sfuDisconnect"}' }), 1,
	'clients are told');
is(get('foreign'), "404 $none", 'its room is gone');
is(status($c, handshake(sender => 'C', roomId => 'S')),
	'500 Internal Server Error', 'and takes no handshakes');

###############################################################################

sub request {
	my ($method, $path, $body, $headers, %options) = @_;

	my $prefix = $options{prefix} || '/production';

	return "$method $prefix$path HTTP/1.1\r\nHost: localhost\r\n"
		. "Connection: close\r\n"
		. (defined $headers ? "$headers\r\n" : '')
		. (defined $body ? 'Content-Length: ' . length($body) . "\r\n"
			: '') . "\r\n" . (defined $body ? $body : '');
}

sub call { return json_of(http(request(@_))) }

sub answer {
	my $r = call(@_);

	return "$r->{status} $r->{body}";
}

sub get { return answer('GET', "/getRoomId?urlPath=$_[0]") }
sub create { return answer('PUT', '/createRoom') }

sub claim {
	return answer('PATCH', '/claimRoom', "{\"urlPath\":\"$_[0]\"}");
}

sub room {
	my ($answer) = @_;

	return $answer =~ /^200 (.*)/ ? $json->decode($1)->{id} : $answer;
}

sub ws { return ws_connect($_[0]) || die "refused: $@" }
