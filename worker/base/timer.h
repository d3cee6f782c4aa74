/*
 * base/timer.h - a timing wheel.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Arming, moving and cancelling cost the same however many timers there are.
 * A timer fires up to two ticks late, never early.
 */

#ifndef SFU_BASE_TIMER_H
#define SFU_BASE_TIMER_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/list.h"

enum {
    TIMER_TICK = 4096,          /* microseconds */
    TIMER_SLOTS = 4096,         /* one turn is about 17 seconds */
};

struct timer {
    struct list node;
    usec_t when;
    /* the timer is disarmed when this is called, and may be armed again */
    void (*fire)(struct timer *timer, usec_t now);
};

struct timer_wheel {
    struct list slots[TIMER_SLOTS];
    /* slots that may have timers, a bit each; others certainly have none */
    uint64_t maybe[TIMER_SLOTS / 64];
    usec_t tick;                /* the next one to be looked at */
    size_t armed;
};

void timer_wheel_init(struct timer_wheel *wheel, usec_t now);
/* fires what is due */
void timer_wheel_run(struct timer_wheel *wheel, usec_t now);
/* microseconds until it should be run again, -1 when nothing is armed */
usec_t timer_wheel_wait(struct timer_wheel *wheel, usec_t now);

void timer_init(struct timer *timer, void (*fire)(struct timer *, usec_t));
/* an armed timer is moved */
void timer_arm(struct timer_wheel *wheel, struct timer *timer, usec_t when);
/* a disarmed one is left alone */
void timer_disarm(struct timer_wheel *wheel, struct timer *timer);

static inline bool
timer_armed(const struct timer *timer)
{
    return timer->node.next != &timer->node;
}

#endif
