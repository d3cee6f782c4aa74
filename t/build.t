#!/usr/bin/perl

# Copyright (C) the ngx_sfu_module authors

# The module is built in the three ways that users have: dynamically against
# the packaged nginx (that one is in use by all other tests), and dynamically
# and statically in a plain source tree, which "conf/dev/deps.sh nginx-source"
# fetches.  Each nginx then has to pass sessions.t.

###############################################################################

use warnings;
use strict;

use Test::More;

use FindBin;
use lib "$FindBin::Bin/helpers";

use File::Temp qw/ tempdir /;

use Test::Nginx;
use Test::Sfu;

###############################################################################

select STDERR; $| = 1;
select STDOUT; $| = 1;

my $root = root();
my $deps = $ENV{SFU_DEPS_DIR} || "$root/build/deps";
my $source = "$deps/nginx-source";

plan(skip_all => "no nginx source in $source") unless -x "$source/configure";
plan(tests => 15);

my $dir = tempdir('sfu-build-XXXXXXXX', TMPDIR => 1,
	CLEANUP => !$ENV{TEST_NGINX_LEAVE});

# as small as an nginx can be that needs the API
my $flags = '--without-pcre --without-http_rewrite_module '
	. '--without-http_gzip_module --with-cc-opt=-O0';

###############################################################################

is(passed(), 0, 'with the packaged nginx');

for my $case (
	['dynamic', '--add-dynamic-module', 'objs/ngx_http_sfu_module.so'],
	['static', '--add-module', ''])
{
	my ($name, $option, $module) = @$case;
	my $tree = "$dir/$name";

	is(system("cp -RL $source $tree"), 0, "$name: a source tree");

	my $log = `cd $tree && ./configure $flags $option=$root 2>&1`;
	is($?, 0, "$name: configure") or diag($log);
	like($log, qr/adding module in \Q$root\E/, "$name: finds the module");

	$log = `cd $tree && make -j2 2>&1`;
	is($?, 0, "$name: make") or diag($log);
	unlike($log, qr/warning:/, "$name: without a warning");

	is(passed("$tree/objs/nginx", $module && "$tree/$module"), 0,
		"$name: works");
}

# what is missing is named

my $log = `cd $dir/static && printf '#!/bin/sh\\ncase "\$*" in *autotest*) grep -q jansson \\
		objs/autotest.c && exit 1 ;; esac\\nexec cc "\$@"\\n' >cc-lacks;
	chmod +x cc-lacks; ./configure $flags --with-cc=\$PWD/cc-lacks \\
	--add-module=$root 2>&1`;

isnt($?, 0, 'a library is missing');
like($log, qr/requires the jansson library.*libjansson-dev/s, 'which one');

###############################################################################

sub passed {
	my ($nginx, $module) = @_;

	local $ENV{TEST_NGINX_BINARY} = $nginx if $nginx;
	local $ENV{SFU_MODULE} = $module if defined $module;

	my $out = `$^X @{[ map { "-I$_" } @INC ]} $root/t/sessions.t 2>&1`;
	my $status = $?;

	diag($out) if $status;

	return $status;
}

###############################################################################
