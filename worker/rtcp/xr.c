/*
 * rtcp/xr.c - extended reports (RFC 3611): receivers measure the round trip.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/xr.h"

#include "base/error.h"

enum { DLRR_ITEM_LEN = 12 };

int
rtcp_xr_parse(const struct rtcp_packet *pkt, struct rtcp_xr *xr)
{
    xr->reader = reader_over(pkt->body);
    xr->sender = reader_u32(&xr->reader);

    return reader_ok(&xr->reader) ? 0 : SFU_ERR_TRUNCATED;
}

bool
rtcp_xr_next(struct rtcp_xr *xr, struct rtcp_xr_block *block)
{
    struct reader *r = &xr->reader;

    if (reader_left(r) == 0) {
        return false;
    }

    block->type = reader_u8(r);
    reader_skip(r, 1);          /* type-specific; reserved in ours */
    block->body = reader_bytes(r, 4 * (size_t)reader_u16(r));

    return reader_ok(r);
}

int
rtcp_xr_rrtr(const struct rtcp_xr_block *block, uint64_t *ntp)
{
    struct reader r = reader_over(block->body);

    *ntp = reader_u64(&r);

    return reader_ok(&r) && reader_left(&r) == 0 ? 0 : SFU_ERR_MALFORMED;
}

bool
rtcp_xr_dlrr_next(struct reader *items, struct rtcp_xr_dlrr *item)
{
    if (reader_left(items) < DLRR_ITEM_LEN) {
        return false;
    }

    item->ssrc = reader_u32(items);
    item->last_rr = reader_u32(items);
    item->delay = reader_u32(items);

    return true;
}

/* an extended report with one block; body in bytes */
static size_t
begin_block(struct writer *w, uint32_t sender, uint8_t type, size_t body)
{
    size_t begin = rtcp_packet_begin(w, RTCP_XR, 0);

    writer_u32(w, sender);
    writer_u8(w, type);
    writer_u8(w, 0);
    writer_u16(w, (uint16_t)(body / 4));

    return begin;
}

void
rtcp_xr_rrtr_write(struct writer *w, uint32_t sender, uint64_t ntp)
{
    size_t begin = begin_block(w, sender, RTCP_XR_RRTR, sizeof(ntp));

    writer_u64(w, ntp);
    rtcp_packet_end(w, begin);
}

void
rtcp_xr_dlrr_write(struct writer *w, uint32_t sender,
    const struct rtcp_xr_dlrr *items, size_t count)
{
    size_t begin = begin_block(w, sender, RTCP_XR_DLRR,
                               count * DLRR_ITEM_LEN);

    for (size_t i = 0; i < count; i++) {
        writer_u32(w, items[i].ssrc);
        writer_u32(w, items[i].last_rr);
        writer_u32(w, items[i].delay);
    }

    rtcp_packet_end(w, begin);
}
