/*
 * media/consent.c - who has been silent for too long.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/consent.h"

#include <stdlib.h>

#include "base/error.h"
#include "media/transport.h"

enum {
    FIRST_ROOM = 64,
    /* silence is noticed late by so much of the shortest that matters */
    INTERVAL_SHARE = 16,
    INTERVAL_MIN = 10 * USEC_PER_MS,
};

static void
sweep(struct timer *timer, usec_t now)
{
    struct consent *consent = container_of(timer, struct consent, sweep);

    /* from behind: a row that goes has the last one put in its place */
    for (size_t row = consent->count; row-- > 0;) {
        if (consent->due[row] <= now) {
            consent->silent(consent->whose[row], now);
        }
    }

    if (consent->count) {
        timer_arm(consent->wheel, timer, now + consent->interval);
    }
}

void
consent_init(struct consent *consent, struct timer_wheel *wheel,
             usec_t patience,
             void (*silent)(struct media_transport *t, usec_t now))
{
    usec_t interval = patience / INTERVAL_SHARE;

    *consent = (struct consent){
        .wheel = wheel,
        .interval = interval > INTERVAL_MIN ? interval : INTERVAL_MIN,
        .silent = silent,
    };

    timer_init(&consent->sweep, sweep);
}

void
consent_fini(struct consent *consent)
{
    free(consent->due);
    free(consent->whose);
    consent->due = NULL;
    consent->whose = NULL;
}

static int
grow(struct consent *consent)
{
    size_t room = consent->room ? consent->room * 2 : FIRST_ROOM;
    struct media_transport **whose;
    usec_t *due = realloc(consent->due, room * sizeof(*due));

    if (due == NULL) {
        return SFU_ERR_NOMEM;
    }

    consent->due = due;
    whose = realloc(consent->whose, room * sizeof(*whose));

    if (whose == NULL) {
        return SFU_ERR_NOMEM;
    }

    consent->whose = whose;
    consent->room = room;

    return 0;
}

int
consent_watch(struct consent *consent, struct media_transport *t, usec_t now,
              usec_t due)
{
    if (consent->count == consent->room && grow(consent)) {
        return SFU_ERR_NOMEM;
    }

    if (consent->count == 0) {
        timer_arm(consent->wheel, &consent->sweep, now + consent->interval);
    }

    t->consent_row = consent->count++;
    consent->whose[t->consent_row] = t;
    consent->due[t->consent_row] = due;

    return 0;
}

void
consent_move(struct consent *consent, const struct media_transport *t,
             usec_t due)
{
    if (t->consent_row != CONSENT_NO_ROW) {
        consent->due[t->consent_row] = due;
    }
}

void
consent_forget(struct consent *consent, struct media_transport *t)
{
    size_t row = t->consent_row;
    size_t last = consent->count - 1;

    if (row == CONSENT_NO_ROW) {
        return;
    }

    consent->whose[row] = consent->whose[last];
    consent->due[row] = consent->due[last];
    consent->whose[row]->consent_row = row;
    consent->count--;
    t->consent_row = CONSENT_NO_ROW;

    if (consent->count == 0) {
        timer_disarm(consent->wheel, &consent->sweep);
    }
}
