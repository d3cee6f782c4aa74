/*
 * load/histogram.h - how often which value came, from 1 to 2^40.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Log-linear, as HdrHistogram has it: each power of two is divided into
 * LOAD_HISTOGRAM_STEPS equal steps, so a percentile is at most 1/64 above
 * the true one, whatever its size, and adding a value costs an increment.
 */

#ifndef SFU_LOAD_HISTOGRAM_H
#define SFU_LOAD_HISTOGRAM_H

#include <stdint.h>

enum {
    LOAD_HISTOGRAM_STEPS = 64,  /* a power of two */
    LOAD_HISTOGRAM_BITS = 40,   /* larger values count as the largest */
    LOAD_HISTOGRAM_CELLS = (LOAD_HISTOGRAM_BITS - 5) * 64,
};

/* zeroed: empty */
struct load_histogram {
    uint64_t count;
    uint64_t sum;
    uint64_t max;               /* exact */
    uint64_t cells[LOAD_HISTOGRAM_CELLS];
};

/* negative values (clocks that disagree) count as 0 */
void load_histogram_add(struct load_histogram *h, int64_t value);
void load_histogram_merge(struct load_histogram *to,
                          const struct load_histogram *from);

/* the value that so many percent do not exceed; 0 when empty */
uint64_t load_histogram_percentile(const struct load_histogram *h,
                                   double percent);

static inline double
load_histogram_mean(const struct load_histogram *h)
{
    return h->count ? (double)h->sum / (double)h->count : 0;
}

#endif
