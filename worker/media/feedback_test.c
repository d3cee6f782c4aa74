/*
 * media/feedback_test.c - when a publisher is told of losses and arrivals.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/feedback.h"

#include "media/loop.h"
#include "media/peer.h"
#include "test/tap.h"

enum {
    NOW = 1000 * USEC_PER_SEC,
    INTERVAL = 50 * USEC_PER_MS,
    SOON = 10 * USEC_PER_MS,
};

static struct media_settings settings = { .transport_cc_interval = INTERVAL };
static struct media_loop loop = { .settings = &settings };
static struct media_peer peer = { .loop = &loop };

static void
begin(usec_t transport_cc_sent)
{
    loop.now = NOW;
    timer_wheel_init(&loop.wheel, NOW);
    feedback_init(&peer);
    peer.transport_cc_sent = transport_cc_sent;
}

/* from now on, in milliseconds; -1: not at all */
static long long
due(void)
{
    return timer_armed(&peer.feedback_timer)
               ? (peer.feedback_timer.when - NOW) / USEC_PER_MS
               : -1;
}

int
main(void)
{
    begin(NOW - 20 * USEC_PER_MS);
    tap_is_int(due(), -1, "nothing to tell, nothing armed");
    feedback_want_transport_cc(&peer);
    tap_is_int(due(), 30, "arrivals wait until their interval has passed");
    loop.now += 2 * USEC_PER_MS;
    feedback_want_transport_cc(&peer);
    tap_is_int(due(), 30, "further arrivals change nothing");
    feedback_want_nacks(&peer);
    tap_is_int(due(), 12, "a loss does not wait for them");
    loop.now += 2 * USEC_PER_MS;
    feedback_want_nacks(&peer);
    feedback_want_transport_cc(&peer);
    tap_is_int(due(), 12, "and is not put off by what comes after it");

    begin(NOW - USEC_PER_SEC);
    feedback_want_transport_cc(&peer);
    tap_is_int(due(), SOON / USEC_PER_MS,
               "after silence, a few arrivals are told at once");

    begin(NOW - 45 * USEC_PER_MS);
    feedback_want_nacks(&peer);
    loop.now += 3 * USEC_PER_MS;
    feedback_want_transport_cc(&peer);
    tap_is_int(due(), 10, "one timer serves both, the earlier time counts");

    return tap_done();
}
