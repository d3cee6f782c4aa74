/*
 * net/tcp.h - passive ICE-TCP candidates (RFC 6544): a listener and its
 * connections, RFC 4571 framed.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A connection proves itself by a valid STUN check within a time limit or is
 * closed; until then it costs one buffer and one slot of a limited number.
 * When these are taken, the oldest goes: who says nothing keeps nobody out.
 */

#ifndef SFU_NET_TCP_H
#define SFU_NET_TCP_H

#include "base/counter.h"
#include "base/list.h"
#include "base/timer.h"
#include "net/address.h"
#include "net/framing.h"
#include "net/poll.h"

struct tcp_connection;

struct tcp_settings {
    size_t connections_max;
    size_t unproved_max;        /* of these, connections without a check yet */
    usec_t unproved_time;       /* for which they may stay so */
    size_t queue_max;           /* bytes waiting for a slow peer */
};

struct tcp_listener {
    struct poll_source source;
    struct poll *poll;                  /* borrowed */
    struct timer_wheel *wheel;          /* borrowed */
    struct tcp_settings settings;
    struct list proved;                 /* of struct tcp_connection */
    struct list waiting;                /* without a check yet, oldest first */
    size_t count;
    size_t unproved;
    struct timer pause;         /* until there may be descriptors again */

    /* one packet came; it may be written to until the callback returns */
    void (*packet)(void *ctx, struct tcp_connection *c, uint8_t *data,
                   size_t len);
    /* the connection is about to go; forget it */
    void (*closed)(void *ctx, struct tcp_connection *c);
    void *ctx;

    counter_t refused;          /* connections beyond the limits, or old */
    counter_t dropped;          /* packets for which a queue had no room */
};

struct tcp_connection {
    struct poll_source source;
    struct tcp_listener *listener;      /* borrowed: outlives us */
    struct list node;
    struct timer unproved;
    struct framing in;
    uint8_t *out;               /* owned; allocated when first needed */
    size_t out_start;
    size_t out_end;
    struct address from;
    struct address to;
    bool proved;
    bool closing;               /* by the callback of its own event */
    bool busy;
    void *user;                 /* whose it is, once it is proved */
};

/* the caller has set packet, closed, ctx.  SFU_ERR_SYSTEM */
int tcp_listen(struct tcp_listener *l, const struct address *bind,
               struct poll *poll, struct timer_wheel *wheel,
               const struct tcp_settings *settings);
void tcp_listener_close(struct tcp_listener *l);

/* a STUN check was valid: the time limit is over */
void tcp_connection_prove(struct tcp_connection *c);
/* whole packets only: what does not fit into the queue is dropped, counted */
void tcp_connection_send(struct tcp_connection *c, struct span packet);
void tcp_connection_close(struct tcp_connection *c);

#endif
