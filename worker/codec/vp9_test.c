/*
 * codec/vp9_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/vp9.h"
#include "base/error.h"
#include "test/tap.h"

/* first bytes of a frame's uncompressed header */
#define KEY 0x82                /* profile 0, key frame, shown */
#define INTER 0x86
#define KEY_PROFILE_3 0xb1
#define INTER_PROFILE_3 0xb3
#define SHOW_EXISTING 0x88

struct row {
    const char *why;
    size_t len;
    uint8_t bytes[24];
    int error;
    bool keyframe;
    size_t descriptor;
};

static const struct row rows[] = {
    { "key frame", 2, { 0x08, KEY }, 0, true, 1 },
    { "FFmpeg leaves P at 0 in every frame", 2, { 0x08, INTER }, 0, false, 1 },
    { "P is set", 2, { 0x48, KEY }, 0, false, 1 },
    { "middle of a frame", 2, { 0x00, KEY }, 0, false, 1 },
    { "profile 3 has one bit more", 2, { 8, KEY_PROFILE_3 }, 0, true, 1 },
    { "inter frame of profile 3", 2, { 8, INTER_PROFILE_3 }, 0, false, 1 },
    { "an old frame shown again", 2, { 8, SHOW_EXISTING }, 0, false, 1 },
    { "encrypted, so no frame marker", 2, { 0x08, 0x42 }, 0, false, 1 },
    { "7 bit picture id", 3, { 0x88, 0x11, KEY }, 0, true, 2 },
    { "15 bit picture id", 4, { 0x88, 0x80, 0x11, KEY }, 0, true, 3 },
    { "layers bring TL0PICIDX", 4, { 0x28, 0x00, 0x09, KEY }, 0, true, 3 },
    { "but not in flexible mode", 3, { 0x38, 0x00, KEY }, 0, true, 2 },
    { "upper spatial layer of a key picture", 4, { 0x28, 0x03, 0x09, INTER },
      0, false, 3 },
    { "flexible, predicted from three", 5, { 0x58, 3, 5, 6, INTER },
      0, false, 4 },
    { "F without P lists nothing", 2, { 0x18, KEY }, 0, true, 1 },
    { "a fourth reference", 6, { 0x58, 3, 5, 7, 8, INTER },
      SFU_ERR_MALFORMED },
    { "structure: one layer with its size", 7,
      { 0x0a, 0x10, 0x01, 0x40, 0x00, 0xf0, KEY }, 0, true, 6 },
    { "structure: two layers, no sizes, a group of two", 7,
      { 0x0a, 0x28, 2, 0x04, 0x01, 0x00, KEY }, 0, true, 6 },
    { "structure ends in a size", 5, { 0x0a, 0x10, 1, 0x40, 0 },
      SFU_ERR_TRUNCATED },
    { "structure ends in its group", 3, { 0x0a, 0x08, 2 },
      SFU_ERR_TRUNCATED },
    { "a descriptor without a frame", 1, { 0x08 }, 0, false, 1 },
    { "ends before the picture id", 1, { 0x88 }, SFU_ERR_TRUNCATED },
    { "ends in a picture id", 2, { 0x88, 0x80 }, SFU_ERR_TRUNCATED },
    { "ends before the layers", 1, { 0x28 }, SFU_ERR_TRUNCATED },
    { "ends before TL0PICIDX", 2, { 0x28, 0 }, SFU_ERR_TRUNCATED },
    { "ends in the references", 2, { 0x58, 3 }, SFU_ERR_TRUNCATED },
    { "nothing at all", 0, { 0 }, SFU_ERR_TRUNCATED },
};

int
main(void)
{
    /* I L B V: 15 bits, tid 2, U, sid 0, D; two layers with sizes */
    const uint8_t full[] = {
        0xaa, 0x92, 0x34, 0x51, 0x77,
        0x30, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, KEY,
    };
    const uint8_t flexible[] = { 0x70, 0x64, 0x03, 0x04, INTER };
    struct vp9_descriptor d;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct span payload = span_of(row->bytes, row->len);

        tap_is_int(vp9_descriptor_parse(&d, payload), row->error, "%s",
                   row->why);

        if (row->error == 0) {
            tap_is_int((long long)d.len, (long long)row->descriptor,
                       "  its length");
        }

        tap_is_int(vp9_is_keyframe(payload), row->keyframe, "  key frame");
    }

    tap_is_int(vp9_descriptor_parse(&d, span_of(full, sizeof(full))), 0,
               "everything in non-flexible mode");
    tap_ok(d.picture_id_long && d.picture_id == 0x1234, "picture id");
    tap_is_int((long long)d.picture_id_offset, 1, "where it is");
    tap_ok(d.tid == 2 && d.switching_up && d.sid == 0 && d.inter_layer,
           "layers");
    tap_ok(d.has_tl0picidx && d.tl0picidx == 0x77, "TL0PICIDX");
    tap_is_int((long long)d.tl0picidx_offset, 4, "where that is");
    tap_is_int(d.spatial_layers, 2, "spatial layers");
    tap_ok(d.width[0] == 320 && d.height[0] == 180, "size of the first");
    tap_ok(d.width[1] == 640 && d.height[1] == 360, "size of the second");
    tap_is_int((long long)d.len, 14, "length");

    vp9_descriptor_parse(&d, span_of(flexible, sizeof(flexible)));
    tap_ok(d.tid == 3 && d.sid == 2 && !d.has_tl0picidx, "flexible layers");
    tap_ok(d.references == 2 && d.reference[0] == 1 && d.reference[1] == 2,
           "flexible references");

    return tap_done();
}
