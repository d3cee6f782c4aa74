/*
 * codec/red_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/red.h"
#include "base/error.h"
#include "test/tap.h"

/* two older blocks of 3 and 0 bytes, 960 and 480 ticks ago, and the primary */
static const uint8_t three[] = {
    0xef, 0x0f, 0x00, 0x03, 0xef, 0x07, 0x80, 0x00, 0x6f,
    'o', 'l', 'd', 'n', 'e', 'w', '!',
};

static void
test_walk(void)
{
    struct red_block block;
    struct red red;

    tap_is_int(red_parse(&red, span_of(three, sizeof(three))), 0,
               "three blocks");
    tap_ok(red_next(&red, &block) && !block.primary, "the oldest first");
    tap_is_int(block.payload_type, 111, "its payload type");
    tap_is_int(block.timestamp_offset, 960, "how old it is");
    tap_ok(span_eq_str(block.data, "old"), "its data");
    tap_ok(red_next(&red, &block) && !block.primary, "an empty one");
    tap_is_int((long long)block.data.len, 0, "has no data");
    tap_is_int(block.timestamp_offset, 480, "but an age");
    tap_ok(red_next(&red, &block) && block.primary, "the primary last");
    tap_is_int(block.timestamp_offset, 0, "which is of now");
    tap_ok(span_eq_str(block.data, "new!"), "and has all the rest");
    tap_ok(!red_next(&red, &block), "then no more");

    tap_is_int(red_parse(&red, span_of("\x6f", 1)), 0,
               "a primary block may be empty (DTX)");
    tap_ok(red_next(&red, &block) && block.data.len == 0, "and is");
}

static void
test_remap(void)
{
    uint8_t wire[sizeof(three)];
    uint8_t expected[sizeof(three)];
    uint8_t map[128];

    memset(map, RED_UNMAPPED, sizeof(map));
    memcpy(wire, three, sizeof(three));
    tap_is_int(red_remap(wire, sizeof(wire), map), SFU_ERR_UNSUPPORTED,
               "a block of an unknown type");
    tap_is_bytes(span_of(wire, sizeof(wire)), span_of(three, sizeof(three)),
                 "changes nothing");

    map[111] = 96;
    memcpy(expected, three, sizeof(three));
    expected[0] = expected[4] = 0x80 | 96;
    expected[8] = 96;
    tap_is_int(red_remap(wire, sizeof(wire), map), 0, "a known one");
    tap_is_bytes(span_of(wire, sizeof(wire)),
                 span_of(expected, sizeof(expected)),
                 "is renamed in each block");

    tap_is_int(red_remap(wire, 11, map), SFU_ERR_TRUNCATED,
               "data shorter than the headers say");
    tap_is_int(red_remap(wire, 7, map), SFU_ERR_TRUNCATED,
               "headers without end");
    tap_is_int(red_remap(wire, 0, map), SFU_ERR_TRUNCATED, "nothing at all");
}

int
main(void)
{
    test_walk();
    test_remap();

    return tap_done();
}
