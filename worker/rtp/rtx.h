/*
 * rtp/rtx.h - retransmissions in a stream of their own (RFC 4588).
 * Copyright (C) the ngx_sfu_module authors
 *
 * The payload of a retransmission is the original sequence number and the
 * original payload; header extensions are those of the retransmission.
 */

#ifndef SFU_RTP_RTX_H
#define SFU_RTP_RTX_H

#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"
#include "rtp/packet.h"

/*
 * Turns a retransmission into what was sent first, in place: data is what
 * rtx was parsed from, decrypted, and rtx is unpadded.  The original begins
 * two bytes into data and has no padding; parse it again.
 * SFU_ERR_TRUNCATED: it holds no original.  Chrome probes with such.
 */
int rtp_rtx_unwrap(uint8_t *data, const struct rtp_packet *rtx,
    uint32_t ssrc, uint8_t payload_type, struct span *original);

/*
 * The header under which a packet is sent again.  After it come the extension
 * block, the sequence number of the original and its payload:
 * rtp_rtx_write_payload().
 */
struct rtp_packet rtp_rtx_header(const struct rtp_packet *original,
    uint32_t ssrc, uint8_t payload_type, uint16_t seq);

void rtp_rtx_write_payload(struct writer *w, uint16_t original_seq,
    struct span payload);

#endif
