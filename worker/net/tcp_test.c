/*
 * net/tcp_test.c - connections in all their misery.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "test/tap.h"

enum { PORT = 21940 };

static struct poll poller;
static struct timer_wheel wheel;
static struct tcp_listener listener;
static struct sockaddr_in where;

static struct {
    int packets;
    size_t bytes;
    size_t last_len;
    uint8_t last[64];
    int closed;
    struct tcp_connection *connection;  /* of the last packet */
    bool prove;                         /* in the callback */
    bool close;
    bool echo;
} seen;

static void
packet(void *ctx, struct tcp_connection *c, uint8_t *data, size_t len)
{
    (void)ctx;
    seen.packets++;
    seen.bytes += len;
    seen.last_len = len;
    memcpy(seen.last, data, len < sizeof(seen.last) ? len
                                                    : sizeof(seen.last));
    seen.connection = c;

    if (seen.prove) {
        tcp_connection_prove(c);
    }

    if (seen.echo) {
        tcp_connection_send(c, span_of(data, len));
    }

    memset(data, 0xee, len);

    if (seen.close) {
        tcp_connection_close(c);
        tcp_connection_close(c);
        tcp_connection_send(c, span_str("nobody hears this"));
    }
}

static void
closed(void *ctx, struct tcp_connection *c)
{
    (void)ctx;
    seen.closed++;

    if (seen.connection == c) {
        seen.connection = NULL;
    }
}

/* how many times the poller woke */
static int
serve(int ms)
{
    usec_t end = clock_now() + (usec_t)ms * USEC_PER_MS;
    usec_t woke;
    int times = 0;

    do {
        poll_wait(&poller, 5 * USEC_PER_MS, &woke);
        timer_wheel_run(&wheel, clock_now());
        times++;
    } while (clock_now() < end);

    return times;
}

/* shorter where it is waited for */
static usec_t unproved_time = 10 * USEC_PER_SEC;

static void
begin(size_t connections, size_t unproved)
{
    struct tcp_settings settings = { connections, unproved, unproved_time,
                                     4096 };
    struct address a;

    memset(&seen, 0, sizeof(seen));
    memset(&listener, 0, sizeof(listener));
    listener.packet = packet;
    listener.closed = closed;
    address_parse(&a, "127.0.0.1", PORT);
    timer_wheel_init(&wheel, clock_now());

    if (tcp_listen(&listener, &a, &poller, &wheel, &settings)) {
        printf("Bail out! cannot listen: %s\n", strerror(errno));
        exit(1);
    }
}

static void
end(const char *what)
{
    tcp_listener_close(&listener);
    tap_ok(listener.count == 0 && listener.unproved == 0
               && list_empty(&listener.proved)
               && list_empty(&listener.waiting) && wheel.armed == 0,
           "%s: nothing is left", what);
    tcp_listener_close(&listener);
}

static int
dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&where, sizeof(where)) == -1) {
        close(fd);
        return -1;
    }

    return fd;
}

static void
write_bytes(int fd, const void *data, size_t len)
{
    if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len) {
        printf("# short write\n");
    }
}

/* the peer has closed: nothing, or a reset, is to be read */
static bool
is_closed(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };
    char byte;

    return poll(&p, 1, 0) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

