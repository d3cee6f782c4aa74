/*
 * rtp/seq.h - extended sequence numbers (RFC 3550, A.1).
 * Copyright (C) the ngx_sfu_module authors
 *
 * The wire carries 16 bits.  Everything behind the receiver uses the 64-bit
 * extended number, which never wraps; compare those with plain "<".
 *
 * There is no probation and no restart as in A.1: only authenticated packets
 * come here, and a sender that jumps has lost its SRTP index as well.
 */

#ifndef SFU_RTP_SEQ_H
#define SFU_RTP_SEQ_H

#include <stdint.h>

/* the number nearest to the reference that ends in these 16 bits */
static inline uint64_t
rtp_seq_extend(uint64_t reference, uint16_t seq)
{
    int16_t distance = (int16_t)(uint16_t)(seq - (uint16_t)reference);

    return reference + (uint64_t)(int64_t)distance;
}

/* zeroed: nothing was seen */
struct rtp_seq {
    uint64_t highest;           /* 0 until the first packet */
};

/*
 * The extended number, which becomes the highest if it is.  The first one is
 * put into cycle 1, so that what arrives late before it stays positive, and
 * no packet has number 0.
 */
static inline uint64_t
rtp_seq_update(struct rtp_seq *s, uint16_t seq)
{
    uint64_t extended;

    if (s->highest == 0) {
        s->highest = 65536 + (uint64_t)seq;
        return s->highest;
    }

    extended = rtp_seq_extend(s->highest, seq);

    if (extended > s->highest) {
        s->highest = extended;
    }

    return extended;
}

#endif
