#!/bin/sh
#
# t/browser/run.sh [file...] - browser tests, against an instance of their own.
#
# Starts nginx and sfu-worker on free ports with a run directory of its own,
# runs the files one after the other (they share two cores and one worker),
# stops everything, and ends with a line "N passed, N failed".  BUILD,
# SFU_WORKER (build/sfu-worker-asan for a sanitizer run), CHROMIUM and FIREFOX
# may be set.

set -u

cd "$(dirname "$0")"

# those of another lock file lack something
if ! cmp -s package-lock.json node_modules/lock-of-this
then
    npm ci --no-audit --no-fund --loglevel error || exit 1
    cp package-lock.json node_modules/lock-of-this
fi

[ $# -gt 0 ] || set -- *.test.mjs

exec node lib/run.mjs "$@"
