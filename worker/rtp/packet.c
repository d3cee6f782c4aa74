/*
 * rtp/packet.c - one RTP packet (RFC 3550, section 5).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/packet.h"

#include "base/error.h"
#include "base/reader.h"

int
rtp_packet_parse(struct rtp_packet *pkt, struct span datagram)
{
    struct reader r = reader_over(datagram);
    uint8_t first = reader_u8(&r);
    uint8_t second = reader_u8(&r);

    *pkt = (struct rtp_packet){ 0 };
    pkt->padded = first & RTP_P;
    pkt->has_extension = first & RTP_X;
    pkt->marker = second & RTP_M;
    pkt->payload_type = second & RTP_PT;
    pkt->seq = reader_u16(&r);
    pkt->timestamp = reader_u32(&r);
    pkt->ssrc = reader_u32(&r);
    pkt->csrc = reader_bytes(&r, 4 * (size_t)(first & RTP_CC));

    if (pkt->has_extension) {
        pkt->profile = reader_u16(&r);
        pkt->extension = reader_bytes(&r, 4 * (size_t)reader_u16(&r));
    }

    pkt->header_len = datagram.len - reader_left(&r);
    pkt->payload = reader_rest(&r);

    if (!reader_ok(&r)) {
        return SFU_ERR_TRUNCATED;
    }

    return first >> 6 == RTP_VERSION ? 0 : SFU_ERR_MALFORMED;
}

int
rtp_packet_unpad(struct rtp_packet *pkt)
{
    uint8_t padding;

    if (!pkt->padded) {
        return 0;
    }

    if (pkt->payload.len == 0) {
        return SFU_ERR_MALFORMED;
    }

    /* its last byte counts the padding, itself included */
    padding = pkt->payload.data[pkt->payload.len - 1];

    if (padding == 0 || padding > pkt->payload.len) {
        return SFU_ERR_MALFORMED;
    }

    pkt->payload.len -= padding;
    pkt->padding = padding;
    pkt->padded = false;

    return 0;
}

void
rtp_packet_write_header(struct writer *w, const struct rtp_packet *pkt)
{
    size_t csrcs = pkt->csrc.len / 4;

    writer_u8(w, (uint8_t)(RTP_VERSION << 6
                           | (pkt->has_extension ? RTP_X : 0)
                           | (csrcs & RTP_CC)));
    writer_u8(w, (uint8_t)((pkt->marker ? RTP_M : 0)
                           | (pkt->payload_type & RTP_PT)));
    writer_u16(w, pkt->seq);
    writer_u32(w, pkt->timestamp);
    writer_u32(w, pkt->ssrc);
    writer_bytes(w, span_of(pkt->csrc.data, 4 * (csrcs & RTP_CC)));
}
