/*
 * rtcp/sdes_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/sdes.h"
#include "test/tap.h"

static struct rtcp_packet
packet(unsigned count, const void *body, size_t len)
{
    return (struct rtcp_packet){
        .type = RTCP_SDES,
        .count = (uint8_t)count,
        .body = span_of(body, len),
    };
}

static void
test_round_trip(void)
{
    char text[300];
    uint8_t out[400];

    memset(text, 'c', sizeof(text));

    for (size_t len = 0; len <= 256; len += len < 8 ? 1 : 62) {
        size_t expected = len > 255 ? 255 : len;
        struct writer w = writer_over(out, sizeof(out));
        struct rtcp_sdes_chunk chunk;
        struct rtcp_compound c;
        struct rtcp_packet pkt;
        struct rtcp_sdes sdes;

        rtcp_sdes_write(&w, 0x01020304, span_of(text, len));
        c = rtcp_compound_over(writer_span(&w));
        tap_ok(rtcp_compound_next(&c, &pkt) && !rtcp_compound_next(&c, &pkt)
               && !c.malformed, "CNAME of %zu: whole words", len);
        sdes = rtcp_sdes_over(&pkt);
        tap_ok(rtcp_sdes_next(&sdes, &chunk) && chunk.ssrc == 0x01020304
               && span_eq(chunk.cname, span_of(text, expected))
               && !rtcp_sdes_next(&sdes, &chunk), "  as it was written");
    }
}

int
main(void)
{
    struct rtcp_sdes_chunk chunk;
    struct rtcp_packet pkt;
    struct rtcp_sdes sdes;

    test_round_trip();

    /* NAME before CNAME; then a chunk without items; END is padded */
    pkt = packet(2, "\1\1\1\1\2\1N\1\2ab\0\2\2\2\2\0\0\0\0", 20);
    sdes = rtcp_sdes_over(&pkt);
    tap_ok(rtcp_sdes_next(&sdes, &chunk) && chunk.ssrc == 0x01010101
           && span_eq_str(chunk.cname, "ab"), "CNAME behind another item");
    tap_ok(rtcp_sdes_next(&sdes, &chunk) && chunk.ssrc == 0x02020202
           && chunk.cname.len == 0, "a chunk without items");
    tap_ok(!rtcp_sdes_next(&sdes, &chunk), "no third");

    pkt = packet(1, "\1\1\1\1\1\5ab", 8);
    sdes = rtcp_sdes_over(&pkt);
    tap_ok(!rtcp_sdes_next(&sdes, &chunk), "item runs over the end");

    pkt = packet(1, "\1\1\1\1\1\2ab", 8);
    sdes = rtcp_sdes_over(&pkt);
    tap_ok(!rtcp_sdes_next(&sdes, &chunk), "items without END");

    pkt = packet(2, "\1\1\1\1\0\0\0\0", 8);
    sdes = rtcp_sdes_over(&pkt);
    tap_ok(rtcp_sdes_next(&sdes, &chunk) && !rtcp_sdes_next(&sdes, &chunk),
           "fewer chunks than announced");

    return tap_done();
}
