/*
 * net/udp_test.c - trains in, runs out, and the address they go from.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "test/tap.h"

enum { PORT = 21930, SEEN_MAX = 128 };

static struct {
    size_t count;
    size_t len[SEEN_MAX];
    uint8_t first[SEEN_MAX];
    struct address from;
    struct address to;
} seen;

static bool
take(void *ctx, struct udp_datagram *d)
{
    size_t *calls = ctx;

    (*calls)++;

    if (seen.count < SEEN_MAX) {
        seen.len[seen.count] = d->len;
        seen.first[seen.count++] = d->data[0];
    }

    seen.from = d->from;
    seen.to = d->to;
    memset(d->data, 0xee, d->len);      /* it may be written to */

    return true;
}

/* trains that were announced before they were taken apart */
static int announced;

static void
announce(void *ctx, const struct udp_datagram *trains, int count)
{
    size_t *calls = ctx;

    (void)trains;
    announced += *calls == 0 ? count : 0;
}

static const struct udp_handler taking = { announce, take };

/* all that comes within 100 ms after the last one */
static void
receive_all(struct udp_socket *udp)
{
    struct pollfd p = { udp->fd, POLLIN, 0 };
    size_t calls = 0;

    seen.count = 0;

    while (poll(&p, 1, 100) == 1) {
        udp_forget(udp);

        if (udp_receive(udp, &taking, &calls) < 0) {
            break;
        }
    }
}

static int
peer(int family, const char *ip, uint16_t to)
{
    struct sockaddr_storage ss;
    struct address a;
    socklen_t len;
    int fd = socket(family, SOCK_DGRAM, 0);

    address_parse(&a, ip, to);
    len = address_to_sockaddr(&a, family, &ss);

    if (fd == -1 || connect(fd, (struct sockaddr *)&ss, len) == -1) {
        if (fd != -1) {
            close(fd);
        }

        return -1;
    }

    return fd;
}

static void
address_of(int fd, struct address *a)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);

    getsockname(fd, (struct sockaddr *)&ss, &len);
    address_from_sockaddr(a, (struct sockaddr *)&ss);
}

static void
single_datagrams(struct udp_socket *udp)
{
    int fd = peer(AF_INET, "127.0.0.1", PORT);
    char text[ADDRESS_TEXT_SIZE];
    struct address a;
    size_t calls = 0;

    tap_is_int(udp_receive(udp, &taking, &calls), 0, "nothing is there");
    address_of(fd, &a);
    send(fd, "one", 3, 0);
    send(fd, "", 0, 0);
    send(fd, "three", 5, 0);
    receive_all(udp);
    tap_is_int((long long)seen.count, 2, "an empty datagram is none");
    tap_ok(seen.len[0] == 3 && seen.len[1] == 5, "lengths");
    tap_ok(address_eq(&seen.from, &a), "where it came from");
    tap_is_str(address_ip_text(&seen.to, text), "127.0.0.1",
               "and to which of our addresses");
    close(fd);
}

static void
together(struct udp_socket *udp)
{
    int fd = peer(AF_INET, "127.0.0.1", PORT);
    size_t calls = 0;

    announced = 0;
    send(fd, "one", 3, 0);
    udp_receive(udp, &taking, &calls);
    tap_is_int(announced, 0, "one alone is not announced");
    calls = 0;
    send(fd, "one", 3, 0);
    send(fd, "", 0, 0);
    send(fd, "three", 5, 0);
    udp_receive(udp, &taking, &calls);
    tap_ok(announced == 3 && calls == 2, "what comes together is");
    udp_forget(udp);
    close(fd);
}

/* it needs the first byte only, of every third datagram */
static bool
glance(void *ctx, struct udp_datagram *d)
{
    size_t *calls = ctx;

    if (seen.count < SEEN_MAX) {
        seen.first[seen.count++] = d->data[0];
    }

    return (*calls)++ % 3 == 0;
}

static const struct udp_handler glancing = { .datagram = glance };

