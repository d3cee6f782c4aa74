#!/bin/sh
#
# conf/dev/run.sh - nginx and sfu-worker for development, in the foreground.
#
# SFU_HTTP_PORT, SFU_HTTPS_PORT, SFU_MEDIA_PORT, SFU_RUN_DIR,
# SFU_NGINX_WORKERS, SFU_LOOPS, SFU_ANNOUNCE and SFU_WORKER_OPTIONS (as in
# "connect-time=2s silent-time=5s") may be set; SFU_TURN_PORT, where there is
# a TURN server, so that clients are told.  Everything that is written
# lies in the run directory: configuration, socket, logs, pid files,
# certificate.  Ctrl-C or SIGTERM ends both processes.

set -eu

cd "$(dirname "$0")/../.."
top=$PWD

http=${SFU_HTTP_PORT:-8080}
https=${SFU_HTTPS_PORT:-8443}
media=${SFU_MEDIA_PORT:-10000}
run=${SFU_RUN_DIR:-build/run}
build=${BUILD:-build}
nginx=${SFU_NGINX:-$(command -v nginx || echo /usr/sbin/nginx)}
worker=${SFU_WORKER:-$top/$build/sfu-worker}
module=${SFU_MODULE:-$top/$build/ngx_http_sfu_module.so}

mkdir -p "$run/tmp"
run=$(cd "$run" && pwd)


make_certificate()
{
    [ -s "$run/cert.pem" ] && [ -s "$run/key.pem" ] && return 0

    names=DNS:localhost,DNS:$(hostname),IP:127.0.0.1,IP:::1
    for address in $(hostname -I 2>/dev/null || true); do
        names=$names,IP:$address
    done

    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -days 825 -subj /CN=localhost -addext "subjectAltName=$names" \
        -keyout "$run/key.pem" -out "$run/cert.pem" 2>"$run/openssl.log" || {
            cat "$run/openssl.log" >&2
            exit 1
        }
}

write_configuration()
{
    user=
    # the socket and the page lie where only root may look
    [ "$(id -u)" = 0 ] && user="user root;"

    # who waits for a TURN server that is not there connects late
    ice=off
    [ -n "${SFU_TURN_PORT:-}" ] && ice=demo

    sed -e "s|@USER@|$user|; s|@MODULE@|$module|; s|@RUN@|$run|g" \
        -e "s|@TOP@|$top|g; s|@HTTP@|$http|g; s|@HTTPS@|$https|g" \
        -e "s|@TURN@|${SFU_TURN_PORT:-3478}|g" \
        -e "s|@ICE@|$ice|" \
        -e "s|@WORKERS@|${SFU_NGINX_WORKERS:-auto}|" \
        conf/dev/nginx.conf.in >"$run/nginx.conf"

    # an address a line; on this machine the worker finds its own
    {
        echo "ipc = ipc://$run/worker.sock"
        echo "media-port = $media"
        echo "loops = ${SFU_LOOPS:-0}"
        echo "drain-time = 0"
        echo "log = $run/worker.log"
        echo "pid = $run/worker.pid"
        echo "store = $run/store.db"
        for address in ${SFU_ANNOUNCE:-}; do
            echo "announce = $address"
        done
        for option in ${SFU_WORKER_OPTIONS:-}; do
            echo "$option"
        done
    } >"$run/worker.conf"
}


worker_pid=
nginx_pid=

alive()
{
    kill -0 "$1" 2>/dev/null
}

stop()
{
    trap '' INT TERM
    [ -n "$nginx_pid" ] && kill -TERM "$nginx_pid" 2>/dev/null
    [ -n "$worker_pid" ] && kill -TERM "$worker_pid" 2>/dev/null
    wait
}

start_worker()
{
    "$worker" --config "$run/worker.conf" 2>>"$run/worker.log" &
    worker_pid=$!
}

fail()
{
    echo "run: $1; the last lines of $2:" >&2
    tail -n 5 "$2" >&2
    stop
    exit 1
}

make_certificate
write_configuration
: >"$run/worker.log"
: >"$run/error.log"

if ! "$nginx" -p "$run" -c "$run/nginx.conf" -t -q 2>"$run/test.log"; then
    cat "$run/test.log" >&2
    exit 1
fi

trap 'stop; exit 0' INT TERM
start_worker

"$nginx" -p "$run" -c "$run/nginx.conf" -g 'daemon off;' 2>>"$run/error.log" &
nginx_pid=$!

for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    grep -q ready "$run/worker.log" && [ -s "$run/nginx.pid" ] && break
    alive "$worker_pid" || fail "sfu-worker did not start" "$run/worker.log"
    alive "$nginx_pid" || fail "nginx did not start" "$run/error.log"
    sleep 0.1
done

echo "page:    http://localhost:$http/"
for address in $(hostname -I 2>/dev/null || true); do
    case $address in
    *:*) echo "         https://[$address]:$https/  (from other computers)" ;;
    *) echo "         https://$address:$https/  (from other computers)" ;;
    esac
done
echo "api:     http://localhost:$http/v1/apps/demo/ (secret demo-secret)"
echo "         http://localhost:$http/api/sfu/demo/ (Metered's, the same secret)"
echo "turn:    http://localhost:$http/v1/turn/keys/demo/ (token demo-secret)"
echo "kvs:     https://localhost:$https/kvs (AKIADEMO, demo-secret, us-east-1,"
echo "         account 123456789012)"
echo "arbiter: http://localhost:$http/arbiter ws://localhost:$http/arbiter/ws"
echo "status:  http://localhost:$http/status  http://localhost:$http/metrics"
echo "files:   $run"
echo "Ctrl-C stops."

# The worker may crash or be killed: sessions are lost, the service is not.
# A signal ends wait early, and the trap exits.
while alive "$nginx_pid"; do
    if ! alive "$worker_pid"; then
        wait "$worker_pid" 2>/dev/null || true
        echo "run: sfu-worker ended; starting it again" >&2
        sleep 0.2
        start_worker
    fi

    sleep 0.5 &
    wait $! || true
done

fail "nginx ended" "$run/error.log"
