/*
 * rtp/history.c - the packets a track received last, for retransmission.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/history.h"

#include <stdlib.h>

#include "base/error.h"

int
rtp_history_init(struct rtp_history *h, size_t capacity,
    void (*release)(void *owner, void *packet), void *owner)
{
    *h = (struct rtp_history){ .release = release, .owner = owner };

    if (capacity == 0 || (capacity & (capacity - 1)) != 0) {
        return SFU_ERR_MALFORMED;
    }

    h->slots = calloc(capacity, sizeof(h->slots[0]));

    if (h->slots == NULL) {
        return SFU_ERR_NOMEM;
    }

    h->capacity = capacity;

    return 0;
}

void
rtp_history_fini(struct rtp_history *h)
{
    rtp_history_clear(h);
    free(h->slots);
    *h = (struct rtp_history){ 0 };
}

void
rtp_history_clear(struct rtp_history *h)
{
    for (size_t i = 0; i < h->capacity; i++) {
        void *packet = h->slots[i].packet;

        h->slots[i] = (struct rtp_history_slot){ 0 };

        if (packet != NULL) {
            h->release(h->owner, packet);
        }
    }
}

bool
rtp_history_put(struct rtp_history *h, uint64_t seq, void *packet)
{
    struct rtp_history_slot *slot = &h->slots[seq & (h->capacity - 1)];
    void *old = slot->packet;

    if (old != NULL && slot->seq >= seq) {
        h->release(h->owner, packet);
        return false;
    }

    slot->seq = seq;
    slot->packet = packet;

    if (old != NULL) {
        h->release(h->owner, old);
    }

    return true;
}
