/*
 * rtp/receiver.h - reception statistics of one SSRC (RFC 3550, A.3 and A.8).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Only packets as first sent count; what RTX brought back does not
 * (RFC 4588, section 6.3), and has statistics of its own SSRC.
 */

#ifndef SFU_RTP_RECEIVER_H
#define SFU_RTP_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "rtcp/report.h"
#include "rtp/seq.h"

struct rtp_receiver {
    struct rtp_seq seq;
    uint64_t first;             /* extended number of the first packet */
    uint64_t packets;
    uint64_t bytes;             /* of payload, as the caller counts them */
    uint64_t expected_prior;    /* at the last report */
    uint64_t packets_prior;
    uint32_t clock_rate;
    uint32_t transit;           /* of the last packet, in clock ticks */
    uint32_t jitter;            /* in sixteenths of a tick */
    uint32_t last_sr;           /* middle 32 bits of its NTP time; 0: none */
    usec_t last_sr_time;        /* when it came */
};

void rtp_receiver_init(struct rtp_receiver *r, uint32_t clock_rate);

/* answers the extended sequence number */
uint64_t rtp_receiver_packet(struct rtp_receiver *r, uint16_t seq,
    uint32_t timestamp, size_t bytes, usec_t now);

void rtp_receiver_sender_report(struct rtp_receiver *r, uint64_t ntp,
    usec_t now);

/* packets expected and not received so far; negative after duplicates */
int64_t rtp_receiver_lost(const struct rtp_receiver *r);

/* jitter as time */
usec_t rtp_receiver_jitter(const struct rtp_receiver *r);

/*
 * The report about this source, and the start of the next interval.  False,
 * and no block, when nothing was received yet.
 */
bool rtp_receiver_report(struct rtp_receiver *r, uint32_t ssrc, usec_t now,
    struct rtcp_report_block *block);

#endif
