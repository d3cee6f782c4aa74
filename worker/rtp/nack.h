/*
 * rtp/nack.h - which packets of a stream are missing, and when to ask.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The receiver's half of generic NACK (RFC 4585, section 6.2.1).  It keeps a
 * window of the last numbers; what leaves the window, was asked for too often
 * or is missing for too long is given up.
 */

#ifndef SFU_RTP_NACK_H
#define SFU_RTP_NACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct rtp_nack_settings {
    size_t window;              /* packets, a power of two */
    usec_t reorder_delay;       /* before the first request */
    usec_t interval_min;        /* between requests, if the RTT is shorter */
    usec_t age_max;             /* before giving up */
    unsigned tries_max;         /* requests before giving up; at most 255 */
};

static inline struct rtp_nack_settings
rtp_nack_settings_default(void)
{
    return (struct rtp_nack_settings){
        .window = 1024,
        .reorder_delay = 10 * USEC_PER_MS,
        .interval_min = 20 * USEC_PER_MS,
        .age_max = USEC_PER_SEC,
        .tries_max = 10,
    };
}

struct rtp_nack_slot {
    usec_t found;               /* when the gap was seen */
    usec_t due;                 /* when to ask (again) */
    uint8_t tries;
    bool missing;
};

struct rtp_nack {
    struct rtp_nack_settings settings;
    struct rtp_nack_slot *slots;        /* owned; by number */
    uint64_t highest;                   /* 0 until the first packet */
    uint64_t oldest;                    /* nothing is missing below */
    size_t missing;
    bool keyframe_wanted;
    uint64_t recovered;                 /* figures: came after a request, */
    uint64_t given_up;                  /* or never */
};

/* SFU_ERR_NOMEM, SFU_ERR_MALFORMED for settings that make no sense */
int rtp_nack_init(struct rtp_nack *n, const struct rtp_nack_settings *s);
void rtp_nack_fini(struct rtp_nack *n);
/* as after init, but for the figures: another source, a paused one */
void rtp_nack_reset(struct rtp_nack *n);

/*
 * A packet with this extended number is here, by whatever way (first sent,
 * or RTX).  A jump over more than the window starts anew and wants a key
 * frame.
 */
void rtp_nack_received(struct rtp_nack *n, uint64_t seq, usec_t now);

/* nothing before this number is needed: a key frame begins here */
void rtp_nack_forget_before(struct rtp_nack *n, uint64_t seq);

/*
 * The numbers to ask for now, ascending, at most max; they count as asked.
 * Call again while it fills the list.  rtt 0: not known.
 */
size_t rtp_nack_due(struct rtp_nack *n, usec_t now, usec_t rtt,
    uint16_t *seqs, size_t max);

/*
 * Whether something was given up since this was asked last, so that only a
 * key frame helps.  For video; audio goes on without.
 */
bool rtp_nack_take_keyframe_wanted(struct rtp_nack *n);

#endif