static void
memory_again(struct udp_socket *udp)
{
    enum { MANY = 2 * UDP_TRAINS };
    int fd = peer(AF_INET, "127.0.0.1", PORT);
    struct pollfd p = { udp->fd, POLLIN, 0 };
    size_t calls = 0;

    udp_forget(udp);
    seen.count = 0;

    for (int i = 0; i < MANY; i++) {
        uint8_t byte[2] = { (uint8_t)i };

        /* of two lengths, so that they are no train */
        send(fd, byte, 1 + (size_t)i % 2, 0);
    }

    while (poll(&p, 1, 100) == 1 && udp_receive(udp, &glancing, &calls) > 0) {
    }

    tap_is_int((long long)calls, MANY, "all came, with nothing forgotten");
    tap_is_int(udp->kept, (MANY + 2) / 3, "what is needed is kept");

    for (int i = 0; i < udp->kept; i++) {
        if (udp->trains[i][0] != (uint8_t)(3 * i)) {
            tap_ok(false, "train %d is what it was", i);
        }
    }

    udp_forget(udp);
    close(fd);
}

/* the kernel may or may not make one train of it: we see datagrams */
static void
trains(struct udp_socket *udp)
{
    int fd = peer(AF_INET, "127.0.0.1", PORT);
    int size = 1000;
    uint8_t data[10 * 1000 + 300];
    bool right = true;

    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i / 1000);
    }

    if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)) == -1
        || send(fd, data, sizeof(data), 0) == -1) {
        tap_ok(true, "no UDP_SEGMENT here");
        close(fd);
        return;
    }

    receive_all(udp);
    tap_is_int((long long)seen.count, 11, "a train of eleven");

    for (size_t i = 0; i < seen.count; i++) {
        right = right && seen.first[i] == i
                && seen.len[i] == (i < 10 ? 1000 : 300);
    }

    tap_ok(right, "in order, the last one shorter");
    close(fd);
}

static void
check_run(struct udp_socket *udp, const char *ip, size_t count, size_t size,
          size_t last)
{
    static uint8_t data[UDP_RUN_MAX][1400];
    struct iovec iov[UDP_RUN_MAX];
    uint8_t got[2048];
    int fd = peer(strchr(ip, ':') ? AF_INET6 : AF_INET, ip, PORT);
    struct address to;
    struct address from;
    size_t n = 0;
    bool right = true;
    struct pollfd p = { fd, POLLIN, 0 };

    address_of(fd, &to);
    address_parse(&from, ip, 0);

    for (size_t i = 0; i < count; i++) {
        memset(data[i], (int)i, sizeof(data[i]));
        iov[i] = (struct iovec){ data[i], i + 1 < count ? size : last };
    }

    udp_send_run(udp, &from, &to, iov, count);

    /* the socket is connected: a wrong source address would not get through */
    while (n < count && poll(&p, 1, 300) == 1) {
        ssize_t len = recv(fd, got, sizeof(got), 0);

        right = right && len == (ssize_t)(n + 1 < count ? size : last)
                && got[0] == n;
        n++;
    }

    tap_ok(right && n == count && poll(&p, 1, 0) == 0,
           "%zu of %zu bytes, the last %zu, from %s", count, size, last, ip);
    close(fd);
}

static void
runs(struct udp_socket *udp)
{
    check_run(udp, "127.0.0.1", 1, 1200, 1200);
    check_run(udp, "127.0.0.1", 2, 1200, 1200);
    check_run(udp, "127.0.0.1", 32, 1200, 100);
    check_run(udp, "127.0.0.1", 50, 1200, 1);
    /* 64 of these are more than a datagram of IP holds: one by one */
    check_run(udp, "127.0.0.1", UDP_RUN_MAX, 1200, 1200);
    tap_is_int((long long)counter_get(&udp->send_failed), 0,
               "nothing was lost");

    /* as if the kernel could not */
    {
        bool could = udp->segmentation;

        udp->segmentation = false;
        check_run(udp, "127.0.0.1", 8, 700, 600);
        udp->segmentation = could;
    }
}

/* all of 127/8 is ours: which of it a peer spoke to is where we answer from */
static void
source_address(struct udp_socket *udp)
{
    check_run(udp, "127.0.0.77", 5, 500, 400);
    check_run(udp, "127.0.0.77", 1, 500, 500);
}

