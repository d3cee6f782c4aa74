/*
 * codec/vp9.c - the VP9 payload descriptor (RFC 9628, section 4.2).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/vp9.h"

#include "base/error.h"
#include "base/reader.h"

/* the first byte */
#define VP9_I 0x80
#define VP9_P 0x40
#define VP9_L 0x20
#define VP9_F 0x10
#define VP9_B 0x08
#define VP9_E 0x04
#define VP9_V 0x02
#define VP9_Z 0x01
/* picture id of 15 bits */
#define VP9_M 0x80
/* the scalability structure's first byte */
#define VP9_Y 0x10
#define VP9_G 0x08

static void
parse_picture_id(struct vp9_descriptor *d, struct span payload,
    struct reader *r)
{
    uint8_t byte;

    d->picture_id_offset = payload.len - reader_left(r);
    byte = reader_u8(r);
    d->picture_id = byte;

    if (byte & VP9_M) {
        d->picture_id_long = true;
        d->picture_id = (uint16_t)((byte & ~VP9_M) << 8 | reader_u8(r));
    }
}

static void
parse_layers(struct vp9_descriptor *d, struct span payload, struct reader *r)
{
    uint8_t byte = reader_u8(r);

    d->tid = byte >> 5;
    d->switching_up = byte & 0x10;
    d->sid = byte >> 1 & 0x07;
    d->inter_layer = byte & 0x01;

    if (!d->flexible) {
        d->has_tl0picidx = true;
        d->tl0picidx_offset = payload.len - reader_left(r);
        d->tl0picidx = reader_u8(r);
    }
}

/* false: a fourth reference is announced */
static bool
parse_references(struct vp9_descriptor *d, struct reader *r)
{
    uint8_t byte;

    do {
        if (d->references == VP9_REFERENCES_MAX) {
            return false;
        }

        byte = reader_u8(r);
        d->reference[d->references++] = byte >> 1;
    } while (byte & 1);

    return true;
}

/* section 4.2.1; of the picture group only the length matters here */
static void
parse_structure(struct vp9_descriptor *d, struct reader *r)
{
    uint8_t byte = reader_u8(r);

    d->spatial_layers = (byte >> 5) + 1;

    if (byte & VP9_Y) {
        for (int i = 0; i < d->spatial_layers; i++) {
            d->width[i] = reader_u16(r);
            d->height[i] = reader_u16(r);
        }
    }

    if (byte & VP9_G) {
        for (int pictures = reader_u8(r); pictures > 0; pictures--) {
            reader_skip(r, reader_u8(r) >> 2 & 0x03);
        }
    }
}

/*
 * The uncompressed header: frame_marker, profile, show_existing_frame,
 * frame_type.  The descriptor's P is not enough: it is 0 for intra-only frames
 * as well, which do not reset the decoder, and FFmpeg never sets it.
 */
static bool
begins_key_frame(struct span frame)
{
    uint8_t byte;
    unsigned shift;

    if (frame.len == 0) {
        return false;
    }

    byte = frame.data[0];
    /* profile 3 has a reserved bit behind it */
    shift = (byte & 0x30) == 0x30 ? 1 : 2;

    return byte >> 6 == 2 && (byte >> shift & 0x03) == 0;
}

int
vp9_descriptor_parse(struct vp9_descriptor *d, struct span payload)
{
    struct reader r = reader_over(payload);
    uint8_t first = reader_u8(&r);

    *d = (struct vp9_descriptor){ 0 };
    d->has_picture_id = first & VP9_I;
    d->inter_predicted = first & VP9_P;
    d->has_layers = first & VP9_L;
    d->flexible = first & VP9_F;
    d->start = first & VP9_B;
    d->end = first & VP9_E;
    d->has_structure = first & VP9_V;
    d->not_reference = first & VP9_Z;

    if (d->has_picture_id) {
        parse_picture_id(d, payload, &r);
    }

    if (d->has_layers) {
        parse_layers(d, payload, &r);
    }

    if (d->flexible && d->inter_predicted && !parse_references(d, &r)) {
        return SFU_ERR_MALFORMED;
    }

    if (d->has_structure) {
        parse_structure(d, &r);
    }

    d->len = payload.len - reader_left(&r);
    d->keyframe = d->start && !d->inter_predicted && d->sid == 0
                  && begins_key_frame(reader_rest(&r));

    return reader_ok(&r) ? 0 : SFU_ERR_TRUNCATED;
}

bool
vp9_is_keyframe(struct span payload)
{
    struct vp9_descriptor d;

    return vp9_descriptor_parse(&d, payload) == 0 && d.keyframe;
}
