#!/bin/sh
#
# worker/test/apart.sh program [argument...] - runs it in a network of its own.
#
# Unit tests listen on fixed ports; so two runs on one machine do not meet.
# Where that is not allowed, the program runs as it is.

if unshare -n true 2>/dev/null; then
    exec unshare -n sh -c 'ip link set lo up; exec "$@"' apart "$@"
fi

exec "$@"
