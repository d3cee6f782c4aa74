/*
 * rtcp/report.h - sender and receiver reports (RFC 3550, section 6.4).
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_RTCP_REPORT_H
#define SFU_RTCP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "rtcp/compound.h"

enum { RTCP_REPORT_BLOCKS_MAX = 31 };

struct rtcp_report_block {
    uint32_t ssrc;              /* whose packets it is about */
    uint8_t fraction_lost;      /* in 256ths, since the last report */
    int32_t lost;               /* 24 bits, signed: duplicates count */
    uint32_t highest_seq;       /* cycles << 16 | seq */
    uint32_t jitter;            /* in ticks of the media clock */
    uint32_t last_sr;           /* middle 32 bits of an NTP time, or 0 */
    uint32_t delay;             /* since then, in 1/65536 s */
};

struct rtcp_sender_info {
    uint32_t ssrc;
    uint64_t ntp;               /* 32.32 bits */
    uint32_t timestamp;         /* of the media at that time */
    uint32_t packets;
    uint32_t bytes;             /* of payload */
};

/* the blocks of a report, one after another */
struct rtcp_report_blocks {
    struct reader reader;
    unsigned left;
};

/* SFU_ERR_TRUNCATED; the blocks may be followed by what a profile adds */
int rtcp_sr_parse(const struct rtcp_packet *pkt,
    struct rtcp_sender_info *info, struct rtcp_report_blocks *blocks);
int rtcp_rr_parse(const struct rtcp_packet *pkt, uint32_t *ssrc,
    struct rtcp_report_blocks *blocks);

/* false after the last */
bool rtcp_report_blocks_next(struct rtcp_report_blocks *blocks,
    struct rtcp_report_block *block);

/* more than RTCP_REPORT_BLOCKS_MAX blocks are left out: begin another RR */
void rtcp_sr_write(struct writer *w, const struct rtcp_sender_info *info,
    const struct rtcp_report_block *blocks, size_t count);
void rtcp_rr_write(struct writer *w, uint32_t ssrc,
    const struct rtcp_report_block *blocks, size_t count);

/* the middle of an NTP time, which reports call LSR and LRR */
static inline uint32_t
rtcp_ntp_middle(uint64_t ntp)
{
    return (uint32_t)(ntp >> 16);
}

/* time in 1/65536 s, as DLSR and DLRR have it */
static inline uint32_t
rtcp_delay(usec_t time)
{
    return (uint32_t)(((uint64_t)time << 16) / USEC_PER_SEC);
}

/*
 * The round trip time: what passed since our report at "last" minus the
 * "delay" that the peer took (a report block, or DLRR).  At least 1; -1
 * when the peer has not had a report of ours, or its numbers make no sense.
 */
usec_t rtcp_rtt(uint32_t last, uint32_t delay, uint64_t ntp_now);

#endif
