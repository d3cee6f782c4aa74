/*
 * load/port.h - the UDP socket of one endpoint.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A socket each, as clients have, connected to the one address it speaks
 * with, so the kernel keeps strangers away.  Each datagram comes with the
 * time at which the kernel had it (one for a train of UDP_GRO): how long it
 * waited for this program does not count as delay.
 */

#ifndef SFU_LOAD_PORT_H
#define SFU_LOAD_PORT_H

#include "load/engine.h"
#include "net/address.h"

enum {
    LOAD_PORT_BUFFER = 1 << 20, /* bytes a socket may queue */
};

struct load_port {
    struct poll_source source;
    struct load_engine *engine;         /* borrowed */
    int family;
};

struct load_receive_buffers *load_receive_buffers_create(bool gro);
void load_receive_buffers_destroy(struct load_receive_buffers *buffers);

/* ready: of the poll_source.  SFU_ERR_SYSTEM */
int load_port_open(struct load_port *port, struct load_engine *engine,
                   const struct address *peer,
                   void (*ready)(struct poll_source *, uint32_t));
/* from now on with this one, of the same family.  SFU_ERR_SYSTEM */
int load_port_connect(struct load_port *port, const struct address *peer);
/* one that was never opened must have the descriptor -1 */
void load_port_close(struct load_port *port);

/* what the kernel does not take is counted and lost */
void load_port_send(struct load_port *port, struct span datagram);

/*
 * Hands over one batch.  The callback answers whether to go on: false when
 * it has closed the port.  arrival: ns on CLOCK_REALTIME, 0 if not known.
 */
void load_port_receive(struct load_port *port,
                       bool (*datagram)(void *ctx, uint8_t *data, size_t len,
                                        int64_t arrival),
                       void *ctx);

#endif
