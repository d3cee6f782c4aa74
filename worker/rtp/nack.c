/*
 * rtp/nack.c - which packets of a stream are missing, and when to ask.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/nack.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int
rtp_nack_init(struct rtp_nack *n, const struct rtp_nack_settings *s)
{
    *n = (struct rtp_nack){ .settings = *s };

    if (s->window == 0 || (s->window & (s->window - 1)) != 0
        || s->tries_max > 255)
    {
        return SFU_ERR_MALFORMED;
    }

    n->slots = calloc(s->window, sizeof(n->slots[0]));

    return n->slots != NULL ? 0 : SFU_ERR_NOMEM;
}

void
rtp_nack_fini(struct rtp_nack *n)
{
    free(n->slots);
    *n = (struct rtp_nack){ 0 };
}

void
rtp_nack_reset(struct rtp_nack *n)
{
    memset(n->slots, 0, n->settings.window * sizeof(n->slots[0]));
    n->highest = 0;
    n->oldest = 0;
    n->missing = 0;
    n->keyframe_wanted = false;
}

static struct rtp_nack_slot *
slot_of(struct rtp_nack *n, uint64_t seq)
{
    return &n->slots[seq & (n->settings.window - 1)];
}

static void
give_up(struct rtp_nack *n, struct rtp_nack_slot *slot)
{
    slot->missing = false;
    n->missing--;
    n->given_up++;
    n->keyframe_wanted = true;
}

/* the window moves up by one: its oldest number had this slot */
static struct rtp_nack_slot *
take_slot(struct rtp_nack *n, uint64_t seq)
{
    struct rtp_nack_slot *slot = slot_of(n, seq);

    if (slot->missing) {
        give_up(n, slot);
    }

    return slot;
}

static void
begin_at(struct rtp_nack *n, uint64_t seq)
{
    n->highest = seq;
    n->oldest = seq + 1;
}

static void
advance(struct rtp_nack *n, uint64_t seq, usec_t now)
{
    uint64_t gap = seq - n->highest - 1;

    if (gap >= n->settings.window) {
        n->given_up += n->missing + gap;
        rtp_nack_reset(n);
        n->keyframe_wanted = true;
        begin_at(n, seq);
        return;
    }

    for (uint64_t s = n->highest + 1; s < seq; s++) {
        *take_slot(n, s) = (struct rtp_nack_slot){
            .found = now,
            .due = now + n->settings.reorder_delay,
            .missing = true,
        };
        n->missing++;
    }

    (void)take_slot(n, seq);
    n->highest = seq;
}

static void
fill_gap(struct rtp_nack *n, uint64_t seq)
{
    struct rtp_nack_slot *slot = slot_of(n, seq);

    if (n->highest - seq >= n->settings.window || !slot->missing) {
        return;
    }

    slot->missing = false;
    n->missing--;
    n->recovered += slot->tries > 0;
}

void
rtp_nack_received(struct rtp_nack *n, uint64_t seq, usec_t now)
{
    if (seq > n->highest) {
        if (n->highest == 0) {
            begin_at(n, seq);

        } else {
            advance(n, seq, now);
        }

    } else if (n->missing) {
        fill_gap(n, seq);
    }
}

/* where a walk over what is missing begins */
static uint64_t
first_missing(const struct rtp_nack *n)
{
    uint64_t window = n->settings.window;

    return n->highest >= n->oldest + window ? n->highest - window + 1
                                            : n->oldest;
}

void
rtp_nack_forget_before(struct rtp_nack *n, uint64_t seq)
{
    uint64_t end = seq < n->highest ? seq : n->highest;

    for (uint64_t s = first_missing(n); n->missing && s < end; s++) {
        struct rtp_nack_slot *slot = slot_of(n, s);

        n->missing -= slot->missing;
        slot->missing = false;
    }
}

size_t
rtp_nack_due(struct rtp_nack *n, usec_t now, usec_t rtt, uint16_t *seqs,
    size_t max)
{
    const struct rtp_nack_settings *set = &n->settings;
    usec_t interval = rtt > set->interval_min ? rtt : set->interval_min;
    size_t count = 0;
    uint64_t s;

    if (n->missing == 0) {
        n->oldest = n->highest + 1;
        return 0;
    }

    n->oldest = first_missing(n);

    for (s = n->oldest; s < n->highest && count < max; s++) {
        struct rtp_nack_slot *slot = slot_of(n, s);

        if (!slot->missing) {
            /* the next walk need not come here */
            n->oldest += s == n->oldest;
            continue;
        }

        /* the last request, too, has its time to be answered */
        if (now - slot->found > set->age_max
            || (slot->tries >= set->tries_max && now >= slot->due))
        {
            give_up(n, slot);
            continue;
        }

        if (now >= slot->due) {
            slot->tries++;
            slot->due = now + interval;
            seqs[count++] = (uint16_t)s;
        }
    }

    return count;
}

bool
rtp_nack_take_keyframe_wanted(struct rtp_nack *n)
{
    bool wanted = n->keyframe_wanted;

    n->keyframe_wanted = false;

    return wanted;
}
