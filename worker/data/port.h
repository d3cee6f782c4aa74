/*
 * data/port.h - packets between a media loop and the data loop.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each side writes one ring and reads the other.  A full ring drops, which is
 * what SCTP takes for a network that is slow.  Records name a peer by number,
 * so either end may go first.
 */

#ifndef SFU_DATA_PORT_H
#define SFU_DATA_PORT_H

#include "base/mailbox.h"
#include "base/ring.h"
#include "base/span.h"

enum data_record_type {
    DATA_RECORD_CONNECTED,      /* in: DTLS is there */
    DATA_RECORD_PACKET,
};

/* in a ring; a packet's bytes follow it */
struct data_record {
    uint64_t peer;
    enum data_record_type type;
};

struct data_port {
    struct ring in;             /* the media loop writes */
    struct ring out;            /* the data loop writes */
    struct mailbox *media;      /* borrowed; NULL: there is no such loop */
    struct mailbox *data;       /* borrowed */
    bool wake_media;            /* the data loop's */
    bool wake_data;             /* the media loop's */
};

/* false: the ring is full.  The other side is to be woken afterwards */
bool data_port_put(struct ring *ring, uint64_t peer,
                   enum data_record_type type, struct span bytes);

#endif
