/*
 * codec/vp8_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/vp8.h"
#include "base/error.h"
#include "test/tap.h"

struct row {
    const char *why;
    size_t len;
    uint8_t bytes[12];
    int error;
    bool keyframe;
    size_t descriptor;
};

static const struct row rows[] = {
    { "smallest descriptor, key frame", 2, { 0x10, 0x00 }, 0, true, 1 },
    { "smallest descriptor, inter frame", 2, { 0x10, 0x01 }, 0, false, 1 },
    { "not the start of a partition", 2, { 0x00, 0x00 }, 0, false, 1 },
    { "another partition starts", 2, { 0x11, 0x00 }, 0, false, 1 },
    { "7 bit picture id", 4, { 0x90, 0x80, 0x7f, 0x00 }, 0, true, 3 },
    { "15 bit picture id", 5, { 0x90, 0x80, 0xff, 0xff, 0x00 }, 0, true, 4 },
    { "TL0PICIDX alone", 4, { 0x90, 0x40, 0x05, 0x00 }, 0, true, 3 },
    { "T alone brings a byte", 4, { 0x90, 0x20, 0xc0, 0x00 }, 0, true, 3 },
    { "K alone brings the same byte", 4, { 0x90, 0x10, 0x1f, 0 }, 0, true, 3 },
    { "T and K share it", 4, { 0x90, 0x30, 0xff, 0x00 }, 0, true, 3 },
    { "all of it, as Chromium sends simulcast", 7,
      { 0x90, 0xe0, 0x92, 0x34, 0x07, 0x60, 0x00 }, 0, true, 6 },
    { "reserved bits are ignored", 4, { 0xd8, 0x8f, 0x01, 0 }, 0, true, 3 },
    { "a descriptor without a frame", 1, { 0x10 }, 0, false, 1 },
    { "ends before the extension", 1, { 0x90 }, SFU_ERR_TRUNCATED },
    { "ends in a picture id", 3, { 0x90, 0x80, 0x80 }, SFU_ERR_TRUNCATED },
    { "ends before TL0PICIDX", 3, { 0x90, 0xc0, 1 }, SFU_ERR_TRUNCATED },
    { "ends before T", 2, { 0x90, 0x20 }, SFU_ERR_TRUNCATED },
    { "nothing at all", 0, { 0 }, SFU_ERR_TRUNCATED },
};

int
main(void)
{
    const uint8_t full[] = { 0xb0, 0xf0, 0x92, 0x34, 0x07, 0xb9, 0x01 };
    struct vp8_descriptor d;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct span payload = span_of(row->bytes, row->len);

        tap_is_int(vp8_descriptor_parse(&d, payload), row->error, "%s",
                   row->why);

        if (row->error == 0) {
            tap_is_int((long long)d.len, (long long)row->descriptor,
                       "  its length");
        }

        tap_is_int(vp8_is_keyframe(payload), row->keyframe, "  key frame");
    }

    vp8_descriptor_parse(&d, span_of(full, sizeof(full)));
    tap_ok(d.non_reference && d.start && !d.keyframe, "flags");
    tap_ok(d.has_picture_id && d.picture_id_long, "has a long picture id");
    tap_is_int(d.picture_id, 0x1234, "picture id");
    tap_is_int((long long)d.picture_id_offset, 2, "where it is");
    tap_is_int(d.tl0picidx, 7, "TL0PICIDX");
    tap_is_int((long long)d.tl0picidx_offset, 4, "where that is");
    tap_is_int(d.tid, 2, "temporal layer");
    tap_ok(d.layer_sync, "Y");
    tap_is_int(d.keyidx, 0x19, "KEYIDX");

    vp8_descriptor_parse(&d, span_of("\x90\x10\xff\x00", 4));
    tap_ok(d.keyidx == 0x1f && !d.has_tid && d.tid == 0 && !d.layer_sync,
           "K without T says nothing of layers");

    return tap_done();
}
