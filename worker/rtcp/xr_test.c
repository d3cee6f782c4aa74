/*
 * rtcp/xr_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/xr.h"
#include "base/error.h"
#include "test/tap.h"

static struct rtcp_packet
first_packet(const struct writer *w)
{
    struct rtcp_compound c = rtcp_compound_over(writer_span(w));
    struct rtcp_packet pkt = { 0 };

    tap_ok(rtcp_compound_next(&c, &pkt) && pkt.type == RTCP_XR, "an XR");

    return pkt;
}

int
main(void)
{
    static const struct rtcp_xr_dlrr items[] = {
        { 0x11111111, 0x22222222, 3 }, { 4, 5, 6 },
    };
    uint8_t out[128];
    struct writer w = writer_over(out, sizeof(out));
    struct rtcp_xr_dlrr item;
    struct rtcp_xr_block block;
    struct rtcp_packet pkt;
    struct rtcp_xr xr;
    struct reader r;
    uint64_t ntp = 0;

    rtcp_xr_rrtr_write(&w, 0x0a0b0c0d, 0x0102030405060708);
    tap_is_bytes(writer_span(&w),
                 span_of("\x80\xcf\0\4\x0a\x0b\x0c\x0d\4\0\0\2"
                         "\1\2\3\4\5\6\7\x08", 20), "RRTR");
    pkt = first_packet(&w);
    tap_is_int(rtcp_xr_parse(&pkt, &xr), 0, "parses");
    tap_is_int(xr.sender, 0x0a0b0c0d, "sender");
    tap_ok(rtcp_xr_next(&xr, &block) && block.type == RTCP_XR_RRTR, "block");
    tap_ok(rtcp_xr_rrtr(&block, &ntp) == 0 && ntp == 0x0102030405060708,
           "time");
    tap_ok(!rtcp_xr_next(&xr, &block), "no other block");
    block.body.len = 4;
    tap_is_int(rtcp_xr_rrtr(&block, &ntp), SFU_ERR_MALFORMED, "half a time");

    w = writer_over(out, sizeof(out));
    rtcp_xr_dlrr_write(&w, 1, items, 2);
    pkt = first_packet(&w);
    rtcp_xr_parse(&pkt, &xr);
    tap_ok(rtcp_xr_next(&xr, &block) && block.type == RTCP_XR_DLRR, "DLRR");
    r = reader_over(block.body);

    for (int i = 0; i < 2; i++) {
        tap_ok(rtcp_xr_dlrr_next(&r, &item) && item.ssrc == items[i].ssrc
               && item.last_rr == items[i].last_rr
               && item.delay == items[i].delay, "item %d", i);
    }

    tap_ok(!rtcp_xr_dlrr_next(&r, &item), "no third");

    /* a loss report block (1) that we do not read, then RRTR */
    pkt.body = span_of("\0\0\0\1\1\0\0\1\0\0\0\0\4\0\0\2\0\0\0\0\0\0\0\7", 24);
    rtcp_xr_parse(&pkt, &xr);
    tap_ok(rtcp_xr_next(&xr, &block) && block.type == 1, "an unknown block");
    tap_ok(rtcp_xr_next(&xr, &block) && rtcp_xr_rrtr(&block, &ntp) == 0
           && ntp == 7, "and the one behind it");

    pkt.body.len = 20;
    rtcp_xr_parse(&pkt, &xr);
    tap_ok(rtcp_xr_next(&xr, &block) && !rtcp_xr_next(&xr, &block),
           "a block that runs over the end");
    pkt.body.len = 3;
    tap_is_int(rtcp_xr_parse(&pkt, &xr), SFU_ERR_TRUNCATED, "half a sender");

    return tap_done();
}
