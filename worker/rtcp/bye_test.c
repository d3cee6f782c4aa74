/*
 * rtcp/bye_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/bye.h"
#include "base/error.h"
#include "test/tap.h"

int
main(void)
{
    static const uint32_t two[] = { 0x01020304, 0x05060708 };
    static const uint32_t many[40];
    uint8_t out[512];
    struct writer w = writer_over(out, sizeof(out));
    struct rtcp_compound c;
    struct rtcp_packet pkt;
    struct rtcp_bye bye;

    rtcp_bye_write(&w, two, 2, span_str("done"));
    tap_is_bytes(writer_span(&w),
                 span_of("\x82\xcb\0\4\1\2\3\4\5\6\7\x08\4done\0\0\0", 20),
                 "two sources and a reason");
    c = rtcp_compound_over(writer_span(&w));
    rtcp_compound_next(&c, &pkt);
    tap_is_int(rtcp_bye_parse(&pkt, &bye), 0, "parses");
    tap_ok(bye.count == 2 && bye.ssrc[0] == two[0] && bye.ssrc[1] == two[1],
           "both sources");
    tap_ok(span_eq_str(bye.reason, "done"), "the reason");

    pkt.body.len = 10;
    tap_is_int(rtcp_bye_parse(&pkt, &bye), SFU_ERR_TRUNCATED,
               "reason runs over the end");
    pkt.body.len = 7;
    tap_is_int(rtcp_bye_parse(&pkt, &bye), SFU_ERR_TRUNCATED,
               "fewer sources than announced");
    pkt.body.len = 8;
    tap_is_int(rtcp_bye_parse(&pkt, &bye), 0, "no reason");
    tap_is_int((long long)bye.reason.len, 0, "is an empty one");

    w = writer_over(out, sizeof(out));
    rtcp_bye_write(&w, many, 40, span_str(""));
    c = rtcp_compound_over(writer_span(&w));
    tap_ok(rtcp_compound_next(&c, &pkt) && rtcp_bye_parse(&pkt, &bye) == 0
           && bye.count == 31, "no more sources than can be counted");

    return tap_done();
}
