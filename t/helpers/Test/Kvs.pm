package Test::Kvs;

# Copyright (C) the ngx_sfu_module authors
#
# A client of Kinesis Video Streams: requests and WebSockets, signed as AWS's
# signature version 4 wants it (docs/kvs.md, section 3), or wrongly on demand.
#
#     my $r = kvs('describeSignalingChannel', { ChannelName => 'a' });
#     my $ws = master($arn);
#     my $ws = viewer($arn, 'me');             # undef: refused, see refused()

use warnings;
use strict;

use base qw/ Exporter /;

our @EXPORT = qw/ kvs kvs_raw kvs_request kvs_error create presign master
	viewer refused told payload kvs_conf hush /;

use Digest::SHA qw/ sha256_hex hmac_sha256 hmac_sha256_hex /;
use JSON::PP;
use MIME::Base64;
use POSIX qw/ strftime /;

use Test::Nginx;
use Test::Sfu;
use Test::WebSocket;

# the channel that create() made
our $last;

our %key = (id => 'AKIADEMO', secret => 'demo-secret', region => 'us-east-1',
	host => 'localhost');

my $json = JSON::PP->new->utf8->canonical;

# a configuration with KVS at /kvs

sub kvs_conf {
	my (%part) = @_;

	my $globals = sfu_globals();
	my $workers = $part{workers}
		|| 'sfu_worker ipc://%%TESTDIR%%/worker.sock;';
	my %text = map { $_ => defined $part{$_} ? $part{$_} : '' }
		qw/ main http server location /;

	return <<"EOF";
%%TEST_GLOBALS%%
$globals
daemon off;
$text{main}

events {
}

http {
    %%TEST_GLOBALS_HTTP%%

    large_client_header_buffers 4 16k;

    $workers
    sfu_app demo secret=unused-here;
    sfu_access_key AKIADEMO secret=demo-secret account=123456789012;
    $text{http}

    server {
        listen       127.0.0.1:8080;
        server_name  localhost;

        $text{server}

        location /kvs {
            sfu_api kvs demo;
            sfu_body_max 64k;
            $text{location}
        }
    }
}
EOF
}

# limits of the service that most tests would run into

sub hush { 'sfu_kvs_rate off;' }

###############################################################################

sub encode {
	my ($text) = @_;

	$text =~ s/([^A-Za-z0-9\-_.~])/sprintf '%%%02X', ord $1/ge;

	return $text;
}

sub signing_key {
	my ($o, $date) = @_;
	my $key = "AWS4$o->{secret}";

	$key = hmac_sha256($_, $key) for $date, $o->{region},
		$o->{service} || 'kinesisvideo', 'aws4_request';

	return $key;
}

sub scope {
	my ($o, $date) = @_;

	return join '/', $date, $o->{region}, $o->{service} || 'kinesisvideo',
		'aws4_request';
}

sub signature {
	my ($o, $time, $canonical) = @_;
	my $date = substr $time, 0, 8;

	return hmac_sha256_hex(join("\n", 'AWS4-HMAC-SHA256', $time,
		scope($o, $date), sha256_hex($canonical)),
		signing_key($o, $date));
}

sub amz_time {
	my ($o) = @_;

	return strftime('%Y%m%dT%H%M%SZ', gmtime(time() + ($o->{skew} || 0)));
}

# the target of a WebSocket; options as in %key, and token, expires, skew,
# args (a list of names and values), change (a function of the target)

sub presign {
	my ($path, %options) = @_;
	my $o = { %key, %options };
	my $time = amz_time($o);
	my @args = (
		'X-Amz-Algorithm' => 'AWS4-HMAC-SHA256',
		'X-Amz-Credential' => "$o->{id}/" . scope($o, substr $time, 0, 8),
		'X-Amz-Date' => $time,
		'X-Amz-Expires' => defined $o->{expires} ? $o->{expires} : 299,
		'X-Amz-SignedHeaders' => 'host',
		defined $o->{token} ? ('X-Amz-Security-Token' => $o->{token}) : (),
		@{$o->{args} || []},
	);
	my @pairs;

	while (my ($name, $value) = splice @args, 0, 2) {
		push @pairs, encode($name) . '=' . encode($value);
	}

	my $query = join '&', sort @pairs;
	my $signature = signature($o, $time, join "\n", 'GET', $path, $query,
		"host:$o->{host}", '', 'host', sha256_hex(''));
	my $target = "$path?$query&X-Amz-Signature=$signature";

	return $o->{change} ? $o->{change}->($target) : $target;
}

