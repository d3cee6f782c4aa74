/*
 * media/buffer.c - packets that are kept for retransmission.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/buffer.h"

#include <stdlib.h>

enum { CHUNK = 64 };            /* buffers, about 100 kB */

void
media_buffers_init(struct media_buffers *pool, size_t max, counter_t *in_use)
{
    *pool = (struct media_buffers){ .max = max, .in_use = in_use };
}

void
media_buffers_fini(struct media_buffers *pool)
{
    for (size_t i = 0; i < pool->chunk_count; i++) {
        free(pool->chunks[i]);
    }

    free(pool->chunks);
    *pool = (struct media_buffers){ 0 };
}

static void
add_chunk(struct media_buffers *pool)
{
    struct media_buffer *chunk;
    void **chunks;

    if ((pool->chunk_count + 1) * CHUNK > pool->max) {
        return;
    }

    chunks = realloc(pool->chunks, (pool->chunk_count + 1) * sizeof(*chunks));

    if (chunks == NULL) {
        return;
    }

    pool->chunks = chunks;
    chunk = malloc(CHUNK * sizeof(*chunk));

    if (chunk == NULL) {
        return;
    }

    chunks[pool->chunk_count++] = chunk;

    for (int i = 0; i < CHUNK; i++) {
        chunk[i].next = pool->free;
        pool->free = &chunk[i];
    }
}

struct media_buffer *
media_buffer_keep(struct media_buffers *pool, struct span bytes)
{
    struct media_buffer *buffer;

    if (bytes.len > MEDIA_PACKET_MAX) {
        return NULL;
    }

    if (pool->free == NULL) {
        add_chunk(pool);
    }

    buffer = pool->free;

    if (buffer == NULL) {
        return NULL;
    }

    pool->free = buffer->next;
    memcpy(buffer->data, bytes.data, bytes.len);
    buffer->len = (uint16_t)bytes.len;
    counter_add(pool->in_use, 1);

    return buffer;
}

void
media_buffer_release(struct media_buffers *pool, struct media_buffer *buffer)
{
    buffer->next = pool->free;
    pool->free = buffer;
    counter_add(pool->in_use, (uint64_t)-1);
}
