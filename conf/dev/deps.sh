#!/bin/sh
#
# conf/dev/deps.sh [build|run|test|bench|nginx-source] - installs what is
# missing.
#
# Idempotent, and quick when nothing is missing.  Debian packages are
# installed with apt-get; without root the script names the packages and
# stops.  libsrtp2 is built from Debian's own source package, because the
# binary package is built on NSS, which collapses with many contexts
# (docs/architecture.md has the figures).

set -eu

cd "$(dirname "$0")/../.."
deps=${SFU_DEPS_DIR:-$PWD/build/deps}
what=${1:-build}

build_packages="gcc make pkg-config dpkg-dev nginx nginx-dev libnice-dev
    libssl-dev libjansson-dev libnanomsg-dev libcurl4-openssl-dev
    libusrsctp-dev libsqlite3-dev libwslay-dev"
run_packages="nginx openssl"
test_packages="clang libclang-rt-14-dev perl chromium firefox-esr curl
    coturn libpcre2-dev zlib1g-dev python3-botocore"

case $what in
build) packages=$build_packages ;;
run) packages="$build_packages $run_packages" ;;
test) packages="$build_packages $run_packages $test_packages" ;;
# what we are measured against; its service is not started, see below
bench) packages="$build_packages $run_packages janus perl util-linux" ;;
nginx-source) packages="dpkg-dev libpcre2-dev zlib1g-dev" ;;
*) echo "usage: $0 [build|run|test|bench|nginx-source]" >&2; exit 2 ;;
esac


installed()
{
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null |
        grep -qx installed
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

install_packages()
{
    missing=

    for package in $packages; do
        installed "$package" || missing="$missing $package"
    done

    # any recent Node.js will do, wherever it came from
    if [ "$what" = test ]; then
        command -v node >/dev/null || missing="$missing nodejs"
        command -v npm >/dev/null || missing="$missing npm"
    fi

    # makes sealing quicker; Debian has it for amd64 alone
    if [ "$what" != nginx-source ] && ! installed libipsec-mb-dev &&
        apt-cache show libipsec-mb-dev >/dev/null 2>&1
    then
        missing="$missing libipsec-mb-dev"
    fi

    [ -n "$missing" ] || return 0

    echo "deps: installing$missing"

    # Debian starts nginx, Janus and coturn on installation; on a machine that
    # does not have them yet, nobody asked for a server on port 80 or 3478.
    policy=
    if echo "$missing" | grep -qwE "nginx|janus|coturn" && [ "$(id -u)" = 0 ] &&
        [ ! -e /usr/sbin/policy-rc.d ]
    then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi

    if ! as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends $missing \
            >"$deps/apt.log" 2>&1 &&
        ! { as_root apt-get update >>"$deps/apt.log" 2>&1 &&
            as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y --no-install-recommends $missing \
                >>"$deps/apt.log" 2>&1; }
    then
        echo "deps: could not install; as root, run:" >&2
        echo "    apt-get install$missing" >&2
        tail -n 5 "$deps/apt.log" >&2 || true
        exit 1
    fi

    if [ -n "$policy" ]; then
        rm -f "$policy"
        trap - EXIT
    fi
}


# The newest version of $package, or one before: an index may name what its
# mirror has not got yet, or no longer.
any_version()
{
    apt-get "$@" source "$package" && return 0

    for version in $(apt-cache "$@" showsrc "$package" |
        sed -n 's/^Version: //p' | sort -rV)
    do
        apt-get "$@" source "$package=$version" && return 0
    done

    return 1
}


# Debian's source packages, without touching the machine's own apt settings:
# the "deb" entries are read again as "deb-src", with lists of their own.

source_package()
{
    apt=$deps/apt
    mkdir -p "$apt/lists/partial" "$apt/sources"

    {
        cat /etc/apt/sources.list 2>/dev/null || true
        for list in /etc/apt/sources.list.d/*.list; do
            [ -f "$list" ] && cat "$list"
        done
    } | sed -n 's/^deb\( \|\t\)/deb-src\1/p' | grep -i debian \
        >"$apt/sources/debian.list" || true

    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] && grep -q 'debian-archive-keyring\|debian' "$file" &&
            sed 's/^Types:.*/Types: deb-src/' "$file" \
                >"$apt/sources/$(basename "$file")"
    done

    set -- "$1" -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$apt/sources" \
        -o Dir::State::Lists="$apt/lists" \
        -o APT::Get::List-Cleanup=0 -o Dir::Cache="$apt"
    package=$1
    shift

    mkdir -p "$deps/src"

    if ! { apt-get "$@" update && cd "$deps/src" &&
        any_version "$@"; } >"$deps/$package.log" 2>&1
    then
        echo "deps: could not fetch the source of $package:" >&2
        tail -n 5 "$deps/$package.log" >&2
        exit 1
    fi
}


build_libsrtp2()
{
    [ -f "$deps/libsrtp2/lib/libsrtp2.a" ] && return 0

    echo "deps: building libsrtp2 with OpenSSL from Debian's source package"
    ( source_package libsrtp2 )

    cd "$deps/src"/libsrtp2-*/

    if ! { ./configure --prefix="$deps/libsrtp2" --enable-openssl \
            CFLAGS="-O2 -g -fPIC" && make -j"$(nproc)" libsrtp2.a &&
        make install; } >"$deps/libsrtp2-build.log" 2>&1
    then
        echo "deps: could not build libsrtp2:" >&2
        tail -n 5 "$deps/libsrtp2-build.log" >&2
        exit 1
    fi

    # the static library alone, so that nothing links the shared one
    rm -f "$deps"/libsrtp2/lib/libsrtp2.so*
    cd - >/dev/null
}


# The same version again as the shared library that Debian's Janus loads, for
# the bench: its package is linked with the slow one, and a rival should be
# seen at its best, too.

build_libsrtp2_shared()
{
    [ -e "$deps/libsrtp2-shared/libsrtp2.so.1" ] && return 0

    echo "deps: building the shared libsrtp2 for the bench"
    mkdir -p "$deps/src/shared" "$deps/libsrtp2-shared"
    source_root=$(cd "$deps"/src/libsrtp2-*/ 2>/dev/null && pwd || true)

    if [ -z "$source_root" ]; then
        ( source_package libsrtp2 )
        source_root=$(cd "$deps"/src/libsrtp2-*/ && pwd)
    fi

    # a copy: the static library's configuration stays as it is
    cp -R "$source_root/." "$deps/src/shared/"
    cd "$deps/src/shared"

    if ! { ./configure --enable-openssl CFLAGS="-O2 -g -fPIC" && make clean &&
            make -j"$(nproc)" shared_library &&
            cp libsrtp2.so.1 "$deps/libsrtp2-shared/"; } \
        >"$deps/libsrtp2-shared.log" 2>&1
    then
        echo "deps: could not build the shared libsrtp2:" >&2
        tail -n 5 "$deps/libsrtp2-shared.log" >&2
        exit 1
    fi

    cd - >/dev/null
}


fetch_nginx()
{
    [ -e "$deps/nginx-source/configure" ] && return 0

    echo "deps: fetching nginx from Debian's source package"
    ( source_package nginx )
    ln -sfn "$(cd "$deps/src"/nginx-*/ && pwd)" "$deps/nginx-source"
}


mkdir -p "$deps"
install_packages

case $what in
nginx-source)
    fetch_nginx
    ;;
test)
    build_libsrtp2
    fetch_nginx
    ;;
bench)
    build_libsrtp2
    build_libsrtp2_shared
    ;;
*)
    build_libsrtp2
    ;;
esac
