/*
 * media/coalesce.c - not to wake up for each datagram, where many come.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/coalesce.h"

enum {
    /* bursts that an interval has to bring: to begin with it, to go on */
    BURSTS_ON = 3,
    BURSTS_OFF = 2,
    /* thousandths; who has much to do sleeps little, and must not sleep more */
    BUSY_ON = 600,
    BUSY_OFF = 750,
    /* shorter is not worth a system call */
    REST_MIN = 30,
};

void
coalesce_decide(struct coalesce *c, usec_t passed, uint64_t busy)
{
    uint64_t expected = c->arrived * (uint64_t)c->interval;
    uint64_t enough = (uint64_t)passed * (c->on ? BURSTS_OFF : BURSTS_ON);

    c->on = c->interval > 0 && expected >= enough
            && busy < (c->on ? BUSY_OFF : BUSY_ON);
    c->arrived = 0;
}

usec_t
coalesce_rest(const struct coalesce *c, usec_t woke, usec_t now, usec_t next)
{
    usec_t rest = woke + c->interval - now;

    if (!c->on || rest < REST_MIN) {
        return 0;
    }

    return next >= 0 && next < rest ? next : rest;
}
