/*
 * rtp/extension_block_test.c - the same bytes as without the block.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/extension_block.h"

#include "test/tap.h"

static const struct row {
    const char *name;
    unsigned mid;               /* ids; 0: not asked for */
    unsigned abs_send_time;
    unsigned transport_cc;
    unsigned orientation;
    const char *text;           /* of the mid */
    bool usable;
} rows[] = {
    { "as browsers ask", 4, 2, 3, 13, "1000", true },
    { "nothing", 0, 0, 0, 0, "1000", true },
    { "a mid alone", 1, 0, 0, 0, "0", true },
    { "a number alone", 0, 0, 5, 0, "1000", true },
    { "both forms' border", 14, 13, 12, 0, "0123456789abcdef", true },
    { "ids of the two-byte form", 100, 200, 255, 15, "1000", true },
    { "a mid too long for one byte", 4, 2, 3, 0, "0123456789abcdefg", true },
    { "a mid too long for the block", 4, 2, 3, 0,
      "0123456789abcdef0123456789abcdef0123456789", false },
};

static void
set(struct rtp_extension_map *map, unsigned id, enum rtp_extension_id ext)
{
    if (id) {
        rtp_extension_map_set(map, id, ext);
    }
}

static void
test_row(const struct row *row)
{
    static const uint16_t numbers[] = { 0, 1, 0x1234, 0xffff };
    struct rtp_extensions source = { 0 };
    struct rtp_extension_block block;
    struct rtp_extension_map map;

    rtp_extension_map_init(&map);
    set(&map, row->mid, RTP_EXT_MID);
    set(&map, row->abs_send_time, RTP_EXT_ABS_SEND_TIME);
    set(&map, row->transport_cc, RTP_EXT_TRANSPORT_CC);
    set(&map, row->orientation, RTP_EXT_VIDEO_ORIENTATION);
    rtp_extension_block_make(&block, &map, span_str(row->text));

    /* what belongs to the publisher's own hop is never passed on */
    source.present = 1u << RTP_EXT_MID | 1u << RTP_EXT_TRANSPORT_CC;
    source.value[RTP_EXT_MID] = span_str("p");
    source.value[RTP_EXT_TRANSPORT_CC] = span_str("xy");
    tap_is_int(rtp_extension_block_fits(&block, &source), row->usable,
               "%s: usable", row->name);

    for (size_t i = 0; i < 4 && row->usable; i++) {
        uint8_t expected[128];
        uint8_t got[128];
        struct writer e = writer_over(expected, sizeof(expected));
        struct writer g = writer_over(got, sizeof(got));
        struct rtp_extension_hop hop = {
            .has_transport_cc = row->transport_cc,
            .has_abs_send_time = row->abs_send_time,
            .transport_cc = numbers[i],
            .abs_send_time = numbers[i] * 200u,
        };

        if (row->mid) {
            hop.mid = span_str(row->text);
        }

        rtp_extensions_write(&e, &map, &source, &hop);
        rtp_extension_block_write(&block, &g, numbers[i], numbers[i] * 200u);
        tap_is_bytes(writer_span(&g), writer_span(&e), "%s: %u", row->name,
                     numbers[i]);
    }

    source.present = 1u << RTP_EXT_VIDEO_ORIENTATION;
    tap_is_int(rtp_extension_block_fits(&block, &source),
               row->usable && !row->orientation,
               "%s: with an orientation to be passed on", row->name);
}

int
main(void)
{
    struct rtp_extension_block block;
    struct rtp_extension_map map;
    uint8_t small[4];
    struct writer w = writer_over(small, sizeof(small));

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row(&rows[i]);
    }

    rtp_extension_map_init(&map);
    set(&map, 4, RTP_EXT_MID);
    rtp_extension_block_make(&block, &map, span_str("1000"));
    rtp_extension_block_write(&block, &w, 0, 0);
    tap_ok(!writer_ok(&w), "one that does not fit fails the writer");

    return tap_done();
}
