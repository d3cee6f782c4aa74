/*
 * load/payload.c - what a generated packet carries.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/payload.h"

#include "codec/h264.h"

static const uint8_t magic[4] = { 0xf5, 0xec, 0xfa, 0xd1 };

enum {
    VP8_X = 0x80, VP8_S = 0x10, VP8_I = 0x80, VP8_M = 0x80,
    NRI = 0x60,                 /* nal_ref_idc 3 */
    FU_START = 0x80, FU_END = 0x40,
    SEI_USER_DATA = 5, UUID_LEN = 16,
};

/* seven bits a byte, most significant first */
static void
write_sevens(struct writer *w, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        writer_u8(w, 0x80 | (uint8_t)(value >> (7 * i) & 0x7f));
    }
}

static uint64_t
read_sevens(const uint8_t *p, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++) {
        value = value << 7 | (p[i] & 0x7f);
    }

    return value;
}

static void
write_stamp(struct writer *w, const struct load_stamp *stamp)
{
    writer_bytes(w, span_of(magic, sizeof(magic)));
    write_sevens(w, stamp->stream, 5);
    write_sevens(w, stamp->count, 10);
    write_sevens(w, (uint64_t)stamp->sent, 10);
    writer_u8(w, 0x80);
}

/* RFC 7741, 4.2, and the frame header of RFC 6386, 9.1 */
static void
write_vp8(struct writer *w, const struct load_payload *p)
{
    static const uint8_t start_code[] = { 0x9d, 0x01, 0x2a };
    /* frame type, version 0, shown, size of the first partition */
    uint32_t tag = (p->keyframe ? 0 : 1) | 1 << 4 | 40 << 5;

    writer_u8(w, VP8_X | (p->index == 0 ? VP8_S : 0));
    writer_u8(w, VP8_I);
    writer_u16(w, VP8_M << 8 | (uint16_t)(p->frame & 0x7fff));

    if (p->index > 0) {
        return;
    }

    writer_u8(w, (uint8_t)tag);
    writer_u8(w, (uint8_t)(tag >> 8));
    writer_u8(w, (uint8_t)(tag >> 16));

    if (p->keyframe) {
        writer_bytes(w, span_of(start_code, sizeof(start_code)));
        writer_u8(w, (uint8_t)p->width);
        writer_u8(w, (uint8_t)(p->width >> 8));
        writer_u8(w, (uint8_t)p->height);
        writer_u8(w, (uint8_t)(p->height >> 8));
    }
}

/*
 * The parameter sets, as a browser sends them before an IDR picture, in one
 * packet with a message of user data (SEI) that fills it; or, when the frame
 * is but one packet, with the picture.  len: what the payload has room for.
 */
static void
write_h264_sets(struct writer *w, const struct load_payload *p, size_t len)
{
    static const uint8_t sps[] = { 0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40,
                                   0x50, 0x1e, 0xd0, 0x0f, 0x08, 0x84, 0x6a };
    static const uint8_t pps[] = { 0x68, 0xce, 0x3c, 0x80 };
    size_t end = writer_len(w) + len;
    size_t left;

    writer_u8(w, NRI | H264_NAL_STAP_A);
    writer_u16(w, sizeof(sps));
    writer_bytes(w, span_of(sps, sizeof(sps)));
    writer_u16(w, sizeof(pps));
    writer_bytes(w, span_of(pps, sizeof(pps)));
    left = end - writer_len(w) - 2;
    writer_u16(w, (uint16_t)left);

    if (p->last == 0) {
        writer_u8(w, NRI | H264_NAL_IDR);
        writer_u8(w, 0x88);     /* first_mb_in_slice 0, an I slice */
        return;
    }

    /* the message's size takes a byte, and one more for each 255 */
    left -= 2 + 1;              /* type of unit and message, trailing bits */
    left -= left / 256 + 1;
    writer_u8(w, H264_NAL_SEI);
    writer_u8(w, SEI_USER_DATA);

    for (; left >= 255; left -= 255) {
        writer_u8(w, 255);
    }

    writer_u8(w, (uint8_t)left);
    writer_fill(w, 0xa5, UUID_LEN);
}

static void
write_h264(struct writer *w, const struct load_payload *p, size_t len)
{
    /* where the picture begins: behind the packet of the parameter sets */
    size_t first = p->keyframe && p->last > 0 ? 1 : 0;
    uint8_t type = p->keyframe ? H264_NAL_IDR : H264_NAL_SLICE;

    if (p->keyframe && p->index == 0) {
        write_h264_sets(w, p, len);
        return;
    }

    if (p->last == first) {
        writer_u8(w, NRI | type);
        writer_u8(w, p->keyframe ? 0x88 : 0x9a);
        return;
    }

    writer_u8(w, NRI | H264_NAL_FU_A);
    writer_u8(w, type | (p->index == first ? FU_START : 0)
                     | (p->index == p->last ? FU_END : 0));

    if (p->index == first) {
        writer_u8(w, p->keyframe ? 0x88 : 0x9a);
    }
}

void
load_payload_write(struct writer *w, const struct load_payload *p,
                   const struct load_stamp *stamp, size_t len)
{
    size_t end = writer_len(w) + len;

    switch (p->codec) {
    case CODEC_VP8:
        write_vp8(w, p);
        break;
    case CODEC_H264:
        write_h264(w, p, len);
        break;
    default:
        /* RFC 6716, 3.1: CELT, full band, 20 ms, stereo, one frame */
        writer_u8(w, 0xfc);
    }

    writer_fill(w, 0xc3, end - writer_len(w) - LOAD_STAMP_LEN);
    write_stamp(w, stamp);
}

bool
load_payload_read(struct span payload, struct load_stamp *stamp)
{
    const uint8_t *p = payload.data + payload.len - LOAD_STAMP_LEN;

    if (payload.len < LOAD_STAMP_LEN || memcmp(p, magic, sizeof(magic)) != 0) {
        return false;
    }

    stamp->stream = (uint32_t)read_sevens(p + 4, 5);
    stamp->count = read_sevens(p + 9, 10);
    stamp->sent = (int64_t)read_sevens(p + 19, 10);

    return true;
}