static void
packets(void)
{
    static const char hello[7] = { 0, 5, 'w', 'o', 'r', 'l', 'd' };
    uint8_t big[2 + 16000] = { 16000 >> 8, 16000 & 0xff };
    int fd;

    begin(10, 10);
    seen.echo = true;
    fd = dial();
    serve(20);
    tap_is_int((long long)listener.count, 1, "a connection");
    write_bytes(fd, "\0\5hello\0\0\0\3you", 14);
    serve(20);
    tap_is_int(seen.packets, 2, "packets, without the empty one");
    tap_is_bytes(span_of(seen.last, seen.last_len), span_str("you"), "bytes");

    /* one byte at a time */
    seen.packets = 0;

    for (size_t i = 0; i < sizeof(hello); i++) {
        write_bytes(fd, &hello[i], 1);
        serve(0);
    }

    serve(20);
    tap_is_int(seen.packets, 1, "a packet in pieces is one");
    tap_is_bytes(span_of(seen.last, seen.last_len), span_str("world"),
                 "and whole");
    seen.echo = false;
    write_bytes(fd, big, sizeof(big));

    /* it comes in several pieces, and others may use the machine */
    for (int i = 0; i < 100 && seen.last_len != 16000; i++) {
        serve(20);
    }

    tap_is_int((long long)seen.last_len, 16000, "a large one");

    {
        char got[64];
        ssize_t n = recv(fd, got, sizeof(got), 0);

        tap_is_bytes(span_of(got, (size_t)n),
                     span_of("\0\5hello\0\3you\0\5world", 19),
                     "what is sent is framed");
    }

    big[0] = 0xff;
    write_bytes(fd, big, 2);
    serve(20);
    tap_ok(is_closed(fd) && seen.closed == 1,
           "a packet that can never be whole ends the connection");
    close(fd);
    fd = dial();
    write_bytes(fd, "\0\5hel", 5);
    serve(20);
    close(fd);
    serve(20);
    tap_is_int(seen.closed, 2, "a peer that leaves within a packet");
    end("packets");
}

static void
limits(void)
{
    int fds[6];
    int open = 0;

    unproved_time = 100 * USEC_PER_MS;
    begin(4, 3);

    for (int i = 0; i < 6; i++) {
        fds[i] = dial();
    }

    serve(20);
    tap_is_int((long long)listener.count, 3, "so many that proved nothing");
    tap_is_int((long long)counter_get(&listener.refused), 3,
               "the oldest make room");
    seen.prove = true;
    write_bytes(fds[3], "\0\1x", 3);
    write_bytes(fds[4], "\0\1x", 3);
    serve(20);
    tap_is_int((long long)listener.unproved, 1, "two have proved themselves");
    close(fds[0]);
    close(fds[1]);
    fds[0] = dial();
    fds[1] = dial();
    serve(20);
    tap_is_int((long long)listener.count, 4, "and do not count, up to the "
                                             "limit of all");
    seen.prove = false;
    serve(150);
    tap_is_int((long long)listener.count, 2, "the others have had their time");
    tap_is_int((long long)listener.unproved, 0, "none is unproved");

    for (int i = 0; i < 6; i++) {
        open += !is_closed(fds[i]);
        close(fds[i]);
    }

    tap_is_int(open, 2, "their peers see it");
    serve(20);
    tap_is_int((long long)listener.count, 0, "and who leaves is forgotten");
    end("limits");
    unproved_time = 10 * USEC_PER_SEC;
}

static void
closed_by_callback(void)
{
    int fd;

    begin(10, 10);
    seen.close = true;
    fd = dial();
    write_bytes(fd, "\0\1a\0\1b\0\1c", 9);
    serve(20);
    tap_is_int(seen.packets, 1, "closed at the first packet of three");
    tap_ok(seen.closed == 1 && is_closed(fd), "once");
    close(fd);
    end("a callback that closes");
}

