/*
 * rtp/packet.h - one RTP packet (RFC 3550, section 5).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Everything points into the datagram.  Padding is encrypted with the payload
 * (RFC 3711, section 3.1): parse before or after decryption, but ask
 * rtp_packet_unpad() only for a packet parsed from plaintext.
 */

#ifndef SFU_RTP_PACKET_H
#define SFU_RTP_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"

#define RTP_VERSION 2

/* the first byte */
#define RTP_P 0x20
#define RTP_X 0x10
#define RTP_CC 0x0f
/* the second */
#define RTP_M 0x80
#define RTP_PT 0x7f

enum {
    RTP_HEADER_LEN = 12,        /* without CSRCs and extension */
    RTP_CSRC_MAX = 15,
};

struct rtp_packet {
    bool padded;                /* and not yet unpadded */
    bool marker;
    bool has_extension;
    uint8_t payload_type;
    uint8_t padding;            /* bytes behind the payload, once unpadded */
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    uint16_t profile;           /* of the extension */
    struct span csrc;           /* four bytes each */
    struct span extension;      /* without its profile and length */
    struct span payload;        /* with the padding until unpadded */
    size_t header_len;          /* bytes before the payload */
};

/* SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED */
int rtp_packet_parse(struct rtp_packet *pkt, struct span datagram);

/*
 * Takes the padding off the payload; nothing happens to a packet without.
 * A payload may well be empty then: browsers probe with padding alone.
 * SFU_ERR_MALFORMED when the padding does not fit the packet.
 */
int rtp_packet_unpad(struct rtp_packet *pkt);

/*
 * The fixed header and the CSRCs, from marker, payload_type, seq, timestamp,
 * ssrc, csrc and has_extension; says "not padded".  An extension block
 * (rtp_extensions_write()) and the payload come next.
 */
void rtp_packet_write_header(struct writer *w, const struct rtp_packet *pkt);

#endif
