/*
 * base/counter.h - figures that one thread counts and others read.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One writer only: an addition is a plain load and store, no locked
 * instruction.
 */

#ifndef SFU_BASE_COUNTER_H
#define SFU_BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter_t;

static inline uint64_t
counter_get(const counter_t *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void
counter_add(counter_t *c, uint64_t n)
{
    atomic_store_explicit(c, counter_get(c) + n, memory_order_relaxed);
}

static inline void
counter_set(counter_t *c, uint64_t n)
{
    atomic_store_explicit(c, n, memory_order_relaxed);
}

#endif
