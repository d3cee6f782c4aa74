/*
 * base/ring.h - records from one thread to one other, without a lock.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Records are of any length and lie whole in the ring, so the reader works on
 * them in place.  When it is full, a record is refused.
 */

#ifndef SFU_BASE_RING_H
#define SFU_BASE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    uint8_t *data;                      /* owned */
    size_t size;                        /* a power of two */
    _Alignas(64) _Atomic size_t head;   /* written by the reader */
    size_t read;                        /* the reader's: up to here */
    _Alignas(64) _Atomic size_t tail;   /* written by the writer */
    size_t reserved;                    /* the writer's: of ring_reserve() */
};

/* size: a power of two.  SFU_ERR_NOMEM */
int ring_init(struct ring *r, size_t size);
void ring_fini(struct ring *r);

/* the writer: room for len bytes, aligned for anything, or NULL; then commit */
void *ring_reserve(struct ring *r, size_t len);
void ring_commit(struct ring *r, size_t len);

/* the reader: where the ring ends now, for ring_is_before() */
size_t ring_end(const struct ring *r);
/* whether there is a record from before that end */
bool ring_is_before(const struct ring *r, size_t end);

/*
 * The reader: the oldest record that was not read, or NULL.  ring_advance() goes
 * on to the next; records stay valid until ring_release() gives back all that
 * were read.
 */
void *ring_peek(struct ring *r, size_t *len);
void ring_advance(struct ring *r);
void ring_release(struct ring *r);

#endif
