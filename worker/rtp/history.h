/*
 * rtp/history.h - the packets a track received last, for retransmission.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A ring of references indexed by extended sequence number.  What a packet
 * is, only its owner knows; the history holds one reference to each and gives
 * it back through release().
 */

#ifndef SFU_RTP_HISTORY_H
#define SFU_RTP_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rtp_history_slot {
    uint64_t seq;
    void *packet;               /* one reference, or NULL */
};

struct rtp_history {
    struct rtp_history_slot *slots;     /* owned */
    size_t capacity;                    /* a power of two */
    void (*release)(void *owner, void *packet);
    void *owner;                        /* borrowed, for release() */
};

/*
 * The capacity must be a power of two.  SFU_ERR_MALFORMED when it is not,
 * SFU_ERR_NOMEM.
 */
int rtp_history_init(struct rtp_history *h, size_t capacity,
    void (*release)(void *owner, void *packet), void *owner);
/* releases all; fine for a zeroed one and after a failed init */
void rtp_history_fini(struct rtp_history *h);
/* releases all and stays usable */
void rtp_history_clear(struct rtp_history *h);

/*
 * Takes over one reference.  What was in its place is released; a packet
 * that is there already, or older than what has its place, is released
 * itself, and the answer is false.
 */
bool rtp_history_put(struct rtp_history *h, uint64_t seq, void *packet);

/* borrowed: valid until the next put, clear or fini; NULL when not there */
static inline void *
rtp_history_get(const struct rtp_history *h, uint64_t seq)
{
    const struct rtp_history_slot *slot = &h->slots[seq & (h->capacity - 1)];

    return slot->seq == seq ? slot->packet : NULL;
}

#endif
