/*
 * media/buffer.h - packets that are kept for retransmission.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Decrypted, as they came; one owner each.  Memory comes
 * in chunks up to a limit and is used again, never given back while the loop
 * lives.
 */

#ifndef SFU_MEDIA_BUFFER_H
#define SFU_MEDIA_BUFFER_H

#include "base/counter.h"
#include "base/span.h"

enum {
    MEDIA_PACKET_MAX = 1536,    /* longer datagrams are refused */
};

struct media_buffer {
    struct media_buffer *next;  /* while it is free */
    uint16_t len;
    uint8_t data[MEDIA_PACKET_MAX];
};

struct media_buffers {
    struct media_buffer *free;
    void **chunks;              /* owned */
    size_t chunk_count;
    size_t max;
    counter_t *in_use;          /* borrowed */
};

void media_buffers_init(struct media_buffers *pool, size_t max,
                        counter_t *in_use);
void media_buffers_fini(struct media_buffers *pool);

/* a copy of the bytes, or NULL at the limit, or when it is too long */
struct media_buffer *media_buffer_keep(struct media_buffers *pool,
                                       struct span bytes);
void media_buffer_release(struct media_buffers *pool,
                          struct media_buffer *buffer);

#endif
