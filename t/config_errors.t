#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# Mistakes in the configuration are found by "nginx -t", with file and line.

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

my $t = Test::Nginx->new()->has(qw/http/);

my $globals = sfu_globals();

$t->write_file('empty', "\n");
$t->write_file('two', "one\ntwo\n");
$t->write_file('good', "from-a-file\r\n");
$t->write_file('everybody', "from-a-file\n");
chmod 0600, map { $t->testdir() . "/$_" } qw/ empty two good /;
chmod 0644, $t->testdir() . '/everybody';

my $worker = 'sfu_worker ipc:///tmp/x.sock;';
my $app = 'sfu_app demo secret=x;';
my $turn = 'token=t secret=s url=turn:x';
my $signer = 'secret=s account=123456789012';
my $key = "sfu_access_key A $signer;";
my $long = 'x' x 120;
my $id65 = 'a' x 65;

# what is in http{}, in server{}, and what is said of which line: http{} begins
# in line 1 of the part, server{} in line 11

my @mistakes = (
	['sfu_worker ipc://relative;', '',
		qr/absolute path in .*:1$/m],
	['sfu_worker ipc:///;', '', qr/path of a socket in .*:1$/m],
	["sfu_worker ipc:///$long;", '', qr/longer than 107 bytes in .*:1$/m],
	['sfu_worker http://localhost;', '',
		qr/"http:\/\/localhost": neither "ipc:/],
	['sfu_worker tcp://localhost;', '', qr/no port in/],
	['sfu_worker tcp://:5555;', '', qr/no host in/],
	['sfu_worker tcp://localhost:0;', '', qr/invalid port in/],
	['sfu_worker tcp://localhost:65536;', '', qr/invalid port in/],
	['sfu_worker tcp://localhost:1x;', '', qr/invalid port in/],
	['sfu_worker "tcp://eth0;localhost:1";', '', qr/invalid host in/],
	['sfu_worker tcp://[]:1;', '', qr/no IPv6 address/],
	['sfu_worker tcp://[::1;', '', qr/no IPv6 address/],
	["$worker\n$worker", '', qr/duplicate worker .* in .*:2$/m],
	['sfu_app "a b" secret=x;', '', qr/invalid app id "a b"/],
	["sfu_app $id65 secret=x;", '', qr/invalid app id .* 1 to 64/],
	['sfu_app "" secret=x;', '', qr/invalid app id ""/],
	["$app\n$app", '', qr/duplicate app "demo" in .*:2$/m],
	['sfu_app demo;', '', qr/invalid number of arguments/],
	['sfu_app demo secret=;', '', qr/app "demo" has an empty secret/],
	['sfu_app demo "secret=a b";', '', qr/space or control character/],
	['sfu_app demo secert=hidden;', '', qr/parameter 2 of app "demo"/],
	['sfu_app demo secret_file=none;', '', qr/open\(\) ".*none" failed/],
	['sfu_app demo secret_file=empty;', '', qr/empty" is empty in .*:1$/m],
	['sfu_app demo secret_file=two;', '', qr/space or control character/],
	['sfu_app demo secret_file=logs;', '', qr/could not read .*logs"/],
	["$worker\n$app", 'location / { sfu_api vonage; }',
		qr/unknown dialect "vonage" in .*:11$/m],
	["$worker\n$app", 'location / { sfu_api cloudflare; '
		. 'sfu_api cloudflare; }', qr/"sfu_api" directive is duplicate/],
	["$worker\n$app", 'location / { sfu_api arbiter; }',
		qr/"sfu_api arbiter" needs the name of an app in .*:11$/m],
	["$worker\n$app", 'location / { sfu_api arbiter other; }',
		qr/"sfu_api arbiter": no "sfu_app" "other"/],
	["$worker\n$app", 'sfu_websocket_message_max 100;',
		qr/must be between 125 and 2097152 bytes in .*:11$/m],
	["$worker\n$app", 'sfu_websocket_queue_max 3m;',
		qr/must be between 125 and 2097152 bytes in .*:11$/m],
	["$worker\n$app", 'sfu_websocket_ping soon;',
		qr/"sfu_websocket_ping" directive invalid value/],
	["$worker\n$app", 'sfu_arbiter_status some;',
		qr/invalid value "some" in .*:11$/m],
	["$worker\n$app", 'sfu_arbiter_max_rooms 1000001;',
		qr/value must be between 0 and 1000000/],
	["$worker\n$app", 'sfu_arbiter_idle_rooms -1;',
		qr/"sfu_arbiter_idle_rooms" directive invalid number/],
	["$worker\n$app", 'location ~ ^/x { sfu_api cloudflare; }',
		qr/needs a path in a location that is not given by a prefix/],
	["$worker\n$app", 'location = /x { sfu_api cloudflare; }',
		qr/needs a path/],
	[$app, 'location / { sfu_api cloudflare; }',
		qr/"sfu_api" requires "sfu_worker" in .*:11$/m],
	[$worker, "\nlocation / { sfu_api cloudflare; }",
		qr/"sfu_api" requires "sfu_app" in .*:12$/m],
	['', 'location / { sfu_api turn; }',
		qr/"sfu_api" requires "sfu_turn_key" in .*:11$/m],
	["sfu_turn_key k $turn;", 'sfu_ice_servers other;',
		qr/"sfu_ice_servers": no "sfu_turn_key" "other"/],
	["sfu_turn_key k $turn ttl_max=1h;", 'sfu_ice_servers k 61m;',
		qr/longer than "ttl_max" of the TURN key "k"/],
	["sfu_turn_key k $turn;", 'sfu_ice_servers k 0;', qr/invalid time/],
	["sfu_turn_key k $turn;\nsfu_turn_key k $turn;", '',
		qr/duplicate TURN key "k" in .*:2$/m],
	['sfu_turn_key k token=t;', '', qr/TURN key "k" has no secret/],
	['sfu_turn_key k secret=s;', '', qr/TURN key "k" has no token/],
	['sfu_turn_key k secret=s token=t;', '',
		qr/TURN key "k" has no URL of a TURN server/],
	["sfu_turn_key k $turn url=http://x;", '',
		qr/TURN key "k" has a "url" that is neither/],
	["sfu_turn_key k $turn secret=y;", '',
		qr/TURN key "k" has two secrets/],
	["sfu_turn_key k $turn secert=hidden;", '',
		qr/TURN key "k" has an unknown parameter/],
	["sfu_turn_key k $turn ttl_max=0;", '',
		qr/TURN key "k" has an invalid "ttl_max"/],
	['sfu_turn_key k token_file=empty;', '', qr/empty" is empty/],
	['sfu_turn_key k "token=a b";', '', qr/space or control character/],
	['', 'location / { sfu_status; }',
		qr/"sfu_status" requires "sfu_worker" in .*:11$/m],
	['', 'location / { sfu_metrics; }',
		qr/"sfu_metrics" requires "sfu_worker" in .*:11$/m],
	['sfu_timeout soon;', '', qr/"sfu_timeout" directive invalid value/],
	['sfu_timeout 0;', '', qr/between 1 and 3600000 in/],
	['sfu_timeout 61m;', '', qr/between 1 and 3600000 in/],
	['sfu_body_max 0;', '', qr/"sfu_body_max" must be between 1 and/],
	['sfu_body_max 4m;', '', qr/"sfu_body_max" must be between 1 and/],
	['sfu_allow_origin https://a.example/;', '',
		qr/invalid origin "https:\/\/a.example\/"/],
	['sfu_allow_origin * https://a.example;', '', qr/invalid origin "\*"/],
	['sfu_allow_origin a.example;', '', qr/invalid origin "a.example"/],
	['sfu_allow_origin off; sfu_allow_origin off;', '', qr/is duplicate/],
	['server { sfu_worker ipc:///x; }', '', qr/not allowed here/],
	["$worker\n$app", 'location / { sfu_api kvs demo; }',
		qr/"sfu_api kvs" requires "sfu_access_key"/],
	["$worker\n$app\n$key", 'location / { sfu_api kvs; }',
		qr/"sfu_api kvs" needs the name of an app in .*:11$/m],
	["$worker\n$app\n$key", 'location / { sfu_api kvs other; }',
		qr/"sfu_api kvs": no "sfu_app" "other"/],
	["$worker\n$app\n$key", 'location / { sfu_api kvs demo $1 x; }',
		qr/invalid number of arguments/],
	["$worker\n$app", 'location / { sfu_api cloudflare a b; }',
		qr/has too many parameters/],
	["$key\n$key", '', qr/duplicate access key "A" in .*:2$/m],
	['sfu_access_key "A-" secret=s account=1;', '',
		qr/access key "A-" has an id that is not of letters/],
	['sfu_access_key A secret=s account=12345678901;', '',
		qr/access key "A" has no account of 12 digits/],
	['sfu_access_key A account=123456789012;', '',
		qr/invalid number|access key "A" has no secret/],
	["sfu_access_key A $signer secret=y;", '',
		qr/access key "A" has two secrets/],
	["sfu_access_key A $signer secert=hidden;", '',
		qr/access key "A" has an unknown parameter/],
	["sfu_access_key A $signer allow;", '',
		qr/access key "A" has a parameter without a value/],
	["sfu_access_key A $signer allow=,x;", '',
		qr/access key "A" allows an action without a name/],
	["sfu_access_key A $signer token=t expires=soon;", '',
		qr/access key "A" has an invalid "expires"/],
	["sfu_access_key A $signer expires=20990101T000000Z;", '',
		qr/access key "A" expires, but has no token/],
	['sfu_access_key A secret_file=empty account=123456789012;', '',
		qr/empty" is empty/],
	['sfu_kvs_rate offer;', '', qr/invalid rate "offer"/],
	['sfu_kvs_rate offers=1;', '', qr/invalid rate "offers=1"/],
	['sfu_kvs_rate offer=-1;', '', qr/invalid rate "offer=-1"/],
	['sfu_kvs_rate offer=1:0;', '', qr/invalid rate "offer=1:0"/],
	['sfu_kvs_rate connect=3:9;', '', qr/invalid rate "connect=3:9"/],
	['sfu_kvs_payload_max 17k;', '',
		qr/"sfu_kvs_payload_max" must be between 1 and 16384/],
	['sfu_kvs_queue_size 0;', '',
		qr/"sfu_kvs_queue_size" must be between 1 and 1073741824/],
	['sfu_kvs_queue_size 1025m;', '',
		qr/"sfu_kvs_queue_size" must be between 1 and 1073741824/],
	['sfu_kvs_viewers 0;', '', qr/value must be between 1 and/],
	['sfu_kvs_replaced orphan 0;', '', qr/has an invalid time/],
	['sfu_kvs_replaced close 1s;', '', qr/is neither "close" nor/],
	['sfu_kvs_replaced close; sfu_kvs_replaced close;', '',
		qr/is duplicate/],
	['sfu_kvs_replaced orphan; sfu_kvs_replaced close;', '',
		qr/is duplicate/],
	['sfu_kvs_fanout maybe;', '', qr/invalid value "maybe"/],
);

my @fine = (
	[$worker, ''],
	["$worker sfu_worker tcp://127.0.0.1:1; sfu_worker tcp://[::1]:1; "
		. 'sfu_worker tcp://sfu-1.example:65535;', ''],
	['', "location / { sfu_api cloudflare; }\n} $worker $app server {"],
	["$worker sfu_app a secret=x secret=y secret_file=good;", ''],
	["$worker $app", 'location ~ ^/p/(.*)$ { sfu_api cloudflare demo/$1; }'],
	["$worker $app", 'location = /x { sfu_api cloudflare '
		. '"demo/sessions/new"; }'],
	["$worker $app", 'location / { sfu_api cloudflare; '
		. 'limit_except GET { deny all; } if ($arg_x) { set $y 1; } }'],
	['sfu_allow_origin https://a.example http://b.example:81;', ''],
	["sfu_turn_key k $turn url=stun:x url=turns:x ttl_max=1h "
		. 'token_file=good;', 'location / { sfu_api turn; }'],
	["$worker $app sfu_access_key A $signer region=a region=b app=demo "
		. 'token_file=good expires=1 allow=x,y:z allow=* resource=*; '
		. 'sfu_kvs_rate off; sfu_kvs_queue_size 1m; '
		. 'sfu_kvs_replaced orphan;',
		'sfu_kvs_rate offer=1 answer=0 connect=5:5; '
		. 'location ~ ^/(.*) { sfu_api kvs demo $1; '
		. 'sfu_kvs_endpoint $host:81/x; sfu_kvs_fanout off; }'],
	["sfu_timeout 1h; sfu_body_max 2m; sfu_retry_after 5s;",
		'sfu_timeout 500ms; location / { sfu_timeout 3; }'],
);

$t->plan(2 * @mistakes + @fine + 2);

for my $case (@mistakes) {
	my ($http, $server, $expected) = @$case;

	my $said = check($t, $http, $server);
	my $name = (split /\n/, $server || $http)[-1];

	like($said, $expected, $name);
	like($said, qr/test failed/, "$name: refused");
}

for my $case (@fine) {
	my ($http, $server) = @$case;

	like(check($t, $http, $server), qr/test is successful/,
		(split /\n/, "$http $server")[0]);
}

like(check($t, 'sfu_app a secret_file=everybody;', ''),
	qr/\[warn\].*everybody" is readable by everybody in .*:1$/m,
	'a secret that is none');
unlike(check($t, 'sfu_app a secret_file=good;', ''), qr/\[warn\]/,
	'a secret that is one');

$t->write_file_expand('nginx.conf', sfu_conf());
$t->run();

###############################################################################

sub check {
	my ($t, $http, $server) = @_;

	my $lines = 1 + ($http =~ tr/\n//);

	$t->write_file('http.part', "$http\n" . "\n" x (10 - $lines)
		. "server {\n" =~ s/\n//r . "$server\n}\n");
	$t->write_file_expand('check.conf', <<"EOF");
%%TEST_GLOBALS%%
$globals
events {
}

http {
    %%TEST_GLOBALS_HTTP%%
    include http.part;
}
EOF

	return sfu_check($t, 'check.conf');
}

###############################################################################
