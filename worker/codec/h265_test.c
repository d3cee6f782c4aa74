/*
 * codec/h265_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/h265.h"
#include "base/error.h"
#include "test/tap.h"

/* nal_unit_type in the first byte of a unit's header */
#define TYPE(type) (uint8_t)((type) << 1)

enum {
    TRAIL_R = 1,
    RASL_R = 9,
    BLA_W_LP = 16,
    IDR_W_RADL = 19,
    CRA = 21,
    RSV_VCL = 24,
};

struct row {
    const char *why;
    size_t len;
    uint8_t bytes[24];
    int error;
    bool keyframe;
};

static const struct row rows[] = {
    { "IDR", 3, { TYPE(IDR_W_RADL), 1, 0x80 }, 0, true },
    { "CRA is a random access point too", 3, { TYPE(CRA), 1, 0x80 },
      0, true },
    { "BLA, the first of them", 3, { TYPE(BLA_W_LP), 1, 0x80 }, 0, true },
    { "a reserved one, the last", 3, { TYPE(H265_NAL_IRAP_LAST), 1, 0x80 },
      0, true },
    { "a later slice segment of the IDR", 3, { TYPE(IDR_W_RADL), 1, 0x20 },
      0, false },
    { "first type above IRAP", 3, { TYPE(RSV_VCL), 1, 0x80 }, 0, false },
    { "trailing picture", 3, { TYPE(TRAIL_R), 1, 0x80 }, 0, false },
    { "RASL picture", 3, { TYPE(RASL_R), 1, 0x80 }, 0, false },
    { "VPS", 3, { TYPE(H265_NAL_VPS), 1, 0x0c }, 0, true },
    { "SPS", 3, { TYPE(H265_NAL_SPS), 1, 0x01 }, 0, true },
    { "PPS", 3, { TYPE(H265_NAL_PPS), 1, 0xc1 }, 0, false },
    { "FU, IDR begins", 4, { TYPE(H265_NAL_FU), 1, 0x80 | IDR_W_RADL, 0x80 },
      0, true },
    { "FU, IDR goes on", 4, { TYPE(H265_NAL_FU), 1, IDR_W_RADL, 0x80 },
      0, false },
    { "FU, trailing picture begins", 4,
      { TYPE(H265_NAL_FU), 1, 0x80 | TRAIL_R, 0x80 }, 0, false },
    { "FU without its header", 2, { TYPE(H265_NAL_FU), 1 },
      SFU_ERR_TRUNCATED, false },
    { "AP: VPS, SPS, PPS", 17,
      { TYPE(H265_NAL_AP), 1, 0, 3, TYPE(H265_NAL_VPS), 1, 0x0c,
        0, 3, TYPE(H265_NAL_SPS), 1, 0x01, 0, 3, TYPE(H265_NAL_PPS), 1, 0xc1 },
      0, true },
    { "AP: two trailing slices", 12,
      { TYPE(H265_NAL_AP), 1, 0, 3, TYPE(TRAIL_R), 1, 0x80,
        0, 3, TYPE(TRAIL_R), 1, 0x20 }, 0, false },
    { "AP runs over its end", 6,
      { TYPE(H265_NAL_AP), 1, 0, 3, TYPE(H265_NAL_VPS), 1 },
      SFU_ERR_TRUNCATED, false },
    { "AP with half a unit header", 5,
      { TYPE(H265_NAL_AP), 1, 0, 1, TYPE(H265_NAL_VPS) },
      SFU_ERR_MALFORMED, false },
    { "PACI hides what it carries", 4, { TYPE(H265_NAL_PACI), 1, 0, 0 },
      SFU_ERR_UNSUPPORTED, false },
    { "half a header", 1, { TYPE(IDR_W_RADL) }, SFU_ERR_TRUNCATED, false },
    { "the layer id's upper bit is not of the type", 3,
      { TYPE(H265_NAL_VPS) | 1, 1, 0 }, 0, true },
};

int
main(void)
{
    struct h265_units u;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct span payload = span_of(row->bytes, row->len);

        tap_is_int(h265_units_parse(&u, payload), row->error, "%s", row->why);
        tap_is_int(h265_is_keyframe(payload), row->keyframe, "  key frame");
    }

    return tap_done();
}
