/*
 * codec/h264_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/h264.h"
#include "base/error.h"
#include "test/tap.h"

struct row {
    const char *why;
    size_t len;
    uint8_t bytes[24];
    int error;
    bool keyframe;
};

static const struct row rows[] = {
    { "IDR, first macroblock", 2, { 0x65, 0x88 }, 0, true },
    { "IDR, a later slice of the picture", 2, { 0x65, 0x40 }, 0, false },
    { "IDR without a slice", 1, { 0x65 }, 0, false },
    { "inter slice", 2, { 0x41, 0x9a }, 0, false },
    { "SPS", 3, { 0x67, 0x42, 0xc0 }, 0, true },
    { "PPS", 2, { 0x68, 0xce }, 0, false },
    { "FU-A, IDR begins", 3, { 0x7c, 0x85, 0x88 }, 0, true },
    { "FU-A, IDR goes on", 3, { 0x7c, 0x05, 0x88 }, 0, false },
    { "FU-A, IDR ends", 3, { 0x7c, 0x45, 0x88 }, 0, false },
    { "FU-A, a later IDR slice begins", 3, { 0x7c, 0x85, 0x40 }, 0, false },
    { "FU-A, inter slice begins", 3, { 0x7c, 0x81, 0x9a }, 0, false },
    { "FU-A without its header", 1, { 0x7c }, SFU_ERR_TRUNCATED, false },
    { "FU-B, IDR begins behind the DON", 5, { 0x7d, 0x85, 0, 1, 0x88 },
      0, true },
    { "STAP-A: SPS, PPS", 10,
      { 0x78, 0, 3, 0x67, 0x42, 0xc0, 0, 2, 0x68, 0xce }, 0, true },
    { "STAP-A: SEI, IDR", 9, { 0x78, 0, 2, 0x06, 1, 0, 2, 0x65, 0x88 },
      0, true },
    { "STAP-A: PPS, inter", 9, { 0x78, 0, 2, 0x68, 1, 0, 2, 0x41, 0x9a },
      0, false },
    { "STAP-A runs over its end", 5, { 0x78, 0, 3, 0x67, 0x42 },
      SFU_ERR_TRUNCATED, false },
    { "STAP-A with half a length", 5, { 0x78, 0, 1, 0x67, 0 },
      SFU_ERR_TRUNCATED, false },
    { "STAP-A with an empty unit", 6, { 0x78, 0, 0, 0, 1, 0x67 },
      SFU_ERR_MALFORMED, false },
    { "STAP-B: SPS behind the DON", 6, { 0x79, 0, 1, 0, 1, 0x67 },
      0, true },
    { "MTAP16: SPS behind its offsets", 9,
      { 0x7a, 0, 1, 0, 4, 9, 0, 0, 0x67 }, 0, true },
    { "MTAP24: SPS behind its offsets", 10,
      { 0x7b, 0, 1, 0, 5, 9, 0, 0, 0, 0x67 }, 0, true },
    { "MTAP16 ends in the DONB", 2, { 0x7a, 0 }, SFU_ERR_TRUNCATED, false },
    { "nothing at all", 0, { 0 }, SFU_ERR_TRUNCATED, false },
};

int
main(void)
{
    struct h264_units u;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct span payload = span_of(row->bytes, row->len);

        tap_is_int(h264_units_parse(&u, payload), row->error, "%s", row->why);
        tap_is_int(h264_is_keyframe(payload), row->keyframe, "  key frame");
    }

    h264_units_parse(&u, span_of((uint8_t[]){ 0x78, 0, 2, 0x67, 1, 0, 2, 0x68,
                                              1, 0, 2, 0x65, 0x80 }, 13));
    tap_is_int(u.types, 1 << H264_NAL_SPS | 1 << H264_NAL_PPS
                        | 1 << H264_NAL_IDR, "tells all units of a STAP-A");
    tap_ok(u.idr_start, "and that a picture begins");

    return tap_done();
}
