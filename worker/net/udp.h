/*
 * net/udp.h - the one UDP socket of a media loop.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The network stack is the cost of an SFU, so datagrams move in batches:
 * recvmmsg(2) with UDP_GRO in, runs of equal size to one address with
 * UDP_SEGMENT out (udp(7); docs/architecture.md has the measurements).
 */

#ifndef SFU_NET_UDP_H
#define SFU_NET_UDP_H

#include <stdbool.h>
#include <sys/uio.h>

#include "base/counter.h"
#include "net/address.h"

enum {
    UDP_BATCH = 16,             /* datagrams, or GRO trains, a system call */
    UDP_TRAINS = 256,           /* that are kept before their memory is reused */
    UDP_TRAIN_MAX = 65535,
    UDP_RUN_MAX = 64,           /* UDP_MAX_SEGMENTS of older kernels */
};

struct udp_socket {
    int fd;
    int family;                 /* AF_INET6 is dual-stack; AF_INET without v6 */
    bool segmentation;          /* UDP_SEGMENT works */
    struct address address;     /* that all traffic is of; or any; no port */
    uint8_t *buffers;           /* owned: UDP_TRAINS trains */
    uint8_t *trains[UDP_TRAINS];        /* each of them, in any order */
    int kept;                   /* the first of these are in use */

    counter_t send_full;        /* datagrams lost to a full send buffer */
    counter_t send_failed;      /* and to other errors */
};

struct udp_datagram {
    uint8_t *data;              /* may be written to */
    size_t len;
    struct address from;
    struct address to;          /* the local IP it came to; no port */
};

/*
 * bind: the address to listen on, :: for all.  Without IPv6 in the kernel
 * "::" falls back to IPv4.  SFU_ERR_SYSTEM, SFU_ERR_NOMEM
 */
int udp_open(struct udp_socket *udp, const struct address *bind,
             int buffer_bytes);
void udp_close(struct udp_socket *udp);

/* datagrams that found the receive buffer full, in all; it wraps */
uint32_t udp_lost(const struct udp_socket *udp);

/* what was received so far is no longer needed */
void udp_forget(struct udp_socket *udp);

struct udp_handler {
    /* trains that came at once, before the first is taken apart; or NULL */
    void (*ahead)(void *ctx, const struct udp_datagram *trains, int count);
    /* each of them; returns whether it is needed until udp_forget() */
    bool (*datagram)(void *ctx, struct udp_datagram *datagram);
};

/*
 * Hands out one batch; a train of which no datagram is needed has its memory
 * used again.  The number of trains received: UDP_BATCH means that there may be
 * more; 0 nothing was there, or UDP_TRAINS of them are kept; SFU_ERR_SYSTEM.
 */
int udp_receive(struct udp_socket *udp, const struct udp_handler *handler,
                void *ctx);

/*
 * The same out of one piece of memory: datagrams of "segment" bytes, one
 * behind the other, of which the last may be shorter; UDP_RUN_MAX at most.
 */
void udp_send_segments(struct udp_socket *udp, const struct address *from,
                       const struct address *to, uint8_t *data, size_t len,
                       size_t segment);

/*
 * Sends count (at most UDP_RUN_MAX) datagrams of equal size, but for the
 * last, which may be shorter, from the given local IP.  What cannot be sent
 * now is dropped and counted, as networks do.
 */
void udp_send_run(struct udp_socket *udp, const struct address *from,
                  const struct address *to, struct iovec *datagrams,
                  size_t count);

#endif