/* half of what is sent arrives; what arrives is whole packets */
static void
slow_reader(void)
{
    uint8_t data[1000];
    uint8_t got[65536];
    size_t start = 0, filled = 0;
    int received = 0, sent = 0, wrong = 0;
    int small = 4096;
    int fd;

    begin(10, 10);
    seen.prove = true;
    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));

    if (connect(fd, (struct sockaddr *)&where, sizeof(where)) == -1) {
        tap_ok(false, "connects");
        return;
    }

    write_bytes(fd, "\0\1x", 3);
    serve(20);
    setsockopt(seen.connection->source.fd, SOL_SOCKET, SO_SNDBUF, &small,
               sizeof(small));

    for (; sent < 3000 && seen.connection != NULL; sent++) {
        memset(data, sent, sizeof(data));
        tcp_connection_send(seen.connection,
                            span_of(data, 1 + (size_t)sent % sizeof(data)));
    }

    tap_ok(seen.connection != NULL, "a slow reader is not cut off");
    tap_ok(counter_get(&listener.dropped) > 0, "its packets are dropped");
    fcntl(fd, F_SETFL, O_NONBLOCK);

    for (int i = 0; i < 100; i++) {
        ssize_t n = recv(fd, got + filled, sizeof(got) - filled, 0);

        filled += n > 0 ? (size_t)n : 0;

        while (filled - start >= 2) {
            size_t len = (size_t)(got[start] << 8 | got[start + 1]);

            if (filled - start < 2 + len) {
                break;
            }

            wrong += len == 0 || len > sizeof(data);

            for (size_t k = 1; k < len; k++) {
                wrong += got[start + 2 + k] != got[start + 2];
            }

            received++;
            start += 2 + len;
        }

        memmove(got, got + start, filled - start);
        filled -= start;
        start = 0;
        serve(2);
    }

    tap_is_int(wrong, 0, "what comes is whole");
    tap_is_int((long long)filled, 0, "to the last byte");
    tap_is_int(received, sent - (int)counter_get(&listener.dropped),
               "all but those that were dropped");
    tcp_connection_send(seen.connection, span_str("again"));
    serve(20);
    tap_is_int(recv(fd, got, sizeof(got), 0), 7, "and goes on");

    /* reset while packets wait for it */
    for (int i = 0; i < 100; i++) {
        tcp_connection_send(seen.connection, span_of(data, sizeof(data)));
    }

    {
        struct linger reset = { 1, 0 };

        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(fd);
    }

    serve(50);
    tap_is_int((long long)listener.count, 0, "a reset ends it");
    end("a slow reader");
}

/* no descriptor is left: the thread must not spin */
static void
out_of_descriptors(void)
{
    struct rlimit before, tight;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int times;

    begin(10, 10);
    getrlimit(RLIMIT_NOFILE, &before);
    tight = before;
    tight.rlim_cur = (rlim_t)(fd > listener.source.fd ? fd
                                                      : listener.source.fd)
                     + 1;
    setrlimit(RLIMIT_NOFILE, &tight);

    if (connect(fd, (struct sockaddr *)&where, sizeof(where)) == -1) {
        tap_ok(false, "connects");
    }

    times = serve(90);
    setrlimit(RLIMIT_NOFILE, &before);
    tap_ok(times < 40, "out of descriptors it waits (woke %d times)", times);
    tap_ok(counter_get(&listener.refused) > 0, "and counts");
    serve(70);
    tap_is_int((long long)listener.count, 1, "and takes the peer later");
    close(fd);
    serve(20);
    end("no descriptors");
}

static int
one_connection(void)
{
    struct tcp_settings settings = { 10, 10, 100 * USEC_PER_MS, 4096 };
    struct address a;
    int fd;

    memset(&seen, 0, sizeof(seen));
    seen.echo = true;
    address_parse(&a, "127.0.0.1", PORT);

    if (tcp_listen(&listener, &a, &poller, &wheel, &settings)) {
        return -1;
    }

    fd = dial();
    write_bytes(fd, "\0\5hello", 7);
    serve(1);
    close(fd);
    tcp_listener_close(&listener);

    return seen.packets == 1 ? 0 : -1;
}

int
main(void)
{
    where.sin_family = AF_INET;
    where.sin_port = htons(PORT);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    poll_init(&poller);
    packets();
    limits();
    closed_by_callback();
    slow_reader();
    out_of_descriptors();
    tap_each_allocation_fails(one_connection);
    poll_fini(&poller);

    return tap_done();
}
