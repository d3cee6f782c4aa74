/*
 * codec/h265.c - NAL units in an H.265 payload (RFC 7798, section 4.4).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/h265.h"

#include "base/error.h"
#include "base/reader.h"

#define H265_TYPE 0x3f
#define H265_FU_START 0x80

static uint8_t
read_unit_header(struct reader *r)
{
    return (uint8_t)(reader_u16(r) >> 9 & H265_TYPE);
}

static void
unit_begins(struct h265_units *u, uint8_t type, struct span slice)
{
    u->types |= (uint64_t)1 << type;

    /* the slice begins with first_slice_segment_in_pic_flag */
    if (type >= H265_NAL_IRAP_FIRST && type <= H265_NAL_IRAP_LAST
        && slice.len && (slice.data[0] & 0x80))
    {
        u->irap_start = true;
    }
}

static int
parse_aggregate(struct h265_units *u, struct reader *r)
{
    while (reader_left(r)) {
        struct span unit = reader_bytes(r, reader_u16(r));
        struct reader inner;
        uint8_t type;

        if (!reader_ok(r)) {
            return SFU_ERR_TRUNCATED;
        }

        inner = reader_over(unit);
        type = read_unit_header(&inner);

        if (!reader_ok(&inner)) {
            return SFU_ERR_MALFORMED;
        }

        unit_begins(u, type, reader_rest(&inner));
    }

    return 0;
}

int
h265_units_parse(struct h265_units *u, struct span payload)
{
    struct reader r = reader_over(payload);
    uint8_t type = read_unit_header(&r);
    uint8_t fu;

    *u = (struct h265_units){ 0 };

    if (!reader_ok(&r)) {
        return SFU_ERR_TRUNCATED;
    }

    switch (type) {
    case H265_NAL_AP:
        return parse_aggregate(u, &r);

    case H265_NAL_FU:
        fu = reader_u8(&r);

        if (fu & H265_FU_START) {
            unit_begins(u, fu & H265_TYPE, reader_rest(&r));
        }

        return reader_ok(&r) ? 0 : SFU_ERR_TRUNCATED;

    case H265_NAL_PACI:
        return SFU_ERR_UNSUPPORTED;

    default:
        unit_begins(u, type, reader_rest(&r));

        return 0;
    }
}

bool
h265_is_keyframe(struct span payload)
{
    struct h265_units u;

    return h265_units_parse(&u, payload) == 0
           && (u.irap_start || (u.types >> H265_NAL_VPS & 1)
               || (u.types >> H265_NAL_SPS & 1));
}
