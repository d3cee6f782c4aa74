/*
 * rtp/rate.c - bits and packets a second.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/rate.h"

#include <string.h>

static size_t
index_of(int64_t step)
{
    return (size_t)(step % (RTP_RATE_STEPS + 1));
}

/* empties the steps that passed since; time does not go back */
static void
advance(struct rtp_rate *r, usec_t now)
{
    int64_t step = now / RTP_RATE_STEP;

    if (step <= r->step) {
        return;
    }

    if (step - r->step > RTP_RATE_STEPS) {
        memset(r, 0, sizeof(*r));
        r->step = step;
        return;
    }

    while (r->step < step) {
        size_t i = index_of(++r->step);

        r->total_bytes -= r->bytes[i];
        r->total_packets -= r->packets[i];
        r->bytes[i] = 0;
        r->packets[i] = 0;
    }
}

void
rtp_rate_add(struct rtp_rate *r, size_t bytes, usec_t now)
{
    size_t i;

    advance(r, now);
    i = index_of(r->step);
    r->bytes[i] += (uint32_t)bytes;
    r->packets[i]++;
    r->total_bytes += bytes;
    r->total_packets++;
}

uint64_t
rtp_rate_bits(struct rtp_rate *r, usec_t now)
{
    advance(r, now);

    return (r->total_bytes - r->bytes[index_of(r->step)]) * 8;
}

uint64_t
rtp_rate_packets(struct rtp_rate *r, usec_t now)
{
    advance(r, now);

    return r->total_packets - r->packets[index_of(r->step)];
}
