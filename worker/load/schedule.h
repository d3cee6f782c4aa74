/*
 * load/schedule.h - what is to be done next, to the microsecond.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A binary heap.  The timing wheel of base/timer.h is cheaper, but its ticks
 * of 4 ms are as long as the bursts that have to be told apart here.
 */

#ifndef SFU_LOAD_SCHEDULE_H
#define SFU_LOAD_SCHEDULE_H

#include <stddef.h>

#include "base/clock.h"

/* embedded in what is scheduled */
struct load_slot {
    usec_t when;
    size_t at;                  /* place in the heap, from 1; 0: not in it */
};

/* zeroed: empty */
struct load_schedule {
    struct load_slot **heap;    /* owned; heap[0] is not used */
    size_t count;
    size_t room;
};

void load_schedule_fini(struct load_schedule *s);

/* adds it, or moves it.  SFU_ERR_NOMEM, which moving never is */
int load_schedule_set(struct load_schedule *s, struct load_slot *slot,
                      usec_t when);
/* one that is not in it is left alone */
void load_schedule_remove(struct load_schedule *s, struct load_slot *slot);

/* the earliest, or NULL */
static inline struct load_slot *
load_schedule_first(const struct load_schedule *s)
{
    return s->count ? s->heap[1] : NULL;
}

#endif
