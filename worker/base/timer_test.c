/*
 * base/timer_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/timer.h"
#include "test/tap.h"

struct probe {
    struct timer timer;
    struct timer_wheel *wheel;
    int fired;
    usec_t at;
    usec_t again;               /* rearms itself after that long */
};

static void
fire(struct timer *timer, usec_t now)
{
    struct probe *p = container_of(timer, struct probe, timer);

    p->fired++;
    p->at = now;

    if (p->again) {
        timer_arm(p->wheel, timer, now + p->again);
    }
}

int
main(void)
{
    static struct timer_wheel wheel;
    static const struct {
        const char *why;
        usec_t after;
    } rows[] = {
        { "within the same tick", 1 },
        { "the next tick", TIMER_TICK },
        { "half a turn", (usec_t)TIMER_TICK * TIMER_SLOTS / 2 },
        { "just one turn", (usec_t)TIMER_TICK * TIMER_SLOTS },
        { "several turns", (usec_t)TIMER_TICK * TIMER_SLOTS * 3 + 17 },
    };
    usec_t start = 123456789;
    struct probe p;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        p = (struct probe){ .wheel = &wheel };
        timer_wheel_init(&wheel, start);
        timer_init(&p.timer, fire);
        timer_arm(&wheel, &p.timer, start + rows[i].after);

        for (usec_t now = start; !p.fired && now < start + 60000000;) {
            usec_t wait = timer_wheel_wait(&wheel, now);

            now += wait > 0 ? wait : 1;
            timer_wheel_run(&wheel, now);
        }

        tap_ok(p.at >= start + rows[i].after, "%s: not early", rows[i].why);
        tap_ok(p.at <= start + rows[i].after + 2 * TIMER_TICK,
               "%s: two ticks late at most", rows[i].why);
        tap_is_int((long long)wheel.armed, 0, "%s: disarmed", rows[i].why);
    }

    p = (struct probe){ .wheel = &wheel, .again = 100000 };
    timer_wheel_init(&wheel, start);
    timer_init(&p.timer, fire);
    timer_arm(&wheel, &p.timer, start + 100000);

    for (usec_t now = start; now < start + 1050000; now += 1000) {
        timer_wheel_run(&wheel, now);
    }

    tap_ok(p.fired == 9 || p.fired == 10, "rearms itself while it fires");

    timer_disarm(&wheel, &p.timer);
    timer_disarm(&wheel, &p.timer);
    tap_is_int(timer_wheel_wait(&wheel, start), -1, "nothing to wait for");

    /* one in each slot, taken out at random: the next one is always found */
    {
        static struct probe many[TIMER_SLOTS];
        size_t wrong = 0;

        timer_wheel_init(&wheel, start);

        for (size_t i = 0; i < TIMER_SLOTS; i++) {
            timer_init(&many[i].timer, fire);
            timer_arm(&wheel, &many[i].timer,
                      start + (usec_t)(i + 2) * TIMER_TICK);
        }

        for (size_t n = 0, gone = 7; n < TIMER_SLOTS; n++) {
            usec_t tick = wheel.tick;
            usec_t wait = timer_wheel_wait(&wheel, start);

            while (list_empty(&wheel.slots[tick % TIMER_SLOTS])) {
                tick++;
            }

            wrong += wait != (tick * TIMER_TICK > start
                                  ? tick * TIMER_TICK - start : 0);
            gone = (gone * 5 + 1) % TIMER_SLOTS;
            timer_disarm(&wheel, &many[gone].timer);
        }

        tap_is_int((long long)wrong, 0, "the next of many");
        tap_is_int(timer_wheel_wait(&wheel, start), -1, "and then none");
    }

    p = (struct probe){ .wheel = &wheel };
    timer_init(&p.timer, fire);
    timer_arm(&wheel, &p.timer, start + 2000000);
    timer_wheel_run(&wheel, start + 3600000000);
    tap_is_int(p.fired, 1, "fires after the process was stopped for an hour");

    return tap_done();
}
