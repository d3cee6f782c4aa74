/*
 * rtp/extension_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/extension.h"
#include "base/error.h"
#include "test/tap.h"

struct row {
    const char *why;
    uint16_t profile;
    size_t len;
    uint8_t bytes[32];
    int error;
    uint32_t present;
};

enum { ONE = RTP_EXTENSION_ONE_BYTE, TWO = RTP_EXTENSION_TWO_BYTE };

#define MID (1u << RTP_EXT_MID)
#define LEVEL (1u << RTP_EXT_AUDIO_LEVEL)
#define RID (1u << RTP_EXT_RID)

/* with MID 1, AUDIO_LEVEL 2, RID 14, REPAIRED_RID 15, TOFFSET 200 */
static const struct row rows[] = {
    { "one-byte form", ONE, 8, { 0x11, 'a', 'b', 0x20, 0xff }, 0,
      MID | LEVEL },
    { "padding between elements", ONE, 8,
      { 0, 0x10, 'a', 0, 0, 0x20, 0xff }, 0, MID | LEVEL },
    { "largest id of the one-byte form", ONE, 4, { 0xe0, 'h' }, 0, RID },
    { "id 15 ends the one-byte form", ONE, 8,
      { 0x10, 'a', 0xf0, 0, 0x20, 0xff }, 0, MID },
    { "id 0 with a length does, too", ONE, 8,
      { 0x10, 'a', 0x01, 0, 0, 0x20, 0xff }, 0, MID },
    { "an id without a meaning is passed over", ONE, 8,
      { 0x30, 'x', 0x20, 0xff }, 0, LEVEL },
    { "one-byte element runs over the end", ONE, 4,
      { 0x10, 'a', 0x2f, 0xff }, SFU_ERR_MALFORMED, MID },
    { "two-byte form", TWO, 8, { 1, 2, 'a', 'b', 2, 1, 0xff, 0 }, 0,
      MID | LEVEL },
    { "two-byte form, with appbits", TWO | 0xf, 4, { 1, 1, 'a' }, 0, MID },
    { "an empty value is a value", TWO, 4, { 1, 0, 0, 0 }, 0, MID },
    { "id 15 is as any other here", TWO, 4, { 15, 1, 'a' }, 0,
      1u << RTP_EXT_REPAIRED_RID },
    { "ids above 15", TWO, 8, { 200, 3, 0, 0, 1 }, 0, 1u << RTP_EXT_TOFFSET },
    { "two-byte element runs over the end", TWO, 4, { 1, 3, 'a', 'b' },
      SFU_ERR_MALFORMED, 0 },
    { "two-byte element without its length", TWO, 4, { 0, 0, 0, 1 },
      SFU_ERR_MALFORMED, 0 },
    { "another profile's extension", 0x1234, 4, { 0x10, 'a' }, 0, 0 },
    { "an empty block", ONE, 0, { 0 }, 0, 0 },
};

static void
fill_map(struct rtp_extension_map *map)
{
    rtp_extension_map_init(map);
    rtp_extension_map_set(map, 1, RTP_EXT_MID);
    rtp_extension_map_set(map, 2, RTP_EXT_AUDIO_LEVEL);
    rtp_extension_map_set(map, 14, RTP_EXT_RID);
    rtp_extension_map_set(map, 15, RTP_EXT_REPAIRED_RID);
    rtp_extension_map_set(map, 200, RTP_EXT_TOFFSET);
}

static void
test_map(void)
{
    struct rtp_extension_map map;

    rtp_extension_map_init(&map);
    tap_is_int(rtp_extension_map_id(&map, RTP_EXT_MID), 0, "empty map");
    tap_is_int(rtp_extension_map_set(&map, 0, RTP_EXT_MID),
               SFU_ERR_MALFORMED, "id 0 is padding");
    tap_is_int(rtp_extension_map_set(&map, 256, RTP_EXT_MID),
               SFU_ERR_MALFORMED, "ids end at 255");
    tap_is_int(rtp_extension_map_set(&map, 4, RTP_EXT_MID), 0, "set");
    tap_is_int(rtp_extension_map_set(&map, 5, RTP_EXT_MID), 0, "moved");
    tap_is_int(map.by_id[4], RTP_EXT_COUNT, "the old id is free");
    tap_is_int(rtp_extension_map_id(&map, RTP_EXT_MID), 5, "the new one");
    tap_is_int(rtp_extension_map_set(&map, 5, RTP_EXT_RID), 0, "taken over");
    tap_is_int(rtp_extension_map_id(&map, RTP_EXT_MID), 0, "by another");
    tap_is_int(rtp_extension_map_set(&map, 5, RTP_EXT_RID), 0, "set again");
    tap_is_int(rtp_extension_map_id(&map, RTP_EXT_RID), 5, "stays");
    tap_is_int(map.by_id[5], RTP_EXT_RID, "both ways");
}

