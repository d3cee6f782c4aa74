/*
 * rtp/rate_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/rate.h"
#include "test/tap.h"

enum { MS = USEC_PER_MS };

int
main(void)
{
    struct rtp_rate r = { 0 };
    usec_t now = 1000 * (usec_t)USEC_PER_SEC + 3 * MS;

    tap_is_int((long long)rtp_rate_bits(&r, now), 0, "nothing came");

    for (int i = 0; i < 500; i++) {
        rtp_rate_add(&r, 1250, now);
        now += 10 * MS;
    }

    tap_is_int((long long)rtp_rate_bits(&r, now), 1000000,
               "100 packets of 1250 bytes a second: 1 Mbit/s");
    tap_is_int((long long)rtp_rate_packets(&r, now), 100, "packets a second");
    tap_is_int((long long)rtp_rate_bits(&r, now - 200 * MS), 1000000,
               "a clock that goes back changes nothing");
    tap_is_int((long long)rtp_rate_packets(&r, now + 500 * MS), 50,
               "half a second of silence");
    tap_is_int((long long)rtp_rate_packets(&r, now + 1050 * MS), 0,
               "a second of it");
    now += 3600 * (usec_t)USEC_PER_SEC;
    rtp_rate_add(&r, 100, now);
    tap_is_int((long long)rtp_rate_bits(&r, now), 0,
               "the step that is being filled does not count");
    tap_is_int((long long)rtp_rate_bits(&r, now + 50 * MS), 800,
               "but then it does");
    tap_is_int((long long)rtp_rate_bits(&r, now + 999 * MS), 800,
               "for a second");
    tap_is_int((long long)rtp_rate_bits(&r, now + 1050 * MS), 0,
               "and no longer");

    return tap_done();
}
