/*
 * rtcp/transport_cc.h - transport-wide feedback, as its receiver reads it
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Times are those of the peer's clock, in steps of 250 us from a reference
 * in steps of 64 ms which wraps after 12 days: only differences matter.
 */

#ifndef SFU_RTCP_TRANSPORT_CC_H
#define SFU_RTCP_TRANSPORT_CC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/reader.h"
#include "base/writer.h"
#include "rtcp/feedback.h"

enum {
    RTCP_TRANSPORT_CC_TICK = 250,               /* us, of a delta */
    RTCP_TRANSPORT_CC_REFERENCE = 64000,        /* us, of the reference */
};

/* what a packet's two bits say; 3 is reserved */
enum rtcp_transport_cc_symbol {
    RTCP_TRANSPORT_CC_LOST = 0,
    RTCP_TRANSPORT_CC_SMALL = 1,                /* delta in 8 bits */
    RTCP_TRANSPORT_CC_LARGE = 2,                /* delta in 16, signed */
};

struct rtcp_transport_cc {
    uint16_t base_seq;
    uint16_t count;             /* of packets it speaks of */
    uint8_t number;             /* of the feedback packet, to see lost ones */
    int32_t reference;          /* in 64 ms, 24 bits, signed */

    /* how far rtcp_transport_cc_next() is */
    struct reader chunks;
    struct reader deltas;
    uint16_t chunk;
    unsigned chunk_left;        /* packets */
    unsigned index;
    usec_t time;
};

struct rtcp_transport_cc_status {
    uint16_t seq;
    bool received;
    /* these two only if it was received */
    int32_t delta;              /* us since the packet reported before */
    usec_t time;                /* on the peer's clock */
};

/*
 * Checks all of it, so that next() cannot fail.  The feedback is borrowed.
 * SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED
 */
int rtcp_transport_cc_parse(const struct rtcp_feedback *fb,
    struct rtcp_transport_cc *tcc);

/* by ascending number; false after the last */
bool rtcp_transport_cc_next(struct rtcp_transport_cc *tcc,
    struct rtcp_transport_cc_status *status);

#endif