static void
test_parse(void)
{
    struct rtp_extension_map map;
    struct rtp_extensions ext;

    fill_map(&map);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct rtp_packet pkt = {
            .has_extension = true,
            .profile = row->profile,
            .extension = span_of(row->bytes, row->len),
        };

        tap_is_int(rtp_extensions_parse(&ext, &map, &pkt), row->error, "%s",
                   row->why);
        tap_is_int(ext.present, row->present, "  what is there");

        pkt.has_extension = false;
        rtp_extensions_parse(&ext, &map, &pkt);
        tap_is_int(ext.present, 0, "  nothing without X");
    }
}

static void
test_values(void)
{
    static const uint8_t wire[] = {
        0x31, 0xab, 0xcd, 0x42, 0x12, 0x34, 0x56, 0x20, 0x9e, 0x11, 'm', '1',
    };
    struct rtp_packet pkt = {
        .has_extension = true,
        .profile = ONE,
        .extension = span_of(wire, sizeof(wire)),
    };
    struct rtp_extension_map map;
    struct rtp_extensions ext;
    uint16_t seq = 0;
    uint32_t time = 0;
    uint8_t level = 0;
    bool voice = false;

    fill_map(&map);
    rtp_extension_map_set(&map, 3, RTP_EXT_TRANSPORT_CC);
    rtp_extension_map_set(&map, 4, RTP_EXT_ABS_SEND_TIME);
    rtp_extensions_parse(&ext, &map, &pkt);

    tap_ok(rtp_extensions_transport_cc(&ext, &seq) && seq == 0xabcd,
           "transport-cc");
    tap_ok(rtp_extensions_abs_send_time(&ext, &time) && time == 0x123456,
           "abs-send-time");
    tap_ok(rtp_extensions_audio_level(&ext, &voice, &level) && voice
           && level == 30, "audio level");
    tap_ok(span_eq_str(rtp_extensions_get(&ext, RTP_EXT_MID), "m1"), "mid");
    tap_is_int((long long)rtp_extensions_get(&ext, RTP_EXT_RID).len, 0,
               "one that is not there is empty");

    /* transport-cc of two bytes read as abs-send-time of three */
    rtp_extension_map_set(&map, 3, RTP_EXT_ABS_SEND_TIME);
    rtp_extensions_parse(&ext, &map, &pkt);
    tap_ok(!rtp_extensions_abs_send_time(&ext, &time), "too short a value");
    tap_ok(!rtp_extensions_transport_cc(&ext, &seq), "one that is missing");

    tap_is_int(rtp_abs_send_time(0), 0, "abs-send-time of 0");
    tap_is_int(rtp_abs_send_time(USEC_PER_SEC), 1 << 18, "of a second");
    tap_is_int(rtp_abs_send_time(64 * (usec_t)USEC_PER_SEC + 500000),
               1 << 17, "wraps after 64 seconds");
}

/* writes with the map, and compares with what is expected */
static void
writes(const char *why, const struct rtp_extension_map *map,
    const struct rtp_extensions *source, const struct rtp_extension_hop *hop,
    const void *expected, size_t len)
{
    uint8_t out[600];
    struct writer w = writer_over(out, sizeof(out));

    tap_is_int((long long)rtp_extensions_write(&w, map, source, hop),
               (long long)len, "%s: length", why);
    tap_is_bytes(writer_span(&w), span_of(expected, len), "%s", why);

    for (size_t room = 0; room < len; room++) {
        w = writer_over(out, room);

        if (rtp_extensions_write(&w, map, source, hop) != 0 || writer_ok(&w)
            || writer_len(&w) != 0)
        {
            tap_ok(false, "%s: in %zu bytes", why, room);
        }
    }
}

