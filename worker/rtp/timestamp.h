/*
 * rtp/timestamp.h - RTP timestamps: order, extension, scale.
 * Copyright (C) the ngx_sfu_module authors
 *
 * 32 bits wrap after 13 hours of video; like sequence numbers they are
 * compared only by their distance.
 */

#ifndef SFU_RTP_TIMESTAMP_H
#define SFU_RTP_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

static inline bool
rtp_timestamp_newer(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

/* the timestamp nearest to the reference that ends in these 32 bits */
static inline uint64_t
rtp_timestamp_extend(uint64_t reference, uint32_t timestamp)
{
    int32_t distance = (int32_t)(timestamp - (uint32_t)reference);

    return reference + (uint64_t)(int64_t)distance;
}

/* ticks of the clock in that time, rounded down; time is not negative */
static inline uint64_t
rtp_timestamp_ticks(usec_t time, uint32_t clock_rate)
{
    uint64_t seconds = (uint64_t)time / USEC_PER_SEC;
    uint64_t micros = (uint64_t)time % USEC_PER_SEC;

    return seconds * clock_rate + micros * clock_rate / USEC_PER_SEC;
}

#endif
