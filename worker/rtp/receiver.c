/*
 * rtp/receiver.c - reception statistics of one SSRC (RFC 3550, A.3 and A.8).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/receiver.h"

#include "rtp/timestamp.h"

enum {
    LOST_MAX = 0x7fffff,        /* 24 bits, signed */
    LOST_MIN = -0x800000,
    TIMELINE_JUMP = 5,          /* seconds */
};

void
rtp_receiver_init(struct rtp_receiver *r, uint32_t clock_rate)
{
    *r = (struct rtp_receiver){ .clock_rate = clock_rate };
}

/* A.8, with the jitter kept in sixteenths */
static void
update_jitter(struct rtp_receiver *r, uint32_t transit)
{
    int32_t change = (int32_t)(transit - r->transit);
    uint32_t d = change < 0 ? -(uint32_t)change : (uint32_t)change;

    /* the sender began a new timeline, as browsers do for a new source */
    if (d >= (uint64_t)TIMELINE_JUMP * r->clock_rate) {
        return;
    }

    r->jitter += d - ((r->jitter + 8) >> 4);
}

uint64_t
rtp_receiver_packet(struct rtp_receiver *r, uint16_t seq, uint32_t timestamp,
    size_t bytes, usec_t now)
{
    uint32_t arrival = (uint32_t)rtp_timestamp_ticks(now, r->clock_rate);
    uint32_t transit = arrival - timestamp;
    uint64_t extended = rtp_seq_update(&r->seq, seq);

    if (r->packets == 0) {
        r->first = extended;

    } else {
        update_jitter(r, transit);
    }

    r->transit = transit;
    r->packets++;
    r->bytes += bytes;

    return extended;
}

void
rtp_receiver_sender_report(struct rtp_receiver *r, uint64_t ntp, usec_t now)
{
    r->last_sr = rtcp_ntp_middle(ntp);
    r->last_sr_time = now;
}

static uint64_t
expected(const struct rtp_receiver *r)
{
    return r->packets ? r->seq.highest - r->first + 1 : 0;
}

int64_t
rtp_receiver_lost(const struct rtp_receiver *r)
{
    return (int64_t)(expected(r) - r->packets);
}

usec_t
rtp_receiver_jitter(const struct rtp_receiver *r)
{
    if (r->clock_rate == 0) {
        return 0;
    }

    return (usec_t)(r->jitter >> 4) * USEC_PER_SEC / r->clock_rate;
}

/* since the last report, in 256ths */
static uint8_t
fraction_lost(const struct rtp_receiver *r)
{
    int64_t expected_now = (int64_t)(expected(r) - r->expected_prior);
    int64_t lost = expected_now - (int64_t)(r->packets - r->packets_prior);

    if (expected_now <= 0 || lost <= 0) {
        return 0;
    }

    lost = lost * 256 / expected_now;

    return lost > 255 ? 255 : (uint8_t)lost;
}

bool
rtp_receiver_report(struct rtp_receiver *r, uint32_t ssrc, usec_t now,
    struct rtcp_report_block *block)
{
    int64_t lost = rtp_receiver_lost(r);

    if (r->packets == 0) {
        return false;
    }

    *block = (struct rtcp_report_block){
        .ssrc = ssrc,
        .fraction_lost = fraction_lost(r),
        .lost = lost > LOST_MAX ? LOST_MAX
                : lost < LOST_MIN ? LOST_MIN : (int32_t)lost,
        /* cycles count from 0 on the wire */
        .highest_seq = (uint32_t)(r->seq.highest - 65536),
        .jitter = r->jitter >> 4,
    };

    if (r->last_sr != 0) {
        block->last_sr = r->last_sr;
        block->delay = rtcp_delay(now - r->last_sr_time);
    }

    r->expected_prior = expected(r);
    r->packets_prior = r->packets;

    return true;
}
