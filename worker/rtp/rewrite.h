/*
 * rtp/rewrite.h - one continuous stream out of what a subscription is sent.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A subscriber sees one SSRC whose sequence numbers and timestamps have no
 * seam, although the packets come from changing sources (simulcast layers,
 * a replaced track) and some are left out on purpose (layers of SVC).
 *
 * Numbers that were lost on the way to us stay gaps on the way out, at
 * their place, so that what is recovered late still fits in, and the
 * subscriber's NACK for it can be answered.
 *
 * Between two changes (a "run") outgoing and incoming numbers differ by a
 * constant.  The last runs are kept: with 30 left-out layers a second they
 * reach back about two seconds.
 */

#ifndef SFU_RTP_REWRITE_H
#define SFU_RTP_REWRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum { RTP_REWRITE_RUNS = 64 };         /* a power of two */

/*
 * What else is subtracted in the packets of a run: numbers of pictures in
 * payloads and of frames in extensions, which the caller reads and writes.
 */
struct rtp_rewrite_shift {
    uint16_t picture;
    uint16_t frame;
    uint8_t tl0;
};

struct rtp_rewrite_run {
    uint64_t in;                /* first extended number of the run */
    uint64_t out;               /* what becomes of it */
    uint32_t timestamp_offset;
    uint32_t source;
    struct rtp_rewrite_shift shift;
};

/*
 * What each packet needs comes first, in two cache lines; the runs are looked
 * at only when something was lost or asked for again.
 */
struct rtp_rewrite {
    uint64_t next_in;           /* above all that was sent or skipped */
    uint64_t highest;           /* outgoing number */
    uint64_t cycles;            /* where SRTP began to count */
    struct rtp_rewrite_run current;     /* a copy of the last run */
    uint64_t count;             /* of runs ever; the last is the current */
    uint32_t last_timestamp;    /* outgoing, of the newest packet */
    uint32_t clock_rate;
    usec_t last_time;           /* when that one was sent */
    uint32_t source;            /* of the packets to come */
    bool switching;             /* the next packet begins a new source */
    bool aligned;               /* and then has this offset, if it can */
    uint32_t aligned_offset;
    struct rtp_rewrite_shift shift;     /* of the runs to come */
    uint64_t first;             /* run of the current source */
    struct rtp_rewrite_run runs[RTP_REWRITE_RUNS];
};

/* the first outgoing number and timestamp; random ones (RFC 3550, 5.1) */
void rtp_rewrite_init(struct rtp_rewrite *rw, uint32_t clock_rate,
    uint16_t seq, uint32_t timestamp);

/*
 * From now on packets come from this source (any number that the caller
 * finds the source by again).  Its first packet follows on what was sent
 * before, and what arrives late from before that one is refused.  Called
 * before the first packet, and again when a source starts its numbers anew.
 */
void rtp_rewrite_switch(struct rtp_rewrite *rw, uint32_t source);

/*
 * The clocks of both sources are known: this is to be added to the timestamps
 * of the new one.  Time does not go back for it, nor jump.
 */
void rtp_rewrite_align(struct rtp_rewrite *rw, uint32_t timestamp_offset);

/*
 * Of the source that comes, or of what follows on packets that are skipped:
 * called before rtp_rewrite_skip(), of a packet that it would not refuse.
 */
static inline void
rtp_rewrite_set_shift(struct rtp_rewrite *rw, struct rtp_rewrite_shift shift)
{
    rw->shift = shift;
}

/*
 * The peer's SRTP begins anew, with other keys and a rollover counter of 0;
 * what was sent before cannot be sent again.
 */
void rtp_rewrite_restart_index(struct rtp_rewrite *rw);

struct rtp_rewritten {
    uint16_t seq;
    uint32_t timestamp;
    uint64_t index;             /* as SRTP counts: rollover counter and seq */
    struct rtp_rewrite_shift shift;
};

/*
 * What a packet of the current source goes out as; seq is its extended
 * number.  SFU_ERR_NOT_FOUND: it has no place, being from before the
 * switch, skipped, or too old: do not send it.
 */
int rtp_rewrite_packet(struct rtp_rewrite *rw, uint64_t seq,
    uint32_t timestamp, usec_t now, struct rtp_rewritten *out);

/*
 * This packet of the current source is left out, and the numbers close up.
 * They cannot when it comes late: false, and the subscriber will take it
 * for lost, unless an empty packet (padding) goes out in its place, under
 * the number rtp_rewrite_packet() gives.
 */
bool rtp_rewrite_skip(struct rtp_rewrite *rw, uint64_t seq);

struct rtp_rewrite_origin {
    uint32_t source;
    uint64_t seq;               /* extended, in the source's numbers */
    uint32_t timestamp_offset;  /* to be added to the source's timestamp */
    uint64_t index;             /* under which it was sent */
    struct rtp_rewrite_shift shift;
};

/*
 * Which packet a number in a NACK means.  SFU_ERR_NOT_FOUND: none that was
 * sent, or too long ago.
 */
int rtp_rewrite_origin(const struct rtp_rewrite *rw, uint16_t seq,
    struct rtp_rewrite_origin *origin);

/* the outgoing timestamp of a time, for sender reports; after a packet */
uint32_t rtp_rewrite_timestamp_at(const struct rtp_rewrite *rw, usec_t now);

/* what is added to the current source's timestamps */
uint32_t rtp_rewrite_timestamp_offset(const struct rtp_rewrite *rw);

#endif
