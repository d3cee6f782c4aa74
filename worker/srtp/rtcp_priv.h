/*
 * srtp/rtcp_priv.h - the layout of an SRTCP packet (RFC 3711, 3.4).
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_RTCP_PRIV_H
#define SFU_SRTP_RTCP_PRIV_H

#include <string.h>

#include "srtp/key_priv.h"

/* it is encrypted; the other bits are the index */
#define SRTP_RTCP_E 0x80000000

enum {
    SRTP_RTCP_HEADER = 8,       /* never encrypted: with the SSRC */
    SRTP_RTCP_TRAILER = 4,      /* E and index */
    SRTP_RTCP_INDEX_MAX = 0x7fffffff,
};

/* AES-GCM has its tag before E and index (RFC 7714, 9), HMAC behind it */
struct srtp_rtcp_layout {
    size_t len;                 /* of the plain packet */
    uint8_t *tag;
    uint8_t *trailer;
};

static inline struct srtp_rtcp_layout
srtp_rtcp_lay_out(const struct srtp_key *key, uint8_t *packet, size_t len)
{
    return (struct srtp_rtcp_layout){
        .len = len,
        .tag = packet + len + (key->gcm ? 0 : SRTP_RTCP_TRAILER),
        .trailer = packet + len + (key->gcm ? SRTP_GCM_TAG : 0),
    };
}

/* what a tag of GCM covers of an encrypted packet besides the text */
static inline struct span
srtp_rtcp_cover(uint8_t covered[SRTP_RTCP_HEADER + SRTP_RTCP_TRAILER],
                const uint8_t *packet, const struct srtp_rtcp_layout *at)
{
    memcpy(covered, packet, SRTP_RTCP_HEADER);
    memcpy(covered + SRTP_RTCP_HEADER, at->trailer, SRTP_RTCP_TRAILER);

    return span_of(covered, SRTP_RTCP_HEADER + SRTP_RTCP_TRAILER);
}

#endif
