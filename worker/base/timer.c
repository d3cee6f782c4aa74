/*
 * base/timer.c - a timing wheel.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/timer.h"

#include <string.h>

void
timer_wheel_init(struct timer_wheel *wheel, usec_t now)
{
    for (size_t i = 0; i < TIMER_SLOTS; i++) {
        list_init(&wheel->slots[i]);
    }

    memset(wheel->maybe, 0, sizeof(wheel->maybe));
    wheel->tick = now / TIMER_TICK;
    wheel->armed = 0;
}

/* rounded up, so that nothing fires early */
static usec_t
tick_of(usec_t when)
{
    return (when + TIMER_TICK - 1) / TIMER_TICK;
}

static void
run_slot(struct timer_wheel *wheel, struct list *slot, usec_t now)
{
    struct list due;

    list_init(&due);

    list_each(node, next, slot) {
        struct timer *timer = container_of(node, struct timer, node);

        if (tick_of(timer->when) <= wheel->tick) {
            list_remove(node);
            list_append(&due, node);
        }
    }

    for (struct list *node; (node = list_shift(&due)) != NULL;) {
        struct timer *timer = container_of(node, struct timer, node);

        wheel->armed--;
        timer->fire(timer, now);
    }
}

void
timer_wheel_run(struct timer_wheel *wheel, usec_t now)
{
    usec_t last = now / TIMER_TICK;

    /* after a long stop one turn meets every timer */
    if (last - wheel->tick > TIMER_SLOTS) {
        wheel->tick = last - TIMER_SLOTS;
    }

    for (; wheel->tick <= last; wheel->tick++) {
        run_slot(wheel, &wheel->slots[wheel->tick % TIMER_SLOTS], now);
    }
}

/* the first slot from "slot" on, up to the end, that may have timers; or -1 */
static int
next_maybe(const struct timer_wheel *wheel, int slot)
{
    uint64_t bits = wheel->maybe[slot / 64] & (UINT64_MAX << (slot % 64));

    for (int word = slot / 64;; bits = wheel->maybe[word]) {
        if (bits) {
            return 64 * word + __builtin_ctzll(bits);
        }

        if (++word == TIMER_SLOTS / 64) {
            return -1;
        }
    }
}

/*
 * Runs before every wait for events, so it does not look at a thousand lists.
 * A slot loses its bit here, once it was found empty.
 */
usec_t
timer_wheel_wait(struct timer_wheel *wheel, usec_t now)
{
    int first = (int)(wheel->tick % TIMER_SLOTS);
    int slot = first;
    bool wrapped = false;
    usec_t next;

    if (wheel->armed == 0) {
        return -1;
    }

    for (;;) {
        slot = next_maybe(wheel, slot);

        if (slot == -1) {
            if (wrapped) {
                return 0;
            }

            slot = 0;
            wrapped = true;
            continue;
        }

        if (!list_empty(&wheel->slots[slot])) {
            break;
        }

        wheel->maybe[slot / 64] &= ~((uint64_t)1 << (slot % 64));
    }

    next = (wheel->tick + (slot - first + TIMER_SLOTS) % TIMER_SLOTS)
           * TIMER_TICK;

    return next > now ? next - now : 0;
}

void
timer_init(struct timer *timer, void (*fire)(struct timer *, usec_t))
{
    list_init(&timer->node);
    timer->when = 0;
    timer->fire = fire;
}

void
timer_arm(struct timer_wheel *wheel, struct timer *timer, usec_t when)
{
    usec_t tick = tick_of(when);
    size_t slot;

    timer_disarm(wheel, timer);

    /* the current slot may be just what is being run */
    if (tick <= wheel->tick) {
        tick = wheel->tick + 1;
    }

    slot = (size_t)tick % TIMER_SLOTS;
    timer->when = when;
    list_append(&wheel->slots[slot], &timer->node);
    wheel->maybe[slot / 64] |= (uint64_t)1 << (slot % 64);
    wheel->armed++;
}

void
timer_disarm(struct timer_wheel *wheel, struct timer *timer)
{
    if (timer_armed(timer)) {
        list_remove(&timer->node);
        wheel->armed--;
    }
}
