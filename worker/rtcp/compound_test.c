/*
 * rtcp/compound_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/compound.h"
#include "test/tap.h"

struct row {
    const char *why;
    size_t len;
    uint8_t bytes[40];
    int packets;
    bool malformed;
};

static const struct row rows[] = {
    { "RR without blocks", 8, { 0x80, 201, 0, 1, 1, 2, 3, 4 }, 1, false },
    { "RR, then BYE", 16,
      { 0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 203, 0, 1, 1, 2, 3, 4 }, 2, false },
    { "PLI alone (RFC 5506)", 12, { 0x81, 206, 0, 2 }, 1, false },
    { "a packet without a body", 4, { 0x80, 203, 0, 0 }, 1, false },
    { "an unknown type", 8, { 0x80, 210, 0, 1, 1, 2, 3, 4 }, 1, false },
    { "padding of four", 12, { 0xa0, 201, 0, 2, 1, 2, 3, 4, 0, 0, 0, 4 },
      1, false },
    { "padding only", 8, { 0xa0, 201, 0, 1, 0, 0, 0, 4 }, 1, false },
    { "padding in the first of two", 16,
      { 0xa0, 203, 0, 1, 0, 0, 0, 4, 0x80, 201, 0, 1 }, 2, false },
    { "padding longer than the body", 8, { 0xa0, 201, 0, 1, 0, 0, 0, 8 },
      0, true },
    { "padding of none", 8, { 0xa0, 201, 0, 1, 0, 0, 0, 0 }, 0, true },
    /* Chrome, with one byte; before its NACK in the same datagram */
    { "padding that is no whole word", 36,
      { 0xaf, 205, 0, 6, 0xfa, 0x17, 0xfa, 0x17, 0x97, 0xa7, 0xec, 0x19,
        0x5a, 0xf4, 0, 5, 1, 0xfb, 0xd0, 0x5d, 0x20, 5, 0x4d, 0x51, 0x43,
        0x1d, 0, 1, 0x81, 205, 0, 1, 1, 2, 3, 4 }, 2, false },
    { "padding without a body", 4, { 0xa0, 201, 0, 0 }, 0, true },
    { "version 1", 8, { 0x40, 201, 0, 1, 1, 2, 3, 4 }, 0, true },
    { "longer than the datagram", 8, { 0x80, 201, 0, 2, 1, 2, 3, 4 },
      0, true },
    { "the second one is", 12,
      { 0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 203, 0, 1 }, 1, true },
    { "a tail shorter than a header", 10,
      { 0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 203 }, 1, true },
    { "nothing at all", 0, { 0 }, 0, true },
};

int
main(void)
{
    uint8_t out[16];
    struct writer w = writer_over(out, sizeof(out));
    struct rtcp_packet pkt;
    size_t begin;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rtcp_compound c;
        int packets = 0;

        c = rtcp_compound_over(span_of(rows[i].bytes, rows[i].len));

        while (rtcp_compound_next(&c, &pkt)) {
            packets++;
        }

        tap_is_int(packets, rows[i].packets, "%s", rows[i].why);
        tap_is_int(c.malformed, rows[i].malformed, "  malformed");
    }

    {
        struct rtcp_compound c = rtcp_compound_over(
            span_of("\xa5\xce\0\2\1\2\3\4\0\0\0\4", 12));

        tap_ok(rtcp_compound_next(&c, &pkt), "a padded packet");
        tap_is_int(pkt.type, RTCP_PSFB, "type");
        tap_is_int(pkt.count, 5, "count without the P bit");
        tap_is_bytes(pkt.body, span_of("\1\2\3\4", 4), "body without padding");
    }

    begin = rtcp_packet_begin(&w, RTCP_BYE, 1);
    writer_u32(&w, 0x01020304);
    rtcp_packet_end(&w, begin);
    begin = rtcp_packet_begin(&w, RTCP_RR, 0);
    rtcp_packet_end(&w, begin);
    tap_is_bytes(writer_span(&w),
                 span_of("\x81\xcb\0\1\1\2\3\4\x80\xc9\0\0", 12),
                 "two packets are built one behind the other");
    begin = rtcp_packet_begin(&w, RTCP_BYE, 1);
    writer_u32(&w, 1);
    rtcp_packet_end(&w, begin);
    tap_ok(!writer_ok(&w), "and a third one has no room");

    return tap_done();
}
