/*
 * rtcp/transport_cc.c - transport-wide feedback, as its receiver reads it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/transport_cc.h"

#include "base/error.h"

/* a chunk of packet statuses (draft, sections 3.1.3 and 3.1.4) */
#define CHUNK_VECTOR 0x8000
#define CHUNK_TWO_BITS 0x4000
#define CHUNK_RUN 0x1fff

enum {
    ONE_BIT_PACKETS = 14,
    TWO_BIT_PACKETS = 7,
    RESERVED = 3,
};

static unsigned
chunk_packets(uint16_t chunk)
{
    if (!(chunk & CHUNK_VECTOR)) {
        return chunk & CHUNK_RUN;
    }

    return chunk & CHUNK_TWO_BITS ? TWO_BIT_PACKETS : ONE_BIT_PACKETS;
}

/* of the packet with "left" packets of the chunk from it on */
static unsigned
chunk_symbol(uint16_t chunk, unsigned left)
{
    if (!(chunk & CHUNK_VECTOR)) {
        return chunk >> 13 & 3;
    }

    return chunk & CHUNK_TWO_BITS ? chunk >> 2 * (left - 1) & 3
                                  : chunk >> (left - 1) & 1;
}

/* -1: the reserved symbol */
static int
delta_bytes(uint16_t chunk, unsigned wanted)
{
    unsigned left = chunk_packets(chunk);
    int bytes = 0;

    for (; left && wanted; left--, wanted--) {
        unsigned symbol = chunk_symbol(chunk, left);

        if (symbol == RESERVED) {
            return -1;
        }

        bytes += (int)symbol;   /* 0, 1 or 2: as many bytes */
    }

    return bytes;
}

int
rtcp_transport_cc_parse(const struct rtcp_feedback *fb,
    struct rtcp_transport_cc *tcc)
{
    struct reader r = reader_over(fb->fci);
    unsigned left;
    size_t deltas = 0;

    *tcc = (struct rtcp_transport_cc){ 0 };
    tcc->base_seq = reader_u16(&r);
    tcc->count = reader_u16(&r);
    tcc->reference = (int32_t)(reader_u24(&r) ^ 0x800000) - 0x800000;
    tcc->number = reader_u8(&r);
    tcc->time = (usec_t)tcc->reference * RTCP_TRANSPORT_CC_REFERENCE;
    tcc->chunks = r;

    for (left = tcc->count; left;) {
        uint16_t chunk = reader_u16(&r);
        unsigned packets = chunk_packets(chunk);
        int bytes = delta_bytes(chunk, left);

        if (!reader_ok(&r)) {
            return SFU_ERR_TRUNCATED;
        }

        if (bytes < 0) {
            return SFU_ERR_MALFORMED;
        }

        deltas += (size_t)bytes;
        left -= packets < left ? packets : left;
    }

    tcc->deltas = r;

    if (!reader_ok(&r) || reader_left(&r) < deltas) {
        return SFU_ERR_TRUNCATED;
    }

    return tcc->count ? 0 : SFU_ERR_MALFORMED;
}

bool
rtcp_transport_cc_next(struct rtcp_transport_cc *tcc,
    struct rtcp_transport_cc_status *status)
{
    unsigned symbol;

    if (tcc->index == tcc->count) {
        return false;
    }

    while (tcc->chunk_left == 0) {
        tcc->chunk = reader_u16(&tcc->chunks);
        tcc->chunk_left = chunk_packets(tcc->chunk);
    }

    symbol = chunk_symbol(tcc->chunk, tcc->chunk_left--);
    status->seq = (uint16_t)(tcc->base_seq + tcc->index++);
    status->received = symbol != RTCP_TRANSPORT_CC_LOST;
    status->delta = 0;

    if (symbol == RTCP_TRANSPORT_CC_SMALL) {
        status->delta = reader_u8(&tcc->deltas) * RTCP_TRANSPORT_CC_TICK;

    } else if (symbol == RTCP_TRANSPORT_CC_LARGE) {
        status->delta = (int16_t)reader_u16(&tcc->deltas)
                        * RTCP_TRANSPORT_CC_TICK;
    }

    tcc->time += status->delta;
    status->time = tcc->time;

    return true;
}
