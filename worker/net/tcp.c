/*
 * net/tcp.c - passive ICE-TCP candidates: a listener and its connections.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"

enum {
    ACCEPT_BATCH = 16,          /* so that media is not kept waiting */
    ACCEPT_PAUSE = 100 * USEC_PER_MS,
    READ_BATCH = 8,
};

static void
set_option(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof(value));
}

static void
destroy(struct tcp_connection *c)
{
    struct tcp_listener *l = c->listener;

    poll_remove(l->poll, &c->source);
    timer_disarm(l->wheel, &c->unproved);
    list_remove(&c->node);
    close(c->source.fd);
    l->count--;
    l->unproved -= !c->proved;
    framing_fini(&c->in);
    free(c->out);
    free(c);
}

void
tcp_connection_close(struct tcp_connection *c)
{
    if (c->closing) {
        return;
    }

    c->closing = true;
    c->listener->closed(c->listener->ctx, c);

    /* its own event handler is on the stack and destroys it at its end */
    if (!c->busy) {
        destroy(c);
    }
}

static void
unproved_too_long(struct timer *timer, usec_t now)
{
    (void)now;
    tcp_connection_close(container_of(timer, struct tcp_connection, unproved));
}

void
tcp_connection_prove(struct tcp_connection *c)
{
    if (!c->proved) {
        c->proved = true;
        c->listener->unproved--;
        timer_disarm(c->listener->wheel, &c->unproved);
        list_remove(&c->node);
        list_append(&c->listener->proved, &c->node);
    }
}

static int
read_packets(struct tcp_connection *c)
{
    uint8_t *packet;
    size_t len;
    int error;

    while ((error = framing_next(&c->in, &packet, &len)) == 0) {
        if (len) {
            c->listener->packet(c->listener->ctx, c, packet, len);
        }

        if (c->closing) {
            return 0;
        }
    }

    return error == SFU_ERR_AGAIN ? 0 : error;
}

static int
read_bytes(struct tcp_connection *c)
{
    for (int i = 0; i < READ_BATCH && !c->closing; i++) {
        size_t room;
        uint8_t *to = framing_room(&c->in, &room);
        ssize_t n = read(c->source.fd, to, room);

        if (n == -1) {
            return errno == EAGAIN || errno == EINTR ? 0 : SFU_ERR_SYSTEM;
        }

        if (n == 0) {
            return SFU_ERR_SYSTEM;
        }

        framing_filled(&c->in, (size_t)n);

        if (read_packets(c)) {
            return SFU_ERR_MALFORMED;
        }
    }

    return 0;
}

static int
flush(struct tcp_connection *c)
{
    while (c->out_start != c->out_end) {
        ssize_t n = send(c->source.fd, c->out + c->out_start,
                         c->out_end - c->out_start, MSG_NOSIGNAL);

        if (n == -1) {
            return errno == EAGAIN || errno == EINTR ? 0 : SFU_ERR_SYSTEM;
        }

        c->out_start += (size_t)n;
    }

    c->out_start = 0;
    c->out_end = 0;

    return poll_set_writable(c->listener->poll, &c->source, false);
}

static void
connection_ready(struct poll_source *source, uint32_t events)
{
    struct tcp_connection *c = container_of(source, struct tcp_connection,
                                            source);
    bool broken = false;

    c->busy = true;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        broken = read_bytes(c) != 0;
    }

    if (!broken && !c->closing && (events & EPOLLOUT)) {
        broken = flush(c) != 0;
    }

    if (broken) {
        tcp_connection_close(c);
    }

    c->busy = false;

    if (c->closing) {
        destroy(c);
    }
}

/* the packet is there whole or not at all; len bytes of it are sent already */
static void
enqueue(struct tcp_connection *c, struct iovec iov[2], size_t sent)
{
    size_t max = c->listener->settings.queue_max;

    if (c->out == NULL) {
        c->out = malloc(max);
    }

    /* moved only when there is no more room behind */
    if (c->out_start && c->out != NULL
        && c->out_end + iov[0].iov_len + iov[1].iov_len - sent > max) {
        memmove(c->out, c->out + c->out_start, c->out_end - c->out_start);
        c->out_end -= c->out_start;
        c->out_start = 0;
    }

    if (c->out == NULL
        || c->out_end + iov[0].iov_len + iov[1].iov_len - sent > max) {
        counter_add(&c->listener->dropped, 1);

        if (sent) {
            /* half a packet is out: the stream can never be read again */
            tcp_connection_close(c);
        }

        return;
    }

    if (c->out_start == c->out_end
        && poll_set_writable(c->listener->poll, &c->source, true)) {
        tcp_connection_close(c);
        return;
    }

    for (int i = 0; i < 2; i++) {
        size_t skip = sent < iov[i].iov_len ? sent : iov[i].iov_len;

        memcpy(c->out + c->out_end, (uint8_t *)iov[i].iov_base + skip,
               iov[i].iov_len - skip);
        c->out_end += iov[i].iov_len - skip;
        sent -= skip;
    }
}

