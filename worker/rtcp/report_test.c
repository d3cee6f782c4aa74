/*
 * rtcp/report_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/report.h"
#include "base/error.h"
#include "test/tap.h"

static const struct rtcp_report_block blocks[2] = {
    { .ssrc = 0x11111111, .fraction_lost = 64, .lost = -2,
      .highest_seq = 0x00010005, .jitter = 180, .last_sr = 0x22223333,
      .delay = 98304 },
    { .ssrc = 0x22222222, .fraction_lost = 255, .lost = 0x7fffff,
      .highest_seq = 7, .jitter = 1, .last_sr = 0, .delay = 0 },
};

static bool
same_block(const struct rtcp_report_block *a,
    const struct rtcp_report_block *b)
{
    return a->ssrc == b->ssrc && a->fraction_lost == b->fraction_lost
           && a->lost == b->lost && a->highest_seq == b->highest_seq
           && a->jitter == b->jitter && a->last_sr == b->last_sr
           && a->delay == b->delay;
}

static struct rtcp_packet
first_packet(struct span datagram)
{
    struct rtcp_compound c = rtcp_compound_over(datagram);
    struct rtcp_packet pkt = { 0 };

    tap_ok(rtcp_compound_next(&c, &pkt) && !c.malformed, "a whole packet");

    return pkt;
}

static void
test_sender_report(void)
{
    static const uint8_t wire[] = {
        0x81, 200, 0, 12, 0xaa, 0xaa, 0xaa, 0xaa,
        1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x23, 0x28, 0, 0, 0, 9, 0, 0, 4, 0,
        0x11, 0x11, 0x11, 0x11, 64, 0xff, 0xff, 0xfe, 0, 1, 0, 5,
        0, 0, 0, 180, 0x22, 0x22, 0x33, 0x33, 0, 1, 0x80, 0,
    };
    uint8_t out[128];
    struct writer w = writer_over(out, sizeof(out));
    struct rtcp_packet pkt = first_packet(span_of(wire, sizeof(wire)));
    struct rtcp_report_blocks list;
    struct rtcp_report_block block;
    struct rtcp_sender_info info;

    tap_is_int(rtcp_sr_parse(&pkt, &info, &list), 0, "SR");
    tap_is_int(info.ssrc, 0xaaaaaaaa, "sender");
    tap_ok(info.ntp == 0x0102030405060708, "NTP time");
    tap_ok(info.timestamp == 9000 && info.packets == 9 && info.bytes == 1024,
           "timestamp and counts");
    tap_ok(rtcp_report_blocks_next(&list, &block)
           && same_block(&block, &blocks[0]), "report block");
    tap_ok(!rtcp_report_blocks_next(&list, &block), "and no other");

    rtcp_sr_write(&w, &info, &block, 1);
    tap_is_bytes(writer_span(&w), span_of(wire, sizeof(wire)),
                 "is built as it was");

    pkt.count = 2;
    tap_is_int(rtcp_sr_parse(&pkt, &info, &list), SFU_ERR_TRUNCATED,
               "fewer blocks than announced");
    pkt.count = 0;
    pkt.body.len = 20;
    tap_is_int(rtcp_sr_parse(&pkt, &info, &list), SFU_ERR_TRUNCATED,
               "shorter than a sender's part");
}

static void
test_receiver_report(void)
{
    static struct rtcp_report_block many[40];
    uint8_t out[1024];
    struct writer w = writer_over(out, sizeof(out));
    struct rtcp_report_blocks list;
    struct rtcp_report_block block;
    struct rtcp_packet pkt;
    uint32_t ssrc;
    int count = 0;

    rtcp_rr_write(&w, 0xbbbbbbbb, blocks, 2);
    pkt = first_packet(writer_span(&w));
    tap_is_int(pkt.type, RTCP_RR, "RR");
    tap_is_int(rtcp_rr_parse(&pkt, &ssrc, &list), 0, "parses");
    tap_is_int(ssrc, 0xbbbbbbbb, "sender");
    tap_ok(rtcp_report_blocks_next(&list, &block)
           && same_block(&block, &blocks[0]), "first block");
    tap_ok(rtcp_report_blocks_next(&list, &block)
           && same_block(&block, &blocks[1]), "second block");
    tap_ok(!rtcp_report_blocks_next(&list, &block), "no third");

    w = writer_over(out, sizeof(out));
    rtcp_rr_write(&w, 1, NULL, 0);
    pkt = first_packet(writer_span(&w));
    tap_ok(rtcp_rr_parse(&pkt, &ssrc, &list) == 0
           && !rtcp_report_blocks_next(&list, &block), "an empty RR");

    w = writer_over(out, sizeof(out));
    rtcp_rr_write(&w, 1, many, 40);
    pkt = first_packet(writer_span(&w));
    rtcp_rr_parse(&pkt, &ssrc, &list);

    while (rtcp_report_blocks_next(&list, &block)) {
        count++;
    }

    tap_is_int(count, 31, "no more blocks than can be counted");

    pkt.body.len = 2;
    pkt.count = 0;
    tap_is_int(rtcp_rr_parse(&pkt, &ssrc, &list), SFU_ERR_TRUNCATED,
               "half an SSRC");
}

struct rtt_row {
    const char *why;
    uint32_t last;
    uint32_t delay;
    uint64_t now;               /* middle 32 bits */
    usec_t rtt;
};

static const struct rtt_row rtt_rows[] = {
    /* RFC 3550, figure 2: 6.125 s */
    { "the RFC's example", 0xb7052000, 0x00054000, 0xb7108000, 6125000 },
    { "over the wrap of the time", 0xffff8000, 0x00004000, 0x00004000,
      500000 },
    { "no report of ours yet", 0, 0, 0xb7108000, -1 },
    { "no time passed", 0x10000, 0x8000, 0x18000, 1 },
    { "the peer's clock rounds up", 0x10000, 0x8100, 0x18000, 1 },
    { "a delay longer than the time that passed", 0x10000, 0x20000, 0x18000,
      -1 },
};

int
main(void)
{
    test_sender_report();
    test_receiver_report();

    for (size_t i = 0; i < sizeof(rtt_rows) / sizeof(rtt_rows[0]); i++) {
        const struct rtt_row *row = &rtt_rows[i];

        tap_is_int(rtcp_rtt(row->last, row->delay, row->now << 16), row->rtt,
                   "%s", row->why);
    }

    tap_is_int(rtcp_delay(1500000), 98304, "1.5 s in 1/65536 s");
    tap_is_int(rtcp_ntp_middle(0x0102030405060708), 0x03040506,
               "the middle of an NTP time");

    return tap_done();
}
