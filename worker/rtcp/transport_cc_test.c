/*
 * rtcp/transport_cc_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/transport_cc.h"
#include "base/error.h"
#include "test/tap.h"

struct row {
    const char *why;
    size_t len;
    uint8_t fci[24];
    int error;
};

static const struct row rows[] = {
    { "one packet", 12, { 0, 5, 0, 1, 0, 0, 1, 0, 0x20, 1, 4 }, 0 },
    { "no packet at all", 8, { 0, 5, 0, 0, 0, 0, 1, 0 }, SFU_ERR_MALFORMED },
    { "no chunk", 8, { 0, 5, 0, 1, 0, 0, 1, 0 }, SFU_ERR_TRUNCATED },
    { "chunks for fewer packets", 10, { 0, 5, 0, 9, 0, 0, 1, 0, 0, 8 },
      SFU_ERR_TRUNCATED },
    { "chunk for more packets than there are", 12,
      { 0, 5, 0, 1, 0, 0, 1, 0, 0x20, 9, 4 }, 0 },
    { "no delta", 10, { 0, 5, 0, 1, 0, 0, 1, 0, 0x20, 1 },
      SFU_ERR_TRUNCATED },
    { "half a large delta", 11, { 0, 5, 0, 1, 0, 0, 1, 0, 0x40, 1, 0 },
      SFU_ERR_TRUNCATED },
    { "reserved symbol in a run", 12, { 0, 5, 0, 1, 0, 0, 1, 0, 0x60, 1 },
      SFU_ERR_MALFORMED },
    { "reserved symbol in a vector", 16,
      { 0, 5, 0, 2, 0, 0, 1, 0, 0xcc, 0 }, SFU_ERR_MALFORMED },
    { "the same behind the last packet is not looked at", 16,
      { 0, 5, 0, 1, 0, 0, 1, 0, 0xc3, 0xff }, 0 },
    { "a run of none says nothing", 16,
      { 0, 5, 0, 1, 0, 0, 1, 0, 0x20, 0, 0x20, 1, 4 }, 0 },
    { "header cut", 7, { 0, 5, 0, 1, 0, 0, 1 }, SFU_ERR_TRUNCATED },
};

struct expected {
    const char *why;
    uint16_t seq;
    bool received;
    int32_t delta;
};

/* all three forms of chunks, over the wrap of the numbers */
static const uint8_t wire[] = {
    0xff, 0xfe, 0, 22, 0xff, 0xff, 0xff, 9,
    0x00, 0x02,                         /* 2 lost */
    0xa0, 0x01,                         /* received, 12 lost, received */
    0xd8, 0x40,                         /* small, large, lost, small */
    0x04, 0xff, 0x00, 0xff, 0xfc, 0x10,
};

static const struct expected statuses[] = {
    { "lost", 65534, false, 0 },
    { "lost, at the wrap", 65535, false, 0 },
    { "one-bit vector: 1 ms behind the reference", 0, true, 1000 },
    { "lost", 1, false, 0 },
};

static void
test_walk(void)
{
    struct rtcp_feedback fb = { .fci = span_of(wire, sizeof(wire)) };
    struct rtcp_transport_cc tcc;
    struct rtcp_transport_cc_status s = { 0 };

    tap_is_int(rtcp_transport_cc_parse(&fb, &tcc), 0, "all forms of chunks");
    tap_is_int(tcc.base_seq, 65534, "base");
    tap_is_int(tcc.count, 22, "count");
    tap_is_int(tcc.reference, -1, "a reference is signed");
    tap_is_int(tcc.number, 9, "number of the feedback");

    for (size_t i = 0; i < 4; i++) {
        rtcp_transport_cc_next(&tcc, &s);
        tap_ok(s.seq == statuses[i].seq && s.received == statuses[i].received
               && s.delta == statuses[i].delta, "%s", statuses[i].why);
    }

    tap_is_int(s.time, -64000 + 1000, "time from the reference on");

    for (int i = 2; i < 13; i++) {
        rtcp_transport_cc_next(&tcc, &s);

        if (s.received) {
            tap_ok(false, "packet %d of the vector is lost", i);
        }
    }

    tap_ok(rtcp_transport_cc_next(&tcc, &s) && s.seq == 13 && s.received
           && s.delta == 255 * 250, "last of the vector, largest small delta");
    tap_ok(rtcp_transport_cc_next(&tcc, &s) && s.seq == 14 && s.received
           && s.delta == 0, "two-bit vector: small delta of 0");
    tap_ok(rtcp_transport_cc_next(&tcc, &s) && s.seq == 15 && s.received
           && s.delta == -1000, "a large delta is signed");
    tap_is_int(s.time, -64000 + 1000 + 255 * 250 - 1000, "and goes back");
    tap_ok(rtcp_transport_cc_next(&tcc, &s) && !s.received, "lost");
    tap_ok(rtcp_transport_cc_next(&tcc, &s) && s.seq == 17
           && s.delta == 4000, "received");
    tap_ok(rtcp_transport_cc_next(&tcc, &s) && !s.received, "lost");
    tap_ok(rtcp_transport_cc_next(&tcc, &s) && s.seq == 19 && !s.received,
           "the last one");
    tap_ok(!rtcp_transport_cc_next(&tcc, &s), "no more than announced");
}

int
main(void)
{
    struct rtcp_transport_cc tcc;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rtcp_feedback fb = {
            .fci = span_of(rows[i].fci, rows[i].len),
        };

        tap_is_int(rtcp_transport_cc_parse(&fb, &tcc), rows[i].error, "%s",
                   rows[i].why);
    }

    test_walk();

    return tap_done();
}