void
tcp_connection_send(struct tcp_connection *c, struct span packet)
{
    uint8_t header[FRAMING_HEADER] = {
        (uint8_t)(packet.len >> 8),
        (uint8_t)packet.len,
    };
    struct iovec iov[2] = {
        { header, sizeof(header) },
        { (void *)(uintptr_t)packet.data, packet.len },
    };
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
    ssize_t n = 0;

    if (c->closing || packet.len > UINT16_MAX) {
        return;
    }

    if (c->out_start == c->out_end) {
        n = sendmsg(c->source.fd, &msg, MSG_NOSIGNAL);

        if (n == -1) {
            if (errno != EAGAIN && errno != EINTR) {
                tcp_connection_close(c);
                return;
            }

            n = 0;
        }

        if ((size_t)n == sizeof(header) + packet.len) {
            return;
        }
    }

    enqueue(c, iov, (size_t)n);
}

static void
local_address(int fd, struct address *a)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);

    if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1
        || address_from_sockaddr(a, (struct sockaddr *)&ss)) {
        *a = (struct address){ 0 };
    }
}

static int
adopt(struct tcp_listener *l, int fd, const struct sockaddr_storage *ss)
{
    struct tcp_connection *c = calloc(1, sizeof(*c));

    if (c == NULL) {
        return SFU_ERR_NOMEM;
    }

    c->source.fd = fd;
    c->source.ready = connection_ready;
    c->listener = l;
    timer_init(&c->unproved, unproved_too_long);

    if (framing_init(&c->in)
        || address_from_sockaddr(&c->from, (const struct sockaddr *)ss)
        || poll_add(l->poll, &c->source, false)) {
        framing_fini(&c->in);
        free(c);
        return SFU_ERR_SYSTEM;
    }

    local_address(fd, &c->to);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    list_append(&l->waiting, &c->node);
    l->count++;
    l->unproved++;
    timer_arm(l->wheel, &c->unproved, clock_now() + l->settings.unproved_time);

    return 0;
}

static void
make_room(struct tcp_listener *l)
{
    if (l->unproved >= l->settings.unproved_max) {
        counter_add(&l->refused, 1);
        tcp_connection_close(container_of(l->waiting.next,
                                          struct tcp_connection, node));
    }
}

static void
accept_again(struct timer *timer, usec_t now)
{
    struct tcp_listener *l = container_of(timer, struct tcp_listener, pause);

    if (poll_add(l->poll, &l->source, false)) {
        timer_arm(l->wheel, timer, now + ACCEPT_PAUSE);
    }
}

/*
 * Out of descriptors or memory, the connection stays in the kernel's queue
 * and the listener readable: looking on would keep the thread busy.
 */
static void
pause_accepting(struct tcp_listener *l)
{
    counter_add(&l->refused, 1);
    poll_remove(l->poll, &l->source);
    timer_arm(l->wheel, &l->pause, clock_now() + ACCEPT_PAUSE);
}

static void
listener_ready(struct poll_source *source, uint32_t events)
{
    struct tcp_listener *l = container_of(source, struct tcp_listener, source);

    (void)events;

    for (int i = 0; i < ACCEPT_BATCH; i++) {
        struct sockaddr_storage ss;
        socklen_t len = sizeof(ss);
        int fd = accept4(l->source.fd, (struct sockaddr *)&ss, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd == -1) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
                || errno == ENOMEM) {
                pause_accepting(l);
            }

            return;
        }

        make_room(l);

        if (l->count >= l->settings.connections_max || adopt(l, fd, &ss)) {
            counter_add(&l->refused, 1);
            close(fd);
        }
    }
}

int
tcp_listen(struct tcp_listener *l, const struct address *bind_to,
           struct poll *poll, struct timer_wheel *wheel,
           const struct tcp_settings *settings)
{
    struct sockaddr_storage ss;
    socklen_t len = address_to_sockaddr(bind_to, AF_INET6, &ss);
    int family = AF_INET6;

    l->poll = poll;
    l->wheel = wheel;
    l->settings = *settings;
    list_init(&l->proved);
    list_init(&l->waiting);
    timer_init(&l->pause, accept_again);
    l->source.ready = listener_ready;
    l->source.fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                          0);

    if (l->source.fd == -1 && errno == EAFNOSUPPORT) {
        struct address any;

        family = AF_INET;
        address_parse(&any, "0.0.0.0", address_port(bind_to));
        len = address_to_sockaddr(address_is_v4(bind_to) ? bind_to : &any,
                                  AF_INET, &ss);
        l->source.fd = socket(AF_INET,
                              SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }

    if (l->source.fd == -1) {
        return SFU_ERR_SYSTEM;
    }

    set_option(l->source.fd, SOL_SOCKET, SO_REUSEADDR, 1);

    if (family == AF_INET6) {
        set_option(l->source.fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    }

    if (bind(l->source.fd, (struct sockaddr *)&ss, len) == -1
        || listen(l->source.fd, 512) == -1
        || poll_add(poll, &l->source, false)) {
        int saved = errno;

        close(l->source.fd);
        l->source.fd = -1;
        errno = saved;
        return SFU_ERR_SYSTEM;
    }

    return 0;
}

void
tcp_listener_close(struct tcp_listener *l)
{
    if (l->source.fd == -1) {
        return;
    }

    list_each(node, next, &l->proved) {
        tcp_connection_close(container_of(node, struct tcp_connection, node));
    }

    list_each(node, next, &l->waiting) {
        tcp_connection_close(container_of(node, struct tcp_connection, node));
    }

    timer_disarm(l->wheel, &l->pause);
    poll_remove(l->poll, &l->source);
    close(l->source.fd);
    l->source.fd = -1;
}
