/*
 * codec/h264.c - NAL units in an H.264 payload (RFC 6184, section 5).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/h264.h"

#include "base/error.h"
#include "base/reader.h"

#define H264_TYPE 0x1f
#define H264_FU_START 0x80

static void
unit_begins(struct h264_units *u, uint8_t type, struct span slice)
{
    u->types |= (uint32_t)1 << type;

    /*
     * first_mb_in_slice is an Exp-Golomb number, 0 being one bit "1".  The
     * further slices of a picture have a larger one.
     */
    if (type == H264_NAL_IDR && slice.len && (slice.data[0] & 0x80)) {
        u->idr_start = true;
    }
}

/* the units of an aggregate, each behind its length and an offset */
static int
parse_aggregate(struct h264_units *u, struct reader *r, size_t offset_len)
{
    while (reader_left(r)) {
        struct span unit = reader_bytes(r, reader_u16(r));
        struct reader inner;
        uint8_t type;

        if (!reader_ok(r)) {
            return SFU_ERR_TRUNCATED;
        }

        inner = reader_over(unit);
        reader_skip(&inner, offset_len);
        type = reader_u8(&inner) & H264_TYPE;

        if (!reader_ok(&inner)) {
            return SFU_ERR_MALFORMED;
        }

        unit_begins(u, type, reader_rest(&inner));
    }

    return 0;
}

int
h264_units_parse(struct h264_units *u, struct span payload)
{
    struct reader r = reader_over(payload);
    uint8_t type = reader_u8(&r) & H264_TYPE;
    uint8_t fu;

    *u = (struct h264_units){ 0 };

    switch (type) {
    case H264_NAL_STAP_A:
        return parse_aggregate(u, &r, 0);

    case H264_NAL_STAP_B:
        reader_skip(&r, 2);             /* DON */

        return reader_ok(&r) ? parse_aggregate(u, &r, 0) : SFU_ERR_TRUNCATED;

    case H264_NAL_MTAP16:
    case H264_NAL_MTAP24:
        reader_skip(&r, 2);             /* DONB; then DOND, time offset */

        return !reader_ok(&r) ? SFU_ERR_TRUNCATED
               : parse_aggregate(u, &r, type == H264_NAL_MTAP16 ? 3 : 4);

    case H264_NAL_FU_A:
    case H264_NAL_FU_B:
        fu = reader_u8(&r);

        if (type == H264_NAL_FU_B) {
            reader_skip(&r, 2);         /* DON */
        }

        if (reader_ok(&r) && (fu & H264_FU_START)) {
            unit_begins(u, fu & H264_TYPE, reader_rest(&r));
        }

        break;

    default:
        if (reader_ok(&r)) {
            unit_begins(u, type, reader_rest(&r));
        }
    }

    return reader_ok(&r) ? 0 : SFU_ERR_TRUNCATED;
}

bool
h264_is_keyframe(struct span payload)
{
    struct h264_units u;

    return h264_units_parse(&u, payload) == 0
           && (u.idr_start || (u.types >> H264_NAL_SPS & 1));
}
