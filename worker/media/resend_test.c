/*
 * media/resend_test.c - how much a subscriber can have sent again.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/fixture.h"

enum { PORT = 21756, PACKETS = 60 };

static size_t
sum(const struct client_packet *const *packets, size_t n)
{
    size_t bytes = 0;

    for (size_t i = 0; i < n; i++) {
        bytes += packets[i]->len;
    }

    return bytes;
}

/* every number of the last packets, as one report, several times over */
static void
flood(struct client *c, uint16_t highest, int times)
{
    uint16_t seqs[PACKETS];

    for (uint16_t i = 0; i < PACKETS; i++) {
        seqs[i] = (uint16_t)(highest - PACKETS + 1 + i);
    }

    for (int i = 0; i < times; i++) {
        fixture_nack(c, seqs, PACKETS);
        client_wait(c, NULL, 15);
    }
}

int
main(void)
{
    struct fixture_call call;
    struct media_sink_params params;
    const struct client_packet *got[CLIENT_PACKETS];
    const struct client_packet *rtx[CLIENT_PACKETS];
    counter_t *drops = fixture.loops[0].counters.drops;
    size_t n;
    size_t resent;

    fixture.settings.resend_percent = 50;
    fixture_begin(PORT);
    fixture_sink_params(&params);
    fixture_call(&call, &params);

    for (uint16_t i = 0; i < PACKETS; i++) {
        fixture_send(&call.publisher, (uint16_t)(100 + i), i == 0);
    }

    client_wait(&call.subscriber, NULL, 100);
    n = fixture_got(&call.subscriber, SUBSCRIBER_PT, got);
    tap_is_int((long long)n, PACKETS, "all is forwarded");
    flood(&call.subscriber, fixture_seq(got[n - 1]), 10);
    resent = fixture_got(&call.subscriber, SUBSCRIBER_RTX_PT, rtx);
    tap_ok(resent > PACKETS / 4, "packets are sent again: %zu", resent);
    tap_ok(sum(rtx, resent) <= sum(got, n),
           "not more than the share, with what RTX adds: %zu of %zu bytes",
           sum(rtx, resent), sum(got, n));
    tap_ok(resent < PACKETS, "whatever is asked for");
    tap_ok(counter_get(&drops[MEDIA_DROP_resend_limit]) > 0,
           "the rest is counted");
    fixture_hang_up(&call);
    fixture_end();

    return tap_done();
}
