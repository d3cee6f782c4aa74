/*
 * load/schedule_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/schedule.h"

#include "base/error.h"
#include "test/tap.h"

enum { SLOTS = 200 };

static struct load_slot slots[SLOTS];

static int
fill(void)
{
    struct load_schedule s = { 0 };
    struct load_slot own[100] = { 0 };
    int error = 0;

    for (int i = 0; i < 100 && !error; i++) {
        error = load_schedule_set(&s, &own[i], 100 - i);
    }

    load_schedule_fini(&s);

    return error;
}

/* takes all out; whether they came in order */
static bool
drain(struct load_schedule *s, size_t *count)
{
    struct load_slot *slot;
    usec_t last = -1;
    bool ordered = true;

    for (*count = 0; (slot = load_schedule_first(s)) != NULL; ++*count) {
        ordered = ordered && slot->when >= last && slot->at == 1;
        last = slot->when;
        load_schedule_remove(s, slot);
    }

    return ordered;
}

int
main(void)
{
    struct load_schedule s = { 0 };
    size_t count;
    bool ordered;

    tap_ok(load_schedule_first(&s) == NULL, "empty");

    for (int i = 0; i < SLOTS; i++) {
        load_schedule_set(&s, &slots[i], i * 7919 % 1009);
    }

    /* later, earlier, and out */
    for (int i = 0; i < SLOTS; i += 3) {
        load_schedule_set(&s, &slots[i], i * 104729 % 2003);
    }

    for (int i = 0; i < SLOTS; i += 10) {
        load_schedule_remove(&s, &slots[i]);
        load_schedule_remove(&s, &slots[i]);
    }

    ordered = drain(&s, &count);
    tap_ok(ordered, "earliest first, whatever was moved");
    tap_is_int((long long)count, SLOTS - SLOTS / 10, "all that are in it");
    load_schedule_fini(&s);
    tap_each_allocation_fails(fill);

    return tap_done();
}
