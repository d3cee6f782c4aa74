/*
 * rtp/rate.h - bits and packets a second.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Counts what came within the last whole second, in steps of a twentieth;
 * the step that is being filled does not count yet.
 */

#ifndef SFU_RTP_RATE_H
#define SFU_RTP_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum {
    RTP_RATE_STEPS = 20,
    RTP_RATE_STEP = USEC_PER_SEC / RTP_RATE_STEPS,
};

/* zeroed: nothing came yet */
struct rtp_rate {
    uint32_t bytes[RTP_RATE_STEPS + 1];
    uint32_t packets[RTP_RATE_STEPS + 1];
    int64_t step;               /* the one being filled */
    uint64_t total_bytes;       /* of all steps, the current one too */
    uint64_t total_packets;
};

void rtp_rate_add(struct rtp_rate *r, size_t bytes, usec_t now);
uint64_t rtp_rate_bits(struct rtp_rate *r, usec_t now);
uint64_t rtp_rate_packets(struct rtp_rate *r, usec_t now);

#endif
