/*
 * load/schedule.c - what is to be done next.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/schedule.h"

#include <stdlib.h>

#include "base/error.h"

void
load_schedule_fini(struct load_schedule *s)
{
    free(s->heap);
}

static void
place(struct load_schedule *s, struct load_slot *slot, size_t at)
{
    s->heap[at] = slot;
    slot->at = at;
}

static void
up(struct load_schedule *s, struct load_slot *slot, size_t at)
{
    for (; at > 1 && s->heap[at / 2]->when > slot->when; at /= 2) {
        place(s, s->heap[at / 2], at);
    }

    place(s, slot, at);
}

static void
down(struct load_schedule *s, struct load_slot *slot, size_t at)
{
    for (size_t child; (child = 2 * at) <= s->count; at = child) {
        if (child < s->count
            && s->heap[child + 1]->when < s->heap[child]->when) {
            child++;
        }

        if (s->heap[child]->when >= slot->when) {
            break;
        }

        place(s, s->heap[child], at);
    }

    place(s, slot, at);
}

int
load_schedule_set(struct load_schedule *s, struct load_slot *slot, usec_t when)
{
    slot->when = when;

    if (slot->at == 0) {
        if (s->count + 1 >= s->room) {
            size_t room = s->room ? 2 * s->room : 64;
            struct load_slot **heap = realloc(s->heap, room * sizeof(*heap));

            if (heap == NULL) {
                return SFU_ERR_NOMEM;
            }

            s->heap = heap;
            s->room = room;
        }

        slot->at = ++s->count;
    }

    /* it goes one way, and the other call then does nothing */
    up(s, slot, slot->at);
    down(s, slot, slot->at);

    return 0;
}

void
load_schedule_remove(struct load_schedule *s, struct load_slot *slot)
{
    size_t at = slot->at;
    struct load_slot *last;

    if (at == 0) {
        return;
    }

    last = s->heap[s->count--];
    slot->at = 0;

    if (last != slot) {
        up(s, last, at);
        down(s, last, last->at);
    }
}
