/*
 * codec/picture_test.c - layers and numbers of pictures.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/picture.h"

#include "test/tap.h"

#define BYTES(...) { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

static struct codec_picture
read(enum codec_id codec, const uint8_t *payload, size_t len)
{
    struct codec_picture p;

    codec_picture_read(&p, codec, span_of(payload, len));

    return p;
}

static void
layers(void)
{
    static const struct {
        const char *what;
        enum codec_id codec;
        uint8_t payload[16];
        size_t len;
        bool keyframe, has_spatial, has_temporal, sync;
        uint8_t spatial, temporal;
    } rows[] = {
        { "VP8, a key frame", CODEC_VP8,
          BYTES(0x90, 0xe0, 0x81, 0x02, 0x07, 0x00, 0x10, 0, 0, 0x9d),
          true, false, true, false, 0, 0 },
        { "VP8, second temporal layer, sync", CODEC_VP8,
          BYTES(0x90, 0xe0, 0x81, 0x02, 0x07, 0x60, 0x11),
          false, false, true, true, 0, 1 },
        { "VP8, third", CODEC_VP8,
          BYTES(0x90, 0xe0, 0x81, 0x02, 0x07, 0x80, 0x11),
          false, false, true, false, 0, 2 },
        { "VP8 without layers", CODEC_VP8, BYTES(0x10, 0x11, 0, 0),
          false, false, false, false, 0, 0 },
        { "VP8 that ends in its descriptor", CODEC_VP8, BYTES(0x90, 0xe0),
          false, false, false, false, 0, 0 },
        { "VP9, spatial 1, temporal 2, switching up", CODEC_VP9,
          BYTES(0xec, 0x81, 0x02, 0x53, 0x09, 0x00),
          false, true, true, true, 1, 2 },
        { "H.264, a slice that others refer to", CODEC_H264,
          BYTES(0x61, 0x00), false, false, true, true, 0, 0 },
        { "H.264, one that none refers to", CODEC_H264,
          BYTES(0x01, 0x00), false, false, true, true, 0, 1 },
        { "H.264, a fragment of such a one", CODEC_H264,
          BYTES(0x1c, 0x41), false, false, true, true, 0, 1 },
        { "H.264, SEI is of importance 0, too", CODEC_H264,
          BYTES(0x06, 0x05), false, false, false, false, 0, 0 },
        { "H.265, TSA of the third layer", CODEC_H265,
          BYTES(0x06, 0x03, 0x00), false, false, true, true, 0, 2 },
        { "sound", CODEC_OPUS, BYTES(0x90, 0xe0, 0x81),
          false, false, false, false, 0, 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct codec_picture p = read(rows[i].codec, rows[i].payload,
                                      rows[i].len);

        tap_ok(p.keyframe == rows[i].keyframe
               && p.has_spatial == rows[i].has_spatial
               && p.has_temporal == rows[i].has_temporal
               && p.sync == rows[i].sync, "%s", rows[i].what);
        tap_ok(p.spatial == rows[i].spatial && p.temporal == rows[i].temporal,
               "is of its layer");
    }
}

/* what a subscriber sees when the source changes */
static void
numbers_go_on(void)
{
    uint8_t last[] = { 0x90, 0xe0, 0xff, 0xff, 0xfe, 0x00, 0x11 };
    uint8_t next[] = { 0x90, 0xe0, 0x81, 0x02, 0x07, 0x00, 0x10 };
    uint8_t with_short[] = { 0x90, 0xe0, 0x7f, 0x07, 0x00, 0x11, 0 };
    struct codec_picture a = read(CODEC_VP8, last, sizeof(last));
    struct codec_picture b = read(CODEC_VP8, next, sizeof(next));
    struct codec_picture c = read(CODEC_VP8, with_short, sizeof(with_short));
    struct codec_shift shift = codec_shift_next(&a, (struct codec_shift){ 0 },
                                                &b);

    tap_ok(codec_shift_any(shift), "another source has other numbers");
    codec_picture_shift(&b, shift, next);
    b = read(CODEC_VP8, next, sizeof(next));
    tap_ok(b.id == 0 && b.id_long, "after 32767 comes 0, of 15 bits");
    tap_is_int(b.tl0, 0xff, "and of tl0picidx the next one");

    shift = codec_shift_next(&a, (struct codec_shift){ 0 }, &c);
    codec_picture_shift(&c, shift, with_short);
    c = read(CODEC_VP8, with_short, sizeof(with_short));
    tap_ok(c.id == 0 && !c.id_long, "7 bits stay 7 bits");

    a.has_id = a.has_tl0 = false;
    tap_ok(!codec_shift_any(codec_shift_next(&a, (struct codec_shift){ 0 },
                                             &b)),
           "after a source without numbers they stay as they are");
}

int
main(void)
{
    layers();
    numbers_go_on();

    return tap_done();
}
