/*
 * rtp/rtx.c - retransmissions in a stream of their own (RFC 4588).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/rtx.h"

#include "base/error.h"

enum { OSN_LEN = 2 };           /* the original sequence number */

/*
 * The header moves up over the OSN, since it is much shorter than the
 * payload that would have to move down.
 */
int
rtp_rtx_unwrap(uint8_t *data, const struct rtp_packet *rtx, uint32_t ssrc,
    uint8_t payload_type, struct span *original)
{
    uint8_t *header = data + OSN_LEN;
    const uint8_t *osn = data + rtx->header_len;
    uint8_t seq[OSN_LEN];

    if (rtx->payload.len < OSN_LEN) {
        return SFU_ERR_TRUNCATED;
    }

    memcpy(seq, osn, OSN_LEN);
    memmove(header, data, rtx->header_len);

    header[0] &= (uint8_t)~RTP_P;
    header[1] = (uint8_t)((header[1] & RTP_M) | (payload_type & RTP_PT));
    memcpy(header + 2, seq, OSN_LEN);
    header[8] = (uint8_t)(ssrc >> 24);
    header[9] = (uint8_t)(ssrc >> 16);
    header[10] = (uint8_t)(ssrc >> 8);
    header[11] = (uint8_t)ssrc;

    *original = span_of(header, rtx->header_len + rtx->payload.len - OSN_LEN);

    return 0;
}

struct rtp_packet
rtp_rtx_header(const struct rtp_packet *original, uint32_t ssrc,
    uint8_t payload_type, uint16_t seq)
{
    struct rtp_packet rtx = *original;

    rtx.ssrc = ssrc;
    rtx.payload_type = payload_type;
    rtx.seq = seq;

    return rtx;
}

void
rtp_rtx_write_payload(struct writer *w, uint16_t original_seq,
    struct span payload)
{
    writer_u16(w, original_seq);
    writer_bytes(w, payload);
}
