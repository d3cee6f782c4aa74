/*
 * codec/vp8.c - the VP8 payload descriptor (RFC 7741, section 4.2).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/vp8.h"

#include "base/error.h"
#include "base/reader.h"

/* the first byte */
#define VP8_X 0x80
#define VP8_N 0x20
#define VP8_S 0x10
#define VP8_PID 0x07
/* the extension byte */
#define VP8_I 0x80
#define VP8_L 0x40
#define VP8_T 0x20
#define VP8_K 0x10
/* picture id of 15 bits */
#define VP8_M 0x80
/* the payload header (section 4.3): 0 for key frames */
#define VP8_P 0x01

static void
parse_extension(struct vp8_descriptor *d, struct span payload,
    struct reader *r)
{
    uint8_t flags = reader_u8(r);
    uint8_t byte;

    if (flags & VP8_I) {
        d->has_picture_id = true;
        d->picture_id_offset = payload.len - reader_left(r);
        byte = reader_u8(r);
        d->picture_id = byte;

        if (byte & VP8_M) {
            d->picture_id_long = true;
            d->picture_id = (uint16_t)((byte & ~VP8_M) << 8 | reader_u8(r));
        }
    }

    if (flags & VP8_L) {
        d->has_tl0picidx = true;
        d->tl0picidx_offset = payload.len - reader_left(r);
        d->tl0picidx = reader_u8(r);
    }

    if (flags & (VP8_T | VP8_K)) {
        byte = reader_u8(r);
        d->has_tid = flags & VP8_T;
        d->has_keyidx = flags & VP8_K;
        d->tid = d->has_tid ? byte >> 6 : 0;
        d->layer_sync = d->has_tid && (byte & 0x20);
        d->keyidx = d->has_keyidx ? byte & 0x1f : 0;
    }
}

int
vp8_descriptor_parse(struct vp8_descriptor *d, struct span payload)
{
    struct reader r = reader_over(payload);
    uint8_t first = reader_u8(&r);

    *d = (struct vp8_descriptor){ 0 };
    d->non_reference = first & VP8_N;
    d->start = first & VP8_S;
    d->partition = first & VP8_PID;

    if (first & VP8_X) {
        parse_extension(d, payload, &r);
    }

    d->len = payload.len - reader_left(&r);

    if (d->start && d->partition == 0 && reader_left(&r)) {
        d->keyframe = !(reader_u8(&r) & VP8_P);
    }

    return reader_ok(&r) ? 0 : SFU_ERR_TRUNCATED;
}

bool
vp8_is_keyframe(struct span payload)
{
    struct vp8_descriptor d;

    return vp8_descriptor_parse(&d, payload) == 0 && d.keyframe;
}
