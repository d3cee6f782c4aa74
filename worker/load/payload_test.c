/*
 * load/payload_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * What is generated must be what the worker's own parsers take it for.
 */

#include "load/payload.h"

#include "codec/h264.h"
#include "codec/vp8.h"
#include "test/tap.h"

static uint8_t buffer[1500];

static struct span
make(enum codec_id codec, bool keyframe, size_t index, size_t last, size_t len)
{
    struct writer w = writer_over(buffer, sizeof(buffer));
    struct load_payload p = {
        .codec = codec, .keyframe = keyframe, .frame = 40000, .index = index,
        .last = last, .width = 1280, .height = 720,
    };
    struct load_stamp stamp = { 4000000000u, 1ull << 60 | 12345,
                                1795264002474507123 };

    load_payload_write(&w, &p, &stamp, len);
    tap_ok(writer_ok(&w) && writer_len(&w) == len, "%s, %zu of %zu: %zu bytes",
           codec_name(codec), index, last, len);

    return writer_span(&w);
}

static void
test_stamp(enum codec_id codec, bool keyframe, size_t index, size_t last,
           size_t len)
{
    struct span payload = make(codec, keyframe, index, last, len);
    struct load_stamp stamp = { 0 };
    bool starts = keyframe && index == 0 && codec != CODEC_OPUS;

    tap_ok(load_payload_read(payload, &stamp) && stamp.stream == 4000000000u
               && stamp.count == (1ull << 60 | 12345)
               && stamp.sent == 1795264002474507123,
           "the stamp comes back");

    /* of H.264, the IDR picture itself begins in the second packet */
    if (codec != CODEC_H264 || index != 1) {
        tap_is_int(codec_is_keyframe(codec, payload), starts,
                   "a key frame begins here: %s", starts ? "yes" : "no");
    }
}

static void
test_sizes(void)
{
    static const enum codec_id codecs[] = { CODEC_VP8, CODEC_H264,
                                            CODEC_OPUS };

    for (size_t c = 0; c < 3; c++) {
        for (size_t len = LOAD_PAYLOAD_MIN; len < 1388; len += 330) {
            for (int key = 0; key < 2; key++) {
                test_stamp(codecs[c], key, 0, 0, len);
                test_stamp(codecs[c], key, 0, 8, len);
                test_stamp(codecs[c], key, 1, 8, len);
                test_stamp(codecs[c], key, 8, 8, len);
            }
        }
    }
}

static void
test_vp8(void)
{
    struct vp8_descriptor d;
    struct span p = make(CODEC_VP8, true, 0, 8, 1150);

    tap_is_int(vp8_descriptor_parse(&d, p), 0, "VP8: a descriptor");
    tap_ok(d.start && d.partition == 0 && d.has_picture_id
               && d.picture_id_long && d.picture_id == (40000 & 0x7fff),
           "VP8: the picture's number has 15 bits");
    tap_is_int(p.data[d.len + 6] | p.data[d.len + 7] << 8, 1280, "VP8: width");
    p = make(CODEC_VP8, true, 3, 8, 1150);
    vp8_descriptor_parse(&d, p);
    tap_ok(!d.start && !d.keyframe, "VP8: the rest of a frame");
}

static void
test_h264(void)
{
    struct h264_units u;

    tap_is_int(h264_units_parse(&u, make(CODEC_H264, true, 0, 8, 1150)), 0,
               "H.264: STAP-A");
    tap_is_int(u.types, 1 << H264_NAL_SPS | 1 << H264_NAL_PPS
                        | 1 << H264_NAL_SEI, "H.264: parameter sets");
    h264_units_parse(&u, make(CODEC_H264, true, 1, 8, 1150));
    tap_ok(u.idr_start, "H.264: then the picture");
    h264_units_parse(&u, make(CODEC_H264, true, 2, 8, 1150));
    tap_ok(!u.idr_start, "H.264: which goes on");
    h264_units_parse(&u, make(CODEC_H264, true, 0, 0, 200));
    tap_ok(u.idr_start && u.types & 1 << H264_NAL_SPS,
           "H.264: all in one packet");
    h264_units_parse(&u, make(CODEC_H264, false, 0, 0, 200));
    tap_is_int(u.types, 1 << H264_NAL_SLICE, "H.264: a small picture");
}

/* a NAL unit may not contain 00 00 00, 00 00 01, 00 00 02 or 00 00 03 */
static void
test_start_codes(void)
{
    struct span p = make(CODEC_H264, true, 0, 8, 1150);
    bool found = false;

    for (size_t i = 2; i < p.len; i++) {
        found = found || (p.data[i - 2] == 0 && p.data[i - 1] == 0
                          && p.data[i] <= 3);
    }

    tap_ok(!found, "H.264: no start code inside");
    tap_is_int(p.data[p.len - 1], 0x80, "H.264: ends with the trailing bits");
}

static void
test_foreign(void)
{
    uint8_t noise[64];
    struct load_stamp stamp;

    memset(noise, 0xf5, sizeof(noise));
    tap_ok(!load_payload_read(span_of(noise, sizeof(noise)), &stamp),
           "noise has no stamp");
    tap_ok(!load_payload_read(span_of(noise, 3), &stamp),
           "nor has what is too short");
    tap_ok(!load_payload_read(span_of(noise, 0), &stamp), "or empty");
}

int
main(void)
{
    test_sizes();
    test_vp8();
    test_h264();
    test_start_codes();
    test_foreign();

    return tap_done();
}
