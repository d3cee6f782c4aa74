/*
 * codec/red.c - redundant audio (RFC 2198).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/red.h"

#include "base/error.h"

/* a block's first byte: another header follows this one */
#define RED_F 0x80
#define RED_PT 0x7f

enum {
    HEADER_LEN = 4,
    PRIMARY_HEADER_LEN = 1,
};

/* offset and length of a header with F, 14 and 10 bits */
static uint32_t
read_offset_and_len(struct reader *r)
{
    return reader_u24(r);
}

int
red_parse(struct red *red, struct span payload)
{
    struct reader r = reader_over(payload);
    size_t headers = PRIMARY_HEADER_LEN;
    size_t data = 0;

    while (reader_u8(&r) & RED_F) {
        data += read_offset_and_len(&r) & 0x3ff;
        headers += HEADER_LEN;
    }

    if (!reader_ok(&r) || data > reader_left(&r)) {
        return SFU_ERR_TRUNCATED;
    }

    red->headers = reader_over(span_of(payload.data, headers));
    red->data = r;
    red->done = false;

    return 0;
}

bool
red_next(struct red *red, struct red_block *block)
{
    uint8_t first;
    uint32_t rest;

    if (red->done) {
        return false;
    }

    first = reader_u8(&red->headers);
    block->payload_type = first & RED_PT;
    block->primary = !(first & RED_F);

    if (block->primary) {
        block->timestamp_offset = 0;
        block->data = reader_rest(&red->data);
        red->done = true;

    } else {
        rest = read_offset_and_len(&red->headers);
        block->timestamp_offset = (uint16_t)(rest >> 10);
        block->data = reader_bytes(&red->data, rest & 0x3ff);
    }

    return true;
}

int
red_remap(uint8_t *payload, size_t len, const uint8_t *map)
{
    struct red_block block;
    struct red red;
    int error = red_parse(&red, span_of(payload, len));

    if (error) {
        return error;
    }

    while (red_next(&red, &block)) {
        if (map[block.payload_type] == RED_UNMAPPED) {
            return SFU_ERR_UNSUPPORTED;
        }
    }

    for (uint8_t *p = payload;; p += HEADER_LEN) {
        bool primary = !(*p & RED_F);

        *p = (uint8_t)((*p & RED_F) | (map[*p & RED_PT] & RED_PT));

        if (primary) {
            return 0;
        }
    }
}
