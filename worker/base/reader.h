/*
 * base/reader.h - big-endian input that cannot run over its end.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A read past the end yields zeros, and from then on everything does; the
 * reader remembers it, so a parser follows the figure in the RFC and asks
 * reader_ok() once.
 */

#ifndef SFU_BASE_READER_H
#define SFU_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct reader {
    const uint8_t *pos;
    const uint8_t *end;
    bool failed;
};

static inline struct reader
reader_over(struct span input)
{
    return (struct reader){ input.data, input.data + input.len, false };
}

static inline bool
reader_ok(const struct reader *r)
{
    return !r->failed;
}

static inline size_t
reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->pos);
}

static inline struct span
reader_bytes(struct reader *r, size_t len)
{
    struct span bytes;

    if (len > reader_left(r)) {
        r->failed = true;
        r->pos = r->end;
        return (struct span){ r->end, 0 };
    }

    bytes = span_of(r->pos, len);
    r->pos += len;

    return bytes;
}

/* all that is left; after a failure, nothing */
static inline struct span
reader_rest(struct reader *r)
{
    return reader_bytes(r, reader_left(r));
}

static inline void
reader_skip(struct reader *r, size_t len)
{
    (void)reader_bytes(r, len);
}

static inline uint8_t
reader_u8(struct reader *r)
{
    struct span b = reader_bytes(r, 1);

    return b.len ? b.data[0] : 0;
}

static inline uint16_t
reader_u16(struct reader *r)
{
    struct span b = reader_bytes(r, 2);

    return b.len ? (uint16_t)(b.data[0] << 8 | b.data[1]) : 0;
}

static inline uint32_t
reader_u24(struct reader *r)
{
    struct span b = reader_bytes(r, 3);

    return b.len ? (uint32_t)b.data[0] << 16 | (uint32_t)b.data[1] << 8
                 | b.data[2]
                 : 0;
}

static inline uint32_t
reader_u32(struct reader *r)
{
    struct span b = reader_bytes(r, 4);

    return b.len ? (uint32_t)b.data[0] << 24 | (uint32_t)b.data[1] << 16
                 | (uint32_t)b.data[2] << 8 | b.data[3]
                 : 0;
}

static inline uint64_t
reader_u64(struct reader *r)
{
    uint64_t high = reader_u32(r);
    uint64_t low = reader_u32(r);

    return high << 32 | low;
}

#endif
