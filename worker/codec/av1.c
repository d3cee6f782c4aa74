/*
 * codec/av1.c - OBUs in an AV1 payload (AOM, RTP Payload Format For AV1, 4).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/av1.h"

#include "base/error.h"
#include "base/reader.h"

/* the aggregation header */
#define AV1_Z 0x80
#define AV1_Y 0x40
#define AV1_N 0x08
/* the OBU header */
#define AV1_FORBIDDEN 0x80
#define AV1_EXTENSION 0x04
#define AV1_HAS_SIZE 0x02

/* AV1, section 4.10.5; 32 bits are all that is allowed */
static uint64_t
read_leb128(struct reader *r)
{
    uint64_t value = 0;
    uint8_t byte;

    for (int shift = 0; shift < 56; shift += 7) {
        byte = reader_u8(r);
        value |= (uint64_t)(byte & 0x7f) << shift;

        if (!(byte & 0x80)) {
            return value;
        }
    }

    r->failed = true;

    return 0;
}

/* the element may be just the beginning of an OBU */
static int
unit_begins(struct av1_units *u, struct span element)
{
    struct reader r = reader_over(element);
    uint8_t header = reader_u8(&r);
    uint8_t type = header >> 3 & 0x0f;
    uint8_t byte;

    if (header & AV1_FORBIDDEN) {
        return SFU_ERR_MALFORMED;
    }

    u->types |= (uint32_t)1 << type;

    if (type != AV1_OBU_FRAME && type != AV1_OBU_FRAME_HEADER) {
        return 0;
    }

    if (header & AV1_EXTENSION) {
        reader_skip(&r, 1);
    }

    if (header & AV1_HAS_SIZE) {
        (void)read_leb128(&r);
    }

    /* show_existing_frame, then frame_type: KEY_FRAME is 0 */
    byte = reader_u8(&r);
    u->key_frame |= reader_ok(&r) && (byte & 0xe0) == 0;

    return 0;
}

int
av1_units_parse(struct av1_units *u, struct span payload)
{
    struct reader r = reader_over(payload);
    uint8_t aggregation = reader_u8(&r);
    unsigned count = aggregation >> 4 & 0x03;   /* W; 0: not told */
    unsigned element = 0;

    *u = (struct av1_units){
        .continues = aggregation & AV1_Z,
        .continued = aggregation & AV1_Y,
        .new_sequence = aggregation & AV1_N,
    };

    if (!reader_ok(&r)) {
        return SFU_ERR_TRUNCATED;
    }

    if (u->continues && u->new_sequence) {
        return SFU_ERR_MALFORMED;
    }

    while (reader_left(&r)) {
        struct span bytes;

        /* with a count, the last element has all that is left */
        if (++element == count) {
            bytes = reader_rest(&r);

        } else {
            bytes = reader_bytes(&r, read_leb128(&r));
        }

        if (!reader_ok(&r)) {
            return SFU_ERR_TRUNCATED;
        }

        if (bytes.len == 0 || (element == 1 && u->continues)) {
            continue;
        }

        if (unit_begins(u, bytes)) {
            return SFU_ERR_MALFORMED;
        }
    }

    return 0;
}

/*
 * A sequence header may be repeated before any frame, so it alone says
 * nothing.  N does; but not every sender sets it.
 */
bool
av1_is_keyframe(struct span payload)
{
    struct av1_units u;

    return av1_units_parse(&u, payload) == 0
           && (u.types >> AV1_OBU_SEQUENCE_HEADER & 1)
           && (u.new_sequence || u.key_frame);
}
