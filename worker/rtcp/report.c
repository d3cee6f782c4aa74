/*
 * rtcp/report.c - sender and receiver reports (RFC 3550, section 6.4).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/report.h"

#include "base/error.h"

enum {
    BLOCK_LEN = 24,
    ROUNDING = 655,             /* 10 ms: some clocks are that coarse */
};

static int
parse_blocks(struct rtcp_report_blocks *blocks, struct reader r,
    unsigned count)
{
    if (!reader_ok(&r) || reader_left(&r) < (size_t)count * BLOCK_LEN) {
        return SFU_ERR_TRUNCATED;
    }

    blocks->reader = r;
    blocks->left = count;

    return 0;
}

int
rtcp_sr_parse(const struct rtcp_packet *pkt, struct rtcp_sender_info *info,
    struct rtcp_report_blocks *blocks)
{
    struct reader r = reader_over(pkt->body);

    info->ssrc = reader_u32(&r);
    info->ntp = reader_u64(&r);
    info->timestamp = reader_u32(&r);
    info->packets = reader_u32(&r);
    info->bytes = reader_u32(&r);

    return parse_blocks(blocks, r, pkt->count);
}

int
rtcp_rr_parse(const struct rtcp_packet *pkt, uint32_t *ssrc,
    struct rtcp_report_blocks *blocks)
{
    struct reader r = reader_over(pkt->body);

    *ssrc = reader_u32(&r);

    return parse_blocks(blocks, r, pkt->count);
}

/* 24 bits in two's complement */
static int32_t
signed_24(uint32_t v)
{
    return (int32_t)(v ^ 0x800000) - 0x800000;
}

bool
rtcp_report_blocks_next(struct rtcp_report_blocks *blocks,
    struct rtcp_report_block *block)
{
    struct reader *r = &blocks->reader;

    if (blocks->left == 0) {
        return false;
    }

    blocks->left--;
    block->ssrc = reader_u32(r);
    block->fraction_lost = reader_u8(r);
    block->lost = signed_24(reader_u24(r));
    block->highest_seq = reader_u32(r);
    block->jitter = reader_u32(r);
    block->last_sr = reader_u32(r);
    block->delay = reader_u32(r);

    return reader_ok(r);
}

static void
write_blocks(struct writer *w, const struct rtcp_report_block *blocks,
    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        writer_u32(w, blocks[i].ssrc);
        writer_u8(w, blocks[i].fraction_lost);
        writer_u24(w, (uint32_t)blocks[i].lost);
        writer_u32(w, blocks[i].highest_seq);
        writer_u32(w, blocks[i].jitter);
        writer_u32(w, blocks[i].last_sr);
        writer_u32(w, blocks[i].delay);
    }
}

static size_t
limited(size_t count)
{
    return count > RTCP_REPORT_BLOCKS_MAX ? RTCP_REPORT_BLOCKS_MAX : count;
}

void
rtcp_sr_write(struct writer *w, const struct rtcp_sender_info *info,
    const struct rtcp_report_block *blocks, size_t count)
{
    size_t begin;

    count = limited(count);
    begin = rtcp_packet_begin(w, RTCP_SR, (unsigned)count);
    writer_u32(w, info->ssrc);
    writer_u64(w, info->ntp);
    writer_u32(w, info->timestamp);
    writer_u32(w, info->packets);
    writer_u32(w, info->bytes);
    write_blocks(w, blocks, count);
    rtcp_packet_end(w, begin);
}

void
rtcp_rr_write(struct writer *w, uint32_t ssrc,
    const struct rtcp_report_block *blocks, size_t count)
{
    size_t begin;

    count = limited(count);
    begin = rtcp_packet_begin(w, RTCP_RR, (unsigned)count);
    writer_u32(w, ssrc);
    write_blocks(w, blocks, count);
    rtcp_packet_end(w, begin);
}

usec_t
rtcp_rtt(uint32_t last, uint32_t delay, uint64_t ntp_now)
{
    int32_t rtt = (int32_t)(rtcp_ntp_middle(ntp_now) - last - delay);

    if (last == 0 || rtt < -ROUNDING) {
        return -1;
    }

    return rtt > 0 ? ((usec_t)rtt * USEC_PER_SEC) >> 16 : 1;
}
