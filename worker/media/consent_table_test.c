/*
 * media/consent_table_test.c - the table of those who may be silent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/consent.h"

#include "media/transport.h"
#include "test/tap.h"

enum {
    SESSIONS = 1000,
    PATIENCE = 8 * USEC_PER_SEC,
    STEP = USEC_PER_SEC,
};

static struct timer_wheel wheel;
static struct consent consent;
static struct media_transport sessions[SESSIONS];
static int found[SESSIONS];
static usec_t now = 1000 * USEC_PER_SEC;

/* each third ends there and then; others are looked at again much later */
static void
silent(struct media_transport *t, usec_t at)
{
    size_t i = (size_t)(t - sessions);

    found[i]++;

    if (i % 3 == 0) {
        consent_forget(&consent, t);
    } else {
        consent_move(&consent, t, at + 60LL * PATIENCE);
    }
}

static void
pass(usec_t time)
{
    for (usec_t until = now + time; now < until; now += STEP / 10) {
        timer_wheel_run(&wheel, now);
    }
}

/* how many sessions were found that often, of those from first on */
static int
found_times(int times, size_t first, size_t step)
{
    int n = 0;

    for (size_t i = first; i < SESSIONS; i += step) {
        n += found[i] == times;
    }

    return n;
}

static bool
rows_agree(void)
{
    for (size_t row = 0; row < consent.count; row++) {
        if (consent.whose[row]->consent_row != row) {
            return false;
        }
    }

    return true;
}

int
main(void)
{
    timer_wheel_init(&wheel, now);
    consent_init(&consent, &wheel, PATIENCE, silent);

    for (size_t i = 0; i < SESSIONS; i++) {
        sessions[i].consent_row = CONSENT_NO_ROW;
    }

    consent_forget(&consent, &sessions[0]);
    consent_move(&consent, &sessions[0], 0);
    tap_ok(consent.count == 0 && wheel.armed == 0,
           "who is not watched is left alone, and nobody has no timer");

    for (size_t i = 0; i < SESSIONS; i++) {
        consent_watch(&consent, &sessions[i], now, now + PATIENCE);
    }

    tap_is_int((long long)wheel.armed, 1, "all have one timer");
    pass(PATIENCE - STEP);
    tap_is_int(found_times(0, 0, 1), SESSIONS, "nobody is found early");

    /* the even ones are heard of */
    for (size_t i = 0; i < SESSIONS; i += 2) {
        consent_move(&consent, &sessions[i], now + PATIENCE);
    }

    pass(2 * STEP);
    tap_is_int(found_times(1, 1, 2), SESSIONS / 2, "the silent are, once");
    tap_is_int(found_times(0, 0, 2), SESSIONS / 2, "and nobody else");
    tap_ok(rows_agree(), "rows know whose they are when some have gone");
    pass(PATIENCE);
    tap_is_int(found_times(1, 0, 1), SESSIONS, "the others, in their time");
    tap_ok(rows_agree() && consent.count == SESSIONS - (SESSIONS + 2) / 3,
           "who ended meanwhile has no row");

    for (size_t i = SESSIONS; i-- > 0;) {
        consent_forget(&consent, &sessions[i]);
    }

    tap_ok(consent.count == 0 && wheel.armed == 0, "the last one stops it");
    consent_watch(&consent, &sessions[7], now, now + PATIENCE);
    pass(PATIENCE + STEP);
    tap_is_int(found[7], 2, "and the next one begins it again");
    consent_forget(&consent, &sessions[7]);
    consent_fini(&consent);

    return tap_done();
}
