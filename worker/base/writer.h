/*
 * base/writer.h - big-endian output that cannot run over its end.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A write that does not fit is dropped whole, and so is everything after it;
 * the writer remembers it: ask writer_ok() once, at the end.
 */

#ifndef SFU_BASE_WRITER_H
#define SFU_BASE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/span.h"

struct writer {
    uint8_t *start;
    uint8_t *pos;
    uint8_t *end;
    bool failed;
};

static inline struct writer
writer_over(void *buffer, size_t size)
{
    return (struct writer){ buffer, buffer, (uint8_t *)buffer + size, false };
}

static inline bool
writer_ok(const struct writer *w)
{
    return !w->failed;
}

static inline size_t
writer_len(const struct writer *w)
{
    return (size_t)(w->pos - w->start);
}

static inline size_t
writer_left(const struct writer *w)
{
    return w->failed ? 0 : (size_t)(w->end - w->pos);
}

static inline struct span
writer_span(const struct writer *w)
{
    return span_of(w->start, writer_len(w));
}

/* room for len bytes to be filled by the caller, or NULL */
static inline uint8_t *
writer_room(struct writer *w, size_t len)
{
    uint8_t *room = w->pos;

    if (w->failed || len > (size_t)(w->end - w->pos)) {
        w->failed = true;
        return NULL;
    }

    w->pos += len;

    return room;
}

static inline void
writer_bytes(struct writer *w, struct span bytes)
{
    uint8_t *room = writer_room(w, bytes.len);

    if (room != NULL && bytes.len) {
        memcpy(room, bytes.data, bytes.len);
    }
}

static inline void
writer_fill(struct writer *w, uint8_t byte, size_t len)
{
    uint8_t *room = writer_room(w, len);

    if (room != NULL) {
        memset(room, byte, len);
    }
}

static inline void
writer_u8(struct writer *w, uint8_t v)
{
    uint8_t *room = writer_room(w, 1);

    if (room != NULL) {
        room[0] = v;
    }
}

static inline void
writer_u16(struct writer *w, uint16_t v)
{
    uint8_t *room = writer_room(w, 2);

    if (room != NULL) {
        room[0] = (uint8_t)(v >> 8);
        room[1] = (uint8_t)v;
    }
}

static inline void
writer_u24(struct writer *w, uint32_t v)
{
    uint8_t *room = writer_room(w, 3);

    if (room != NULL) {
        room[0] = (uint8_t)(v >> 16);
        room[1] = (uint8_t)(v >> 8);
        room[2] = (uint8_t)v;
    }
}

static inline void
writer_u32(struct writer *w, uint32_t v)
{
    uint8_t *room = writer_room(w, 4);

    if (room != NULL) {
        room[0] = (uint8_t)(v >> 24);
        room[1] = (uint8_t)(v >> 16);
        room[2] = (uint8_t)(v >> 8);
        room[3] = (uint8_t)v;
    }
}

static inline void
writer_u64(struct writer *w, uint64_t v)
{
    writer_u32(w, (uint32_t)(v >> 32));
    writer_u32(w, (uint32_t)v);
}

#endif
