/*
 * base/bucket.h - so many a second, and a second's worth at once.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_BASE_BUCKET_H
#define SFU_BASE_BUCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

/* full when all zeros */
struct bucket {
    double taken;
    usec_t since;
};

/* rate 0: as many as anybody likes */
static inline bool
bucket_take(struct bucket *b, size_t rate, usec_t now)
{
    double returned = (double)(now - b->since) / USEC_PER_SEC * (double)rate;

    if (rate == 0) {
        return true;
    }

    b->taken = b->taken > returned ? b->taken - returned : 0;
    b->since = now;

    if (b->taken + 1 > (double)rate) {
        return false;
    }

    b->taken += 1;

    return true;
}

#endif
