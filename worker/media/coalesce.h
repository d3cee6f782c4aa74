/*
 * media/coalesce.h - not to wake up for each datagram, where many come.
 * Copyright (C) the ngx_sfu_module authors
 *
 * As network cards coalesce interrupts: a hundred calls of two people are ten
 * thousand bursts a second, and a third of what they cost is going to sleep
 * and waking up between them.  So a loop that has time to spare stays away
 * for a moment when several bursts will have come meanwhile.
 */

#ifndef SFU_MEDIA_COALESCE_H
#define SFU_MEDIA_COALESCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct coalesce {
    usec_t interval;            /* from one waking up to the next; 0: never */
    bool on;
    uint64_t arrived;           /* bursts since the last decision */
};

static inline void
coalesce_arrived(struct coalesce *c, int bursts)
{
    c->arrived += (uint64_t)bursts;
}

/*
 * Once in a while: whether it pays, by what came in the time that passed, of
 * which the loop was so many thousandths busy.
 */
void coalesce_decide(struct coalesce *c, usec_t passed, uint64_t busy);

/*
 * How long to stay away before events are waited for; 0: not at all.
 * woke: when they last came; next: until a timer is due, -1: there is none
 */
usec_t coalesce_rest(const struct coalesce *c, usec_t woke, usec_t now,
                     usec_t next);

#endif
