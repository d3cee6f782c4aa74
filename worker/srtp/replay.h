/*
 * srtp/replay.h - packet index and replay list of one SSRC (RFC 3711, 3.3).
 * Copyright (C) the ngx_sfu_module authors
 *
 * The wire carries 16 bits of an index of 48, and the tag covers all of them:
 * a wrong estimate is a wrong tag.  So only an authenticated packet may be
 * noted here; before, its number is anybody's claim.
 */

#ifndef SFU_SRTP_REPLAY_H
#define SFU_SRTP_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* browsers at 4K send 1000 packets within the delay of a bad network */
enum { SRTP_REPLAY_WINDOW = 1024 };

/* all zero before the first packet */
struct srtp_replay {
    uint64_t highest;           /* index of the newest packet */
    uint64_t seen[SRTP_REPLAY_WINDOW / 64];     /* by index, a bit each */
};

/* rollover counter << 16 | sequence number, as near to the newest as can be */
uint64_t srtp_replay_estimate(const struct srtp_replay *replay, uint16_t seq);
/* whether it was here, or is too old to know */
bool srtp_replay_seen(const struct srtp_replay *replay, uint64_t index);
/* it was genuine, and not seen */
void srtp_replay_note(struct srtp_replay *replay, uint64_t index);

#endif
