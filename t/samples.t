#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The configurations of conf/ are accepted by "nginx -t", with the paths of
# this test in the place of the real ones.

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

my $t = Test::Nginx->new()->has(qw/http http_ssl/)->has_daemon('openssl')
	->plan(2)->write_file_expand('nginx.conf', sfu_conf());

my $dir = $t->testdir();

for my $name (qw/ demo.secret owner.secret /) {
	$t->write_file($name, "secret\n");
	chmod 0600, "$dir/$name";
}

system('openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=sfu '
	. "-keyout $dir/key -out $dir/pem 2>$dir/openssl.log") == 0
	or die "openssl failed\n";

$t->run();

###############################################################################

my $minimal = sample('nginx-minimal.conf') =~ s/^load_module .*\n//mr;

like(checked($t, sfu_globals() . $minimal), qr/test is successful/,
	'nginx-minimal.conf');

my $globals = sfu_globals();
my $part = sample('sfu.conf');

like(checked($t, <<"EOF"), qr/test is successful/, 'sfu.conf');
$globals
events {
}

http {
$part
}
EOF

###############################################################################

sub sample {
	my ($name) = @_;

	open my $fh, '<', root() . "/conf/$name" or die "$name: $!\n";
	local $/;
	my $text = <$fh>;

	$text =~ s!/etc/sfu/!$dir/!g;
	$text =~ s!/etc/ssl/.*\.pem!$dir/pem!g;
	$text =~ s!/etc/ssl/.*\.key!$dir/key!g;
	$text =~ s!/var/log/nginx/!$dir/!g;

	return $text;
}

sub checked {
	my ($t, $text) = @_;

	$t->write_file('check.conf', "pid $dir/check.pid;\n$text");

	return sfu_check($t, 'check.conf');
}

###############################################################################
