/*
 * base/ring.c - records from one thread to one other, without a lock.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A record is a 16-byte header with its length and its bytes, rounded up.  A
 * header that says SKIP fills the end of the ring when a record would not
 * lie whole in it.
 */

#include "base/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { HEADER = 16 };

#define SKIP SIZE_MAX

static size_t
rounded(size_t len)
{
    return HEADER + ((len + HEADER - 1) & ~(size_t)(HEADER - 1));
}

int
ring_init(struct ring *r, size_t size)
{
    memset(r, 0, sizeof(*r));
    r->size = size;
    r->data = aligned_alloc(64, size);

    return r->data != NULL ? 0 : SFU_ERR_NOMEM;
}

void
ring_fini(struct ring *r)
{
    free(r->data);
    r->data = NULL;
}

void *
ring_reserve(struct ring *r, size_t len)
{
    size_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    size_t at = tail & (r->size - 1);
    size_t need = rounded(len);
    size_t skip = r->size - at < need ? r->size - at : 0;

    if (r->size - (tail - head) < need + skip) {
        return NULL;
    }

    if (skip) {
        size_t mark = SKIP;

        memcpy(r->data + at, &mark, sizeof(mark));
        at = 0;
    }

    r->reserved = tail + skip;

    return r->data + at + HEADER;
}

void
ring_commit(struct ring *r, size_t len)
{
    memcpy(r->data + (r->reserved & (r->size - 1)), &len, sizeof(len));
    atomic_store_explicit(&r->tail, r->reserved + rounded(len),
                          memory_order_release);
}

size_t
ring_end(const struct ring *r)
{
    return atomic_load_explicit(&r->tail, memory_order_acquire);
}

bool
ring_is_before(const struct ring *r, size_t end)
{
    return r->read != end && end - r->read <= r->size;
}

void *
ring_peek(struct ring *r, size_t *len)
{
    size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    size_t at = r->read & (r->size - 1);

    if (r->read == tail) {
        return NULL;
    }

    memcpy(len, r->data + at, sizeof(*len));

    if (*len == SKIP) {
        /* a record follows: both were published at once */
        r->read += r->size - at;
        at = 0;
        memcpy(len, r->data, sizeof(*len));
    }

    return r->data + at + HEADER;
}

void
ring_advance(struct ring *r)
{
    size_t len;

    memcpy(&len, r->data + (r->read & (r->size - 1)), sizeof(len));
    r->read += rounded(len);
}

void
ring_release(struct ring *r)
{
    atomic_store_explicit(&r->head, r->read, memory_order_release);
}
