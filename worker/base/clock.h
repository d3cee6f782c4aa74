/*
 * base/clock.h - time.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Inside the worker a time is a number of microseconds on the monotonic
 * clock, taken once per batch of events and handed down.
 */

#ifndef SFU_BASE_CLOCK_H
#define SFU_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

typedef int64_t usec_t;

#define USEC_PER_MS 1000
#define USEC_PER_SEC 1000000

static inline usec_t
clock_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

static inline usec_t
clock_realtime(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);

    return (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

/* a real time as an NTP timestamp in 32.32 bits (RFC 3550, section 4) */
static inline uint64_t
clock_ntp(usec_t realtime)
{
    uint64_t seconds = (uint64_t)(realtime / USEC_PER_SEC) + 2208988800;
    uint64_t micros = (uint64_t)(realtime % USEC_PER_SEC);

    return seconds << 32 | (micros << 32) / USEC_PER_SEC;
}

/* the other way round, in microseconds since 1900 */
static inline usec_t
clock_of_ntp(uint64_t ntp)
{
    return (usec_t)(ntp >> 32) * USEC_PER_SEC
           + (usec_t)(((ntp & 0xffffffff) * USEC_PER_SEC) >> 32);
}

#endif