static void
test_write(void)
{
    static const uint8_t seventeen[17] = "seventeen bytes!";
    struct rtp_extension_map map;
    struct rtp_extensions source = {
        .present = LEVEL | MID | 1u << RTP_EXT_ABS_SEND_TIME
                   | 1u << RTP_EXT_PLAYOUT_DELAY,
    };
    struct rtp_extension_hop none = { 0 };
    struct rtp_extension_hop hop = {
        .has_transport_cc = true,
        .transport_cc = 0x0102,
        .has_abs_send_time = true,
        .abs_send_time = 0x0a0b0c,
        .mid = span_str("7"),
    };

    source.value[RTP_EXT_AUDIO_LEVEL] = span_of("\x9e", 1);
    source.value[RTP_EXT_MID] = span_str("publisher");
    source.value[RTP_EXT_ABS_SEND_TIME] = span_of("\1\2\3", 3);
    source.value[RTP_EXT_PLAYOUT_DELAY] = span_of("\0\0\0", 3);

    rtp_extension_map_init(&map);
    writes("nothing is mapped", &map, &source, &hop, "", 0);

    rtp_extension_map_set(&map, 3, RTP_EXT_AUDIO_LEVEL);
    rtp_extension_map_set(&map, 9, RTP_EXT_MID);
    writes("what is of the source's hop does not pass", &map, &source, &none,
           "\xbe\xde\0\1\x30\x9e\0", 8);
    writes("mid is ours", &map, &source, &hop,
           "\xbe\xde\0\1\x90\x37\x30\x9e", 8);
    writes("no source, as for padding", &map, NULL, &hop,
           "\xbe\xde\0\1\x90\x37\0", 8);
    writes("nothing of either", &map, NULL, &none, "", 0);

    rtp_extension_map_set(&map, 1, RTP_EXT_TRANSPORT_CC);
    rtp_extension_map_set(&map, 2, RTP_EXT_ABS_SEND_TIME);
    writes("numbers of the hop", &map, &source, &hop,
           "\xbe\xde\0\3\x90\x37\x22\x0a\x0b\x0c\x11\1\2\x30\x9e\0", 16);

    rtp_extension_map_set(&map, 15, RTP_EXT_PLAYOUT_DELAY);
    writes("id 15 needs the two-byte form", &map, &source, &none,
           "\x10\0\0\2\3\1\x9e\x0f\3\0\0\0", 12);

    rtp_extension_map_set(&map, 14, RTP_EXT_PLAYOUT_DELAY);
    source.value[RTP_EXT_PLAYOUT_DELAY] = span_of(seventeen, 16);
    writes("16 bytes fit the one-byte form", &map, &source, &none,
           "\xbe\xde\0\5\x30\x9e\xefseventeen bytes!\0", 24);

    source.value[RTP_EXT_PLAYOUT_DELAY] = span_of(seventeen, 17);
    writes("17 do not", &map, &source, &none,
           "\x10\0\0\6\3\1\x9e\x0e\x11seventeen bytes!\0\0\0", 28);

    source.value[RTP_EXT_PLAYOUT_DELAY] = span_of("", 0);
    writes("nor does an empty value", &map, &source, &none,
           "\x10\0\0\2\3\1\x9e\x0e\0\0\0", 12);
}

static void
test_limits(void)
{
    static uint8_t big[256];
    uint8_t out[600];
    struct writer w = writer_over(out, sizeof(out));
    struct rtp_extension_map map;
    struct rtp_extension_hop hop = { .mid = span_of(big, 255) };

    rtp_extension_map_init(&map);
    rtp_extension_map_set(&map, 1, RTP_EXT_MID);
    tap_is_int((long long)rtp_extensions_write(&w, &map, NULL, &hop), 264,
               "255 bytes can be said");
    hop.mid.len = 256;
    tap_is_int((long long)rtp_extensions_write(&w, &map, NULL, &hop), 0,
               "256 cannot");
    tap_ok(writer_ok(&w), "which is no matter of room");
}

int
main(void)
{
    test_map();
    test_parse();
    test_values();
    test_write();
    test_limits();

    return tap_done();
}
