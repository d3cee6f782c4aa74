/*
 * codec/av1_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/av1.h"
#include "base/error.h"
#include "test/tap.h"

/* obu_type in an OBU header; without a size of its own, as it should be */
#define TYPE(type) (uint8_t)((type) << 3)
#define SEQUENCE TYPE(AV1_OBU_SEQUENCE_HEADER)
#define FRAME TYPE(AV1_OBU_FRAME)
#define METADATA TYPE(AV1_OBU_METADATA)
#define KEY 0x10                /* a frame header: key frame, shown */
#define INTER 0x30
#define INTRA_ONLY 0x50
#define EXISTING 0x80

struct row {
    const char *why;
    size_t len;
    uint8_t bytes[24];
    int error;
    bool keyframe;
};

static const struct row rows[] = {
    { "N and a sequence header", 5, { 0x28, 1, SEQUENCE, FRAME, KEY },
      0, true },
    { "N with lengths for all", 6, { 0x08, 1, SEQUENCE, 2, FRAME, KEY },
      0, true },
    { "key frame of a sender that never sets N", 5,
      { 0x20, 1, SEQUENCE, FRAME, KEY }, 0, true },
    { "sequence header repeated before an inter frame", 5,
      { 0x20, 1, SEQUENCE, FRAME, INTER }, 0, false },
    { "sequence header before an intra-only frame", 5,
      { 0x20, 1, SEQUENCE, FRAME, INTRA_ONLY }, 0, false },
    { "a frame shown again", 5, { 0x20, 1, SEQUENCE, FRAME, EXISTING },
      0, false },
    { "key frame header behind an extension byte", 6,
      { 0x20, 1, SEQUENCE, FRAME | 4, 0, KEY }, 0, true },
    { "key frame header behind a size", 6,
      { 0x20, 1, SEQUENCE, FRAME | 2, 1, KEY }, 0, true },
    { "N without a sequence header", 3, { 0x18, FRAME, KEY }, 0, false },
    { "inter frame", 3, { 0x10, FRAME, INTER }, 0, false },
    { "first element continues a frame: its bytes are no header", 5,
      { 0xa0, 1, SEQUENCE, FRAME, KEY }, 0, false },
    { "sequence header, metadata, frame", 7,
      { 0x38, 1, SEQUENCE, 1, METADATA, FRAME, KEY }, 0, true },
    { "an empty element is allowed", 4, { 0x28, 0, SEQUENCE, 0 }, 0, true },
    { "length in two bytes", 6, { 0x20, 0x81, 0x00, SEQUENCE, FRAME, KEY },
      0, true },
    { "N in a continuation", 2, { 0x98, FRAME }, SFU_ERR_MALFORMED, false },
    { "forbidden bit: encrypted", 2, { 0x18, 0x80 | SEQUENCE },
      SFU_ERR_MALFORMED, false },
    { "element runs over the end", 3, { 0x28, 2, SEQUENCE },
      SFU_ERR_TRUNCATED, false },
    { "length without end", 10,
      { 0x28, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 },
      SFU_ERR_TRUNCATED, false },
    { "an aggregation header alone", 1, { 0x10 }, 0, false },
    { "nothing at all", 0, { 0 }, SFU_ERR_TRUNCATED, false },
};

int
main(void)
{
    struct av1_units u;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct span payload = span_of(row->bytes, row->len);

        tap_is_int(av1_units_parse(&u, payload), row->error, "%s", row->why);
        tap_is_int(av1_is_keyframe(payload), row->keyframe, "  key frame");
    }

    av1_units_parse(&u, span_of((uint8_t[]){ 0xd0, FRAME }, 2));
    tap_ok(u.continues && u.continued && !u.new_sequence, "Z, Y and N");

    return tap_done();
}
