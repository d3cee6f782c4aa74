/*
 * srtp/rtcp_replay.h - replay list of SRTCP, of one SSRC (RFC 3711, 3.3.2).
 * Copyright (C) the ngx_sfu_module authors
 *
 * An SRTCP packet carries its whole index of 31 bits, so there is nothing to
 * guess, and nothing behind the last one.  As in srtp/replay.h only what was
 * authenticated may be noted.
 */

#ifndef SFU_SRTP_RTCP_REPLAY_H
#define SFU_SRTP_RTCP_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

/* several seconds of feedback; libsrtp2 has the same */
enum { SRTP_RTCP_REPLAY_WINDOW = 128 };

/* all zero before the first packet, and never after */
struct srtp_rtcp_replay {
    uint32_t highest;           /* index of the newest packet */
    uint32_t seen[SRTP_RTCP_REPLAY_WINDOW / 32];        /* a bit each */
};

/* whether any packet was noted */
bool srtp_rtcp_replay_begun(const struct srtp_rtcp_replay *replay);
/* whether it was here, or is too old to know */
bool srtp_rtcp_replay_seen(const struct srtp_rtcp_replay *replay,
                           uint32_t index);
/* it was genuine, and not seen */
void srtp_rtcp_replay_note(struct srtp_rtcp_replay *replay, uint32_t index);

#endif
