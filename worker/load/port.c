/*
 * load/port.c - the UDP socket of one endpoint.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/port.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

enum {
    TRAINS = 8,                 /* a system call, with UDP_GRO */
    TRAIN_SIZE = 65535,
    SINGLES = 64,               /* without */
    SINGLE_SIZE = 2048,
    BATCH_MAX = SINGLES,
};

/* UDP_GRO and SO_TIMESTAMPNS */
union control {
    char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct timespec))];
    struct cmsghdr align;
};

struct load_receive_buffers {
    struct mmsghdr msgs[BATCH_MAX];
    struct iovec iovs[BATCH_MAX];
    union control controls[BATCH_MAX];
    unsigned count;
    uint8_t bytes[];
};

_Static_assert((int)TRAINS * TRAIN_SIZE >= (int)SINGLES * SINGLE_SIZE,
               "the buffers hold both kinds of batches");

struct load_receive_buffers *
load_receive_buffers_create(bool gro)
{
    struct load_receive_buffers *b = calloc(
        1, sizeof(*b) + (size_t)TRAINS * TRAIN_SIZE);
    size_t size = gro ? TRAIN_SIZE : SINGLE_SIZE;

    if (b == NULL) {
        return NULL;
    }

    b->count = gro ? TRAINS : SINGLES;

    for (unsigned i = 0; i < b->count; i++) {
        b->iovs[i] = (struct iovec){ b->bytes + i * size, size };
        b->msgs[i].msg_hdr.msg_iov = &b->iovs[i];
        b->msgs[i].msg_hdr.msg_iovlen = 1;
        b->msgs[i].msg_hdr.msg_control = &b->controls[i];
        b->msgs[i].msg_hdr.msg_controllen = sizeof(b->controls[i]);
    }

    return b;
}

void
load_receive_buffers_destroy(struct load_receive_buffers *buffers)
{
    free(buffers);
}

static int
set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value));
}

int
load_port_open(struct load_port *port, struct load_engine *engine,
               const struct address *peer,
               void (*ready)(struct poll_source *, uint32_t))
{
    int fd;

    port->engine = engine;
    port->family = address_is_v4(peer) ? AF_INET : AF_INET6;
    port->source.ready = ready;
    port->source.fd = fd = socket(port->family, SOCK_DGRAM | SOCK_NONBLOCK
                                                | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        return SFU_ERR_SYSTEM;
    }

    if (set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, LOAD_PORT_BUFFER) == -1) {
        set_option(fd, SOL_SOCKET, SO_RCVBUF, LOAD_PORT_BUFFER);
    }

    set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);

    if (engine->gro) {
        set_option(fd, SOL_UDP, UDP_GRO, 1);
    }

    return load_port_connect(port, peer) || poll_add(&engine->poll,
                                                     &port->source, false)
               ? SFU_ERR_SYSTEM
               : 0;
}

int
load_port_connect(struct load_port *port, const struct address *peer)
{
    struct sockaddr_storage ss;
    socklen_t len = address_to_sockaddr(peer, port->family, &ss);

    return connect(port->source.fd, (struct sockaddr *)&ss, len) == -1
               ? SFU_ERR_SYSTEM
               : 0;
}

void
load_port_close(struct load_port *port)
{
    if (port->source.fd != -1) {
        poll_remove(&port->engine->poll, &port->source);
        close(port->source.fd);
        port->source.fd = -1;
    }
}

void
load_port_send(struct load_port *port, struct span datagram)
{
    if (send(port->source.fd, datagram.data, datagram.len, 0) == -1) {
        port->engine->unsent++;
    }
}

static void
read_control(struct msghdr *msg, size_t *segment, int64_t *arrival)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
         c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec ts;

            memcpy(&ts, CMSG_DATA(c), sizeof(ts));
            *arrival = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;

        } else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            int size;

            memcpy(&size, CMSG_DATA(c), sizeof(size));
            *segment = (size_t)size;
        }
    }
}

void
load_port_receive(struct load_port *port,
                  bool (*datagram)(void *, uint8_t *, size_t, int64_t),
                  void *ctx)
{
    struct load_engine *engine = port->engine;
    struct load_receive_buffers *b = engine->buffers;
    int n = recvmmsg(port->source.fd, b->msgs, b->count, 0, NULL);

    for (int i = 0; i < n; i++) {
        uint8_t *data = b->iovs[i].iov_base;
        size_t left = b->msgs[i].msg_len;
        size_t segment = 0;
        int64_t arrival = 0;

        read_control(&b->msgs[i].msg_hdr, &segment, &arrival);
        b->msgs[i].msg_hdr.msg_controllen = sizeof(b->controls[i]);
        engine->trains++;

        while (left) {
            size_t len = segment && segment < left ? segment : left;

            engine->datagrams++;

            if (!datagram(ctx, data, len, arrival)) {
                /* the other messages' lengths have to be set anew, too */
                for (i++; i < n; i++) {
                    b->msgs[i].msg_hdr.msg_controllen =
                        sizeof(b->controls[i]);
                }

                return;
            }

            data += len;
            left -= len;
        }
    }
}
