/*
 * srtp/rtcp_replay.c - replay list of SRTCP, of one SSRC (RFC 3711, 3.3.2).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/rtcp_replay.h"

#include <stddef.h>
#include <string.h>

static uint32_t
bit_of(uint32_t index)
{
    return (uint32_t)1 << (index % 32);
}

static size_t
word_of(uint32_t index)
{
    return index % SRTP_RTCP_REPLAY_WINDOW / 32;
}

bool
srtp_rtcp_replay_begun(const struct srtp_rtcp_replay *replay)
{
    return replay->seen[word_of(replay->highest)] & bit_of(replay->highest);
}

bool
srtp_rtcp_replay_seen(const struct srtp_rtcp_replay *replay, uint32_t index)
{
    if (index > replay->highest) {
        return false;
    }

    return replay->highest - index >= SRTP_RTCP_REPLAY_WINDOW
           || (replay->seen[word_of(index)] & bit_of(index));
}

void
srtp_rtcp_replay_note(struct srtp_rtcp_replay *replay, uint32_t index)
{
    if (index > replay->highest) {
        if (index - replay->highest >= SRTP_RTCP_REPLAY_WINDOW) {
            memset(replay->seen, 0, sizeof(replay->seen));
        } else {
            /* the numbers between take the place of the oldest ones */
            for (uint32_t i = replay->highest + 1; i < index; i++) {
                replay->seen[word_of(i)] &= ~bit_of(i);
            }
        }

        replay->highest = index;
    }

    replay->seen[word_of(index)] |= bit_of(index);
}
