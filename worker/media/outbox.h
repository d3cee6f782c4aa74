/*
 * media/outbox.h - datagrams of a batch, collected before they are sent.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What one receive burst produced for one peer leaves in as few system calls
 * as possible: runs of equal size with UDP_SEGMENT.  Packets are sealed right
 * where they are sent from.
 */

#ifndef SFU_MEDIA_OUTBOX_H
#define SFU_MEDIA_OUTBOX_H

#include "base/list.h"
#include "ice/agent.h"
#include "media/buffer.h"
#include "media/counters.h"
#include "net/udp.h"
#include "srtp/profile.h"

enum {
    /* with the headers of RTX and of our extensions */
    OUTBOX_SLOT = MEDIA_PACKET_MAX + 128 + SRTP_OVERHEAD_MAX,
    /* after which a peer's packets are sent at once: memory, and delay */
    OUTBOX_QUEUE_MAX = 256,
};

struct outbox_slot {
    struct outbox_slot *next;
    size_t len;
    uint8_t data[OUTBOX_SLOT];
};

/* one peer's, embedded in its transport */
struct outbox_queue {
    struct list dirty;          /* in outbox.dirty while there is something */
    struct ice_agent *ice;      /* borrowed: where to */
    struct outbox_slot *first;
    struct outbox_slot *last;
    size_t count;
};

struct outbox {
    struct outbox_slot *slots;  /* owned */
    struct outbox_slot *free;
    struct list dirty;
    struct udp_socket *udp;             /* borrowed */
    struct media_counters *counters;    /* borrowed */
};

/* SFU_ERR_NOMEM */
int outbox_init(struct outbox *outbox, size_t slots, struct udp_socket *udp,
                struct media_counters *counters);
void outbox_fini(struct outbox *outbox);

void outbox_queue_init(struct outbox_queue *queue, struct ice_agent *ice);
/* drops what was not sent */
void outbox_queue_fini(struct outbox *outbox, struct outbox_queue *queue);

/* never NULL: sends everything when it is full.  Commit it or give it back */
struct outbox_slot *outbox_reserve(struct outbox *outbox);
void outbox_commit(struct outbox *outbox, struct outbox_queue *queue,
                   struct outbox_slot *slot, size_t len);
void outbox_return(struct outbox *outbox, struct outbox_slot *slot);

/* at the end of every batch */
void outbox_flush(struct outbox *outbox);

#endif
