/*
 * net/tcp_slow_test.c - a TCP peer that reads slowly, or not at all.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test/tap.h"

enum { PORT = 21772, PACKET = 1200, QUEUE = 65536 };

static struct tcp_listener listener;
static struct tcp_connection *accepted;
static struct timer_wheel wheel;
static struct poll epoll;
static int closed_count;

static void
packet(void *ctx, struct tcp_connection *c, uint8_t *data, size_t len)
{
    (void)ctx;
    (void)data;
    (void)len;
    accepted = c;
    tcp_connection_prove(c);
}

static void
closed(void *ctx, struct tcp_connection *c)
{
    (void)ctx;
    (void)c;
    accepted = NULL;
    closed_count++;
}

static void
run(int times)
{
    usec_t woke;

    for (int i = 0; i < times; i++) {
        poll_wait(&epoll, 1000, &woke);
    }
}

static int
connect_one(void)
{
    struct address to;
    struct sockaddr_storage ss;
    socklen_t len;
    int small = 4096;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address_parse(&to, "127.0.0.1", PORT);
    len = address_to_sockaddr(&to, AF_INET, &ss);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));

    if (fd == -1 || connect(fd, (struct sockaddr *)&ss, len) == -1
        || send(fd, "\0\1x", 3, 0) != 3) {
        printf("Bail out! no TCP\n");
        exit(1);
    }

    run(5);

    return fd;
}

/* all packets begin with their number and are otherwise of one length */
static void
send_packets(unsigned from, unsigned count)
{
    uint8_t data[PACKET] = { 0 };

    for (unsigned i = from; accepted != NULL && i < from + count; i++) {
        data[0] = (uint8_t)(i >> 8);
        data[1] = (uint8_t)i;
        tcp_connection_send(accepted, span_of(data, sizeof(data)));
    }
}

/* up to so many bytes; how many packets came, -1 if one is broken */
struct stream {
    uint8_t data[2 + PACKET];
    size_t have;
    int packets;
    int last;
};

static void
read_some(int fd, struct stream *s, size_t max)
{
    uint8_t byte[512];
    ssize_t n;

    while (max && (n = recv(fd, byte, max < sizeof(byte) ? max : sizeof(byte),
                            MSG_DONTWAIT)) > 0) {
        max -= (size_t)n;

        for (ssize_t i = 0; i < n; i++) {
            s->data[s->have++] = byte[i];

            if (s->have == sizeof(s->data)) {
                int number = s->data[2] << 8 | s->data[3];

                if ((s->data[0] << 8 | s->data[1]) != PACKET
                    || number <= s->last) {
                    s->packets = -100000;
                }

                s->last = number;
                s->packets++;
                s->have = 0;
            }
        }
    }
}

static void
never_reads(void)
{
    struct stream stream = { .last = -1 };
    uint64_t dropped;
    int fd = connect_one();

    send_packets(0, 3000);
    dropped = counter_get(&listener.dropped);
    tap_ok(accepted != NULL, "a peer that does not read stays connected");
    tap_ok(dropped > 0, "what does not fit is dropped: %d of 3000",
           (int)dropped);
    tap_ok(accepted != NULL && accepted->out_end <= QUEUE,
           "its queue has a limit");

    for (int i = 0; i < 3000 && stream.packets + (int)dropped < 3000; i++) {
        read_some(fd, &stream, SIZE_MAX);
        run(1);
    }

    tap_is_int(stream.packets + (long long)dropped, 3000,
               "all others are there, whole, once it reads");
    close(fd);
    run(3);
    tap_is_int(closed_count, 1, "and it goes");
}

/* bytes trickle out while more come in: the queue is moved again and again */
static void
reads_slowly(void)
{
    struct stream stream = { .last = -1 };
    uint64_t before = counter_get(&listener.dropped);
    int fd = connect_one();
    int dropped;

    for (unsigned i = 0; i < 5000; i++) {
        send_packets(i, 1);

        if (i % 3 == 0) {
            read_some(fd, &stream, 777);
            run(1);
        }
    }

    dropped = (int)(counter_get(&listener.dropped) - before);

    for (int i = 0; i < 3000 && stream.packets + dropped < 5000; i++) {
        read_some(fd, &stream, SIZE_MAX);
        run(1);
    }

    tap_ok(dropped > 0, "a slow reader loses packets: %d of 5000", dropped);
    tap_is_int(stream.packets + dropped, 5000,
               "but what it gets is whole and in order");
    close(fd);
    run(3);
}

int
main(void)
{
    struct tcp_settings settings = { 8, 4, USEC_PER_SEC, QUEUE };
    struct address bind_to;

    address_parse(&bind_to, "127.0.0.1", PORT);
    poll_init(&epoll);
    timer_wheel_init(&wheel, clock_now());
    listener.packet = packet;
    listener.closed = closed;
    tap_is_int(tcp_listen(&listener, &bind_to, &epoll, &wheel, &settings), 0,
               "listens");
    never_reads();
    reads_slowly();
    tcp_listener_close(&listener);
    tap_is_int((long long)listener.count, 0, "no connection is left");
    poll_fini(&epoll);

    return tap_done();
}
