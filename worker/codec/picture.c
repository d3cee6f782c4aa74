/*
 * codec/picture.c - which picture a payload is a part of, and of which layer.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/picture.h"

#include "codec/h264.h"
#include "codec/vp8.h"
#include "codec/vp9.h"

enum {
    ID_LONG = 0x7fff,
    ID_SHORT = 0x7f,
    ID_LONG_FLAG = 0x80,        /* M, of either codec */

    H264_NRI = 0x60,
    NAL_TYPE = 0x1f,

    /* RFC 7798, 1.1.4 and ITU-T H.265, table 7-1 */
    H265_TID = 0x07,
    H265_TSA_N = 2,
    H265_STSA_R = 5,
};

static void
read_vp8(struct codec_picture *p, struct span payload)
{
    struct vp8_descriptor d;

    if (vp8_descriptor_parse(&d, payload)) {
        return;
    }

    p->keyframe = d.keyframe;
    p->starts = d.start && d.partition == 0;
    p->has_temporal = d.has_tid;
    p->temporal = d.tid;
    p->sync = d.layer_sync;
    p->has_id = d.has_picture_id;
    p->id_long = d.picture_id_long;
    p->id = d.picture_id;
    p->id_offset = (uint8_t)d.picture_id_offset;
    p->has_tl0 = d.has_tl0picidx;
    p->tl0 = d.tl0picidx;
    p->tl0_offset = (uint8_t)d.tl0picidx_offset;
}

static void
read_vp9(struct codec_picture *p, struct span payload)
{
    struct vp9_descriptor d;

    if (vp9_descriptor_parse(&d, payload)) {
        return;
    }

    p->keyframe = d.keyframe;
    p->starts = d.start;
    p->ends = d.end;
    p->predicted = d.inter_predicted;
    p->has_spatial = p->has_temporal = d.has_layers;
    p->spatial = d.sid;
    p->temporal = d.tid;
    p->sync = d.switching_up;
    p->has_id = d.has_picture_id;
    p->id_long = d.picture_id_long;
    p->id = d.picture_id;
    p->id_offset = (uint8_t)d.picture_id_offset;
    p->has_tl0 = d.has_tl0picidx;
    p->tl0 = d.tl0picidx;
    p->tl0_offset = (uint8_t)d.tl0picidx_offset;
}

/*
 * RFC 6184, 5.3: a slice of importance 0 is referred to by none, so it is of
 * the highest temporal layer.  More is not told.
 */
static void
read_h264(struct codec_picture *p, struct span payload)
{
    uint8_t type;

    p->keyframe = h264_is_keyframe(payload);

    if (payload.len < 2) {
        return;
    }

    type = payload.data[0] & NAL_TYPE;

    if (type == H264_NAL_FU_A) {
        type = payload.data[1] & NAL_TYPE;
    }

    if (type == H264_NAL_SLICE) {
        p->has_temporal = true;
        p->temporal = (payload.data[0] & H264_NRI) == 0 ? 1 : 0;
        p->sync = true;
    }
}

static void
read_h265(struct codec_picture *p, struct span payload)
{
    uint8_t tid, type;

    p->keyframe = codec_is_keyframe(CODEC_H265, payload);

    if (payload.len < 2) {
        return;
    }

    tid = payload.data[1] & H265_TID;
    type = payload.data[0] >> 1 & 0x3f;
    p->has_temporal = tid != 0;
    p->temporal = tid ? tid - 1 : 0;
    p->sync = type >= H265_TSA_N && type <= H265_STSA_R;
}

void
codec_picture_read(struct codec_picture *picture, enum codec_id codec,
                   struct span payload)
{
    *picture = (struct codec_picture){ 0 };

    switch (codec) {
    case CODEC_VP8:
        read_vp8(picture, payload);
        return;
    case CODEC_VP9:
        read_vp9(picture, payload);
        return;
    case CODEC_H264:
        read_h264(picture, payload);
        return;
    case CODEC_H265:
        read_h265(picture, payload);
        return;
    default:
        picture->keyframe = codec_is_keyframe(codec, payload);
        return;
    }
}

struct codec_shift
codec_shift_next(const struct codec_picture *last, struct codec_shift shift,
                 const struct codec_picture *next)
{
    struct codec_shift result = { 0, 0 };

    if (last->has_id && next->has_id) {
        result.id = (uint16_t)(next->id - (last->id - shift.id + 1)) & ID_LONG;
    }

    if (last->has_tl0 && next->has_tl0) {
        result.tl0 = (uint8_t)(next->tl0 - (last->tl0 - shift.tl0 + 1));
    }

    return result;
}

void
codec_picture_shift(const struct codec_picture *picture,
                    struct codec_shift shift, uint8_t *payload)
{
    uint16_t id = (uint16_t)(picture->id - shift.id);

    if (picture->has_id && picture->id_long) {
        id &= ID_LONG;
        payload[picture->id_offset] = (uint8_t)(ID_LONG_FLAG | id >> 8);
        payload[picture->id_offset + 1] = (uint8_t)id;
    } else if (picture->has_id) {
        payload[picture->id_offset] = id & ID_SHORT;
    }

    if (picture->has_tl0) {
        payload[picture->tl0_offset] = (uint8_t)(picture->tl0 - shift.tl0);
    }
}
