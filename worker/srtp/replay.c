/*
 * srtp/replay.c - packet index and replay list of one SSRC (RFC 3711, 3.3).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/replay.h"

#include <string.h>

enum {
    CYCLE = 65536,
    HALF = CYCLE / 2,
};

/*
 * Section 3.3.1 and appendix A.  What would be before index 0 is taken for a
 * jump forward, as libsrtp2 does: with no rollover yet, none can be undone.
 */
uint64_t
srtp_replay_estimate(const struct srtp_replay *replay, uint16_t seq)
{
    int32_t distance = (int32_t)seq - (uint16_t)replay->highest;

    if (distance < -HALF) {
        distance += CYCLE;
    } else if (distance > HALF && replay->highest >= CYCLE) {
        distance -= CYCLE;
    }

    return replay->highest + (uint64_t)(int64_t)distance;
}

static uint64_t
bit_of(uint64_t index)
{
    return (uint64_t)1 << (index % 64);
}

static size_t
word_of(uint64_t index)
{
    return index % SRTP_REPLAY_WINDOW / 64;
}

bool
srtp_replay_seen(const struct srtp_replay *replay, uint64_t index)
{
    if (index > replay->highest) {
        return false;
    }

    return replay->highest - index >= SRTP_REPLAY_WINDOW
           || (replay->seen[word_of(index)] & bit_of(index));
}

void
srtp_replay_note(struct srtp_replay *replay, uint64_t index)
{
    if (index > replay->highest) {
        if (index - replay->highest >= SRTP_REPLAY_WINDOW) {
            memset(replay->seen, 0, sizeof(replay->seen));
        } else {
            /* the numbers between take the place of the oldest ones */
            for (uint64_t i = replay->highest + 1; i < index; i++) {
                replay->seen[word_of(i)] &= ~bit_of(i);
            }
        }

        replay->highest = index;
    }

    replay->seen[word_of(index)] |= bit_of(index);
}
