/*
 * rtcp/bye.c - sources that leave (RFC 3550, section 6.6).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/bye.h"

#include "base/error.h"

enum { REASON_MAX = 255 };

int
rtcp_bye_parse(const struct rtcp_packet *pkt, struct rtcp_bye *bye)
{
    struct reader r = reader_over(pkt->body);

    bye->count = pkt->count;
    bye->reason = (struct span){ 0 };

    for (size_t i = 0; i < bye->count; i++) {
        bye->ssrc[i] = reader_u32(&r);
    }

    if (reader_left(&r)) {
        bye->reason = reader_bytes(&r, reader_u8(&r));
    }

    return reader_ok(&r) ? 0 : SFU_ERR_TRUNCATED;
}

void
rtcp_bye_write(struct writer *w, const uint32_t *ssrc, size_t count,
    struct span reason)
{
    size_t begin;

    if (count > RTCP_BYE_MAX) {
        count = RTCP_BYE_MAX;
    }

    if (reason.len > REASON_MAX) {
        reason.len = REASON_MAX;
    }

    begin = rtcp_packet_begin(w, RTCP_BYE, (unsigned)count);

    for (size_t i = 0; i < count; i++) {
        writer_u32(w, ssrc[i]);
    }

    if (reason.len) {
        writer_u8(w, (uint8_t)reason.len);
        writer_bytes(w, reason);
        writer_fill(w, 0, -(1 + reason.len) & 3);
    }

    rtcp_packet_end(w, begin);
}
