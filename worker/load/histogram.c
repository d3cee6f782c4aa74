/*
 * load/histogram.c - a log-linear histogram.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/histogram.h"

#include <math.h>

enum { STEP_BITS = 6 };         /* log2(LOAD_HISTOGRAM_STEPS) */

_Static_assert(1 << STEP_BITS == LOAD_HISTOGRAM_STEPS, "a power of two");

/* values below two times the steps have a cell each */
static unsigned
cell_of(uint64_t value)
{
    unsigned top = 63 - (unsigned)__builtin_clzll(value | 1);
    unsigned shift;

    if (top <= STEP_BITS) {
        return (unsigned)value;
    }

    shift = top - STEP_BITS;

    return (shift << STEP_BITS) + (unsigned)(value >> shift);
}

/* the largest value of a cell */
static uint64_t
value_of(unsigned cell)
{
    unsigned shift;

    if (cell < 2 * LOAD_HISTOGRAM_STEPS) {
        return cell;
    }

    shift = (cell >> STEP_BITS) - 1;

    return (((uint64_t)cell - ((uint64_t)shift << STEP_BITS) + 1) << shift)
           - 1;
}

void
load_histogram_add(struct load_histogram *h, int64_t value)
{
    uint64_t v = value > 0 ? (uint64_t)value : 0;
    uint64_t limit = ((uint64_t)1 << LOAD_HISTOGRAM_BITS) - 1;

    h->count++;
    h->sum += v;
    h->max = v > h->max ? v : h->max;
    h->cells[cell_of(v < limit ? v : limit)]++;
}

void
load_histogram_merge(struct load_histogram *to,
                     const struct load_histogram *from)
{
    to->count += from->count;
    to->sum += from->sum;
    to->max = from->max > to->max ? from->max : to->max;

    for (unsigned i = 0; i < LOAD_HISTOGRAM_CELLS; i++) {
        to->cells[i] += from->cells[i];
    }
}

uint64_t
load_histogram_percentile(const struct load_histogram *h, double percent)
{
    uint64_t rank = (uint64_t)ceil((double)h->count * percent / 100);
    uint64_t seen = 0;

    for (unsigned i = 0; i < LOAD_HISTOGRAM_CELLS; i++) {
        seen += h->cells[i];

        if (seen >= rank && seen > 0) {
            uint64_t value = value_of(i);

            return value < h->max ? value : h->max;
        }
    }

    return h->max;
}
