/*
 * rtcp/compound_fuzz.c - any datagram through every parser.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "rtcp/bye.h"
#include "rtcp/compound.h"
#include "rtcp/feedback.h"
#include "rtcp/report.h"
#include "rtcp/sdes.h"
#include "rtcp/transport_cc.h"
#include "rtcp/xr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void
read_report(const struct rtcp_packet *pkt)
{
    struct rtcp_report_blocks blocks;
    struct rtcp_report_block block;
    struct rtcp_sender_info info;
    uint32_t ssrc;
    unsigned count = 0;

    if (pkt->type == RTCP_SR ? rtcp_sr_parse(pkt, &info, &blocks)
                             : rtcp_rr_parse(pkt, &ssrc, &blocks))
    {
        return;
    }

    while (rtcp_report_blocks_next(&blocks, &block)) {
        (void)rtcp_rtt(block.last_sr, block.delay, 0x0102030405060708);
        expect(block.lost >= -0x800000 && block.lost <= 0x7fffff);
        count++;
    }

    expect(count == pkt->count);
}

static void
read_sdes(const struct rtcp_packet *pkt)
{
    struct rtcp_sdes sdes = rtcp_sdes_over(pkt);
    struct rtcp_sdes_chunk chunk;
    unsigned count = 0;

    while (rtcp_sdes_next(&sdes, &chunk)) {
        expect(chunk.cname.len <= 255);
        count++;
    }

    expect(count <= pkt->count);
}

static void
read_nack(struct span fci)
{
    uint8_t out[256];
    uint16_t seqs[64];
    struct rtcp_nack nack = rtcp_nack_over(fci);
    struct writer w = writer_over(out, sizeof(out));
    size_t count = 0;
    size_t taken;
    uint16_t seq;

    while (rtcp_nack_next(&nack, &seq)) {
        if (count < 64) {
            seqs[count++] = seq;
        }
    }

    /* whatever the order is, no more is written than there is room for */
    taken = rtcp_nack_write(&w, 1, 2, seqs, count);
    expect(writer_ok(&w) && taken <= count && (count == 0 || taken > 0));
    expect(writer_len(&w) == 0 || writer_len(&w) >= 16);
}

static void
read_feedback(const struct rtcp_packet *pkt)
{
    struct rtcp_transport_cc_status status;
    struct rtcp_transport_cc tcc;
    struct rtcp_feedback fb;
    struct rtcp_fir fir;
    struct span ssrcs;
    uint64_t bitrate;
    uint32_t ssrc;
    uint8_t number;

    if (rtcp_feedback_parse(pkt, &fb)) {
        return;
    }

    if (pkt->type == RTCP_PSFB) {
        for (fir = rtcp_fir_over(fb.fci);
             rtcp_fir_next(&fir, &ssrc, &number);)
        {
            expect(fb.fci.len >= 8);
        }

        if (rtcp_remb_parse(&fb, &bitrate, &ssrcs) == 0) {
            expect(ssrcs.len % 4 == 0 && ssrcs.len + 8 <= fb.fci.len);
        }

        return;
    }

    read_nack(fb.fci);

    if (rtcp_transport_cc_parse(&fb, &tcc) == 0) {
        unsigned count = 0;

        while (rtcp_transport_cc_next(&tcc, &status)) {
            count++;
        }

        expect(count == tcc.count && reader_ok(&tcc.deltas));
    }
}

static void
read_xr(const struct rtcp_packet *pkt)
{
    struct rtcp_xr_block block;
    struct rtcp_xr_dlrr item;
    struct rtcp_xr xr;
    struct reader r;
    uint64_t ntp;

    if (rtcp_xr_parse(pkt, &xr)) {
        return;
    }

    while (rtcp_xr_next(&xr, &block)) {
        (void)rtcp_xr_rrtr(&block, &ntp);
        r = reader_over(block.body);

        while (rtcp_xr_dlrr_next(&r, &item)) {
            expect(block.body.len >= 12);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtcp_compound c = rtcp_compound_over(span_of(data, size));
    struct rtcp_packet pkt;
    struct rtcp_bye bye;

    while (rtcp_compound_next(&c, &pkt)) {
        expect(pkt.body.len <= size);

        switch (pkt.type) {
        case RTCP_SR:
        case RTCP_RR:
            read_report(&pkt);
            break;
        case RTCP_SDES:
            read_sdes(&pkt);
            break;
        case RTCP_BYE:
            (void)rtcp_bye_parse(&pkt, &bye);
            break;
        case RTCP_RTPFB:
        case RTCP_PSFB:
            read_feedback(&pkt);
            break;
        case RTCP_XR:
            read_xr(&pkt);
            break;
        default:
            break;
        }
    }

    return 0;
}
