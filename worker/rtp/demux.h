/*
 * rtp/demux.h - what a datagram is, by its first bytes (RFC 7983, RFC 5761).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Only a sorting: nothing here says that the datagram is well formed.
 */

#ifndef SFU_RTP_DEMUX_H
#define SFU_RTP_DEMUX_H

#include "base/span.h"

enum rtp_demux {
    RTP_DEMUX_UNKNOWN,          /* also QUIC (RFC 9443) and empty datagrams */
    RTP_DEMUX_STUN,
    RTP_DEMUX_ZRTP,
    RTP_DEMUX_DTLS,
    RTP_DEMUX_TURN_CHANNEL,
    RTP_DEMUX_RTP,
    RTP_DEMUX_RTCP,
};

static inline enum rtp_demux
rtp_demux(struct span datagram)
{
    uint8_t first;

    if (datagram.len < 2) {
        return RTP_DEMUX_UNKNOWN;
    }

    first = datagram.data[0];

    /* nearly all there is, so it is asked first */
    if (first >= 128 && first <= 191) {
        /*
         * RFC 5761, section 4: types 192 to 223 are RTCP's, which is why
         * RTP payload types 64 to 95 are not to be used with rtcp-mux.
         */
        return datagram.data[1] >= 192 && datagram.data[1] <= 223
               ? RTP_DEMUX_RTCP : RTP_DEMUX_RTP;
    }

    if (first <= 3) {
        return RTP_DEMUX_STUN;
    }

    if (first >= 20 && first <= 63) {
        return RTP_DEMUX_DTLS;
    }

    if (first >= 64 && first <= 79) {
        return RTP_DEMUX_TURN_CHANNEL;
    }

    if (first >= 16 && first <= 19) {
        return RTP_DEMUX_ZRTP;
    }

    return RTP_DEMUX_UNKNOWN;
}

#endif