static void
six(struct udp_socket *udp)
{
    int fd = peer(AF_INET6, "::1", PORT);
    char text[ADDRESS_TEXT_SIZE];

    if (fd == -1 || udp->family != AF_INET6) {
        tap_ok(true, "no IPv6 here");
        return;
    }

    send(fd, "six", 3, 0);
    receive_all(udp);
    tap_is_int((long long)seen.count, 1, "the same socket has IPv6");
    tap_is_str(address_ip_text(&seen.to, text), "::1", "and knows to what");
    close(fd);
    check_run(udp, "::1", 4, 900, 30);
}

static void
losses(struct udp_socket *udp)
{
    static uint8_t data[70000];
    struct iovec iov = { data, sizeof(data) };
    struct address any, to;

    address_parse(&any, "0.0.0.0", 0);
    address_parse(&to, "127.0.0.1", 9);
    udp_send_run(udp, &any, &to, &iov, 1);
    tap_is_int((long long)counter_get(&udp->send_failed), 1,
               "what cannot be sent is counted");
}

static void
overflow(void)
{
    enum { MANY = 200 };
    static const uint8_t data[1000];
    struct udp_socket udp;
    struct address a;
    size_t calls = 0;
    int fd;

    address_parse(&a, "127.0.0.1", PORT + 1);
    udp_open(&udp, &a, 16384);
    tap_is_int((long long)udp_lost(&udp), 0, "nothing is lost");
    fd = peer(AF_INET, "127.0.0.1", PORT + 1);

    for (int i = 0; i < MANY; i++) {
        send(fd, data, sizeof(data), 0);
    }

    while (udp_receive(&udp, &taking, &calls) > 0) {
    }

    tap_ok(calls > 0 && calls < MANY, "more came than it has room for");
    tap_is_int((long long)(calls + udp_lost(&udp)), MANY,
               "what was lost is known");
    close(fd);
    udp_close(&udp);
}

/* the kernel is not asked, and not told, and yet it is the same */
static void
one_address(void)
{
    struct udp_socket udp;
    char text[ADDRESS_TEXT_SIZE];
    struct address a;
    struct iovec reply = { "reply", 5 };
    char buffer[16];
    int fd;

    address_parse(&a, "127.0.0.77", PORT + 1);
    udp_open(&udp, &a, 65536);
    fd = peer(AF_INET, "127.0.0.77", PORT + 1);
    send(fd, "to one", 6, 0);
    receive_all(&udp);
    tap_ok(seen.count == 1 && address_port(&seen.to) == 0,
           "a socket of one address");
    tap_is_str(address_ip_text(&seen.to, text), "127.0.0.77",
               "says that it is that one");
    udp_send_run(&udp, &seen.to, &seen.from, &reply, 1);
    tap_is_int(recv(fd, buffer, sizeof(buffer), 0), 5,
               "and answers from there");
    close(fd);
    udp_close(&udp);
}

static void
bindings(void)
{
    struct udp_socket udp, other;
    struct address a;

    address_parse(&a, "127.0.0.1", PORT + 1);
    tap_is_int(udp_open(&udp, &a, 65536), 0, "one address only");
    tap_is_int(udp_open(&other, &a, 65536), SFU_ERR_SYSTEM,
               "twice is not possible");
    tap_is_int(errno, EADDRINUSE, "and errno says why");
    tap_is_int(other.fd, -1, "nothing is left open");
    udp_close(&udp);
    udp_close(&udp);
    address_parse(&a, "192.0.2.1", PORT);
    tap_is_int(udp_open(&udp, &a, 65536), SFU_ERR_SYSTEM,
               "an address that is not ours");
}

static int
open_and_close(void)
{
    struct udp_socket udp;
    struct address a;
    int error;

    address_parse(&a, "127.0.0.1", PORT + 1);
    error = udp_open(&udp, &a, 65536);
    udp_close(&udp);

    return error;
}

int
main(void)
{
    struct udp_socket udp;
    struct address a;

    address_parse(&a, "::", PORT);
    tap_is_int(udp_open(&udp, &a, 1 << 20), 0, "opens");
    single_datagrams(&udp);
    together(&udp);
    memory_again(&udp);
    trains(&udp);
    runs(&udp);
    source_address(&udp);
    six(&udp);
    losses(&udp);
    udp_close(&udp);
    overflow();
    one_address();
    bindings();
    tap_each_allocation_fails(open_and_close);

    return tap_done();
}