sub master {
	my ($arn, %options) = @_;

	return ws_connect(presign($options{path} || '/kvs/m', %options,
		args => [ defined $arn ? ('X-Amz-ChannelARN' => $arn) : (),
			@{$options{args} || []} ]),
		port => $options{port}, headers => $options{headers});
}

sub viewer {
	my ($arn, $id, %options) = @_;

	return ws_connect(presign($options{path} || '/kvs/v', %options,
		args => [ defined $arn ? ('X-Amz-ChannelARN' => $arn) : (),
			defined $id ? ('X-Amz-ClientId' => $id) : (),
			@{$options{args} || []} ]),
		port => $options{port}, headers => $options{headers});
}

# "403 AccessDeniedException", after a connect that gave undef

sub refused { kvs_error(json_of($@)) }

###############################################################################

# an operation; a reference as the body becomes JSON.  Options besides: prefix,
# headers (names and values, signed), unsigned (the same, not), altered (the
# body that is sent), method, anonymous, http_date (now, as HTTP writes it)

sub kvs {
	my ($operation, $body, %options) = @_;

	return kvs_raw(kvs_request($operation, $body, %options), %options);
}

sub kvs_raw {
	my ($text, %options) = @_;

	return json_of(http($text, %options));
}

sub kvs_request {
	my ($operation, $body, %options) = @_;
	my $o = { %key, %options };
	my $path = (defined $o->{prefix} ? $o->{prefix} : '/kvs') . "/$operation";
	my $method = $o->{method} || 'POST';
	my $time = amz_time($o);

	$body = $json->encode($body) if ref $body;
	$body = '' unless defined $body;

	my %signed = ('host' => $o->{host},
		$o->{http_date} ? (date => $o->{http_date})
			: ('x-amz-date' => $time),
		%{$o->{headers} || { 'content-type' => 'application/json' }});
	my $names = join ';', sort keys %signed;

	my $signature = signature($o, $time, join "\n", $method, $path, '',
		(map { "$_:$signed{$_}" } sort keys %signed), '', $names,
		sha256_hex($body));

	my $sent = defined $o->{altered} ? $o->{altered} : $body;
	my %sent = (%signed, %{$o->{unsigned} || {}});

	$sent{Authorization} = 'AWS4-HMAC-SHA256 Credential='
		. "$o->{id}/" . scope($o, substr $time, 0, 8)
		. ", SignedHeaders=$names, Signature=$signature"
		unless $o->{anonymous};

	return join('', "$method $path HTTP/1.1\r\n",
		(map { "$_: $sent{$_}\r\n" } sort keys %sent),
		'Content-Length: ' . length($sent) . "\r\n",
		"Connection: close\r\n\r\n", $sent);
}

# "404 ResourceNotFoundException"; "200"

sub kvs_error {
	my ($r) = @_;
	my $name = $r->{headers}{'x-amzn-errortype'};

	return $r->{status} . (defined $name ? " $name" : '');
}

# the ARN of a new channel

sub create {
	my ($name, %options) = @_;
	my $ttl = delete $options{ttl};
	my $tags = delete $options{tags};

	my $r = kvs('createSignalingChannel', { ChannelName => $name,
		$ttl ? (SingleMasterConfiguration =>
			{ MessageTtlSeconds => $ttl }) : (),
		$tags ? (Tags => [ map { { Key => $_, Value => $tags->{$_} } }
			sort keys %$tags ]) : () }, %options);

	$last = $r->{json} && $r->{json}{ChannelARN};

	return $last || die "no channel: " . kvs_error($r) . " $r->{body}\n";
}

# what a client was told, in short: "SDP_OFFER from:text", "nothing"

sub told {
	my ($ws, $seconds) = @_;
	my $m = $ws->json(defined $seconds ? $seconds : 30);

	return 'nothing' unless $m;

	my $s = $m->{statusResponse};

	return join ' ', 'STATUS', map { defined $_ ? $_ : '-' }
		$s->{statusCode}, $s->{errorType}, $s->{correlationId} if $s;

	return $m->{messageType} . (defined $m->{senderClientId}
		? " $m->{senderClientId}" : '')
		. (defined $m->{messagePayload} ? ":$m->{messagePayload}" : '');
}

sub payload {
	my ($text) = @_;

	return encode_base64(ref $text ? $json->encode($text) : $text, '');
}

1;
