#!/bin/sh
#
# conf/dev/module.sh BUILDDIR - builds BUILDDIR/ngx_http_sfu_module.so against
# the nginx that Debian's nginx-dev describes.  Configures only when config,
# nginx or this script has changed; then make knows what to do.

set -eu

builddir=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
root=$PWD

nginx_src=${NGINX_SRC:-/usr/share/nginx/src}
tree=$builddir/nginx-dev

if [ ! -f "$nginx_src/conf_flags" ]; then
    echo "module: no nginx in $nginx_src; install nginx-dev" >&2
    exit 1
fi

# configure writes a Makefile next to itself, so it gets a tree of links
if [ ! -d "$tree" ]; then
    mkdir -p "$tree.new"
    for entry in auto configure src; do
        ln -sfn "$nginx_src/$entry" "$tree.new/$entry"
    done
    mv "$tree.new" "$tree"
fi

stamp=$(cat config "$nginx_src/conf_flags" conf/dev/module.sh \
    "$nginx_src/src/core/nginx.h" | cksum)

if [ "$(cat "$tree/stamp" 2>/dev/null)" != "$stamp $root" ] ||
    [ ! -f "$tree/objs/Makefile" ]
then
    rm -rf "$tree/objs"

    # an array, in the syntax of bash
    flags=$(bash -c '. "$1" && echo "${NGX_CONF_FLAGS[@]}"' - \
        "$nginx_src/conf_flags")

    cd "$tree"
    # shellcheck disable=SC2086
    ./configure $flags --with-cc-opt='-O2 -g' \
        --add-dynamic-module="$root"
    cd "$root"

    echo "$stamp $root" >"$tree/stamp"
fi

make -C "$tree" -f objs/Makefile modules

# a running nginx has the old file mapped: replace it, never write into it
cp "$tree/objs/ngx_http_sfu_module.so" "$builddir/ngx_http_sfu_module.so.new"
mv "$builddir/ngx_http_sfu_module.so.new" "$builddir/ngx_http_sfu_module.so"
