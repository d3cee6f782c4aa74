/*
 * rtcp/transport_cc_receiver.h - when packets came, told to their sender
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 * Copyright (C) the ngx_sfu_module authors
 *
 * One for each transport, for all its streams together.  Numbers are kept in
 * a window; what is older than that, or not written before it leaves the
 * window, is not reported.  A packet that comes after it was reported lost is
 * reported again together with all that follow it, as libwebrtc does.
 */

#ifndef SFU_RTCP_TRANSPORT_CC_RECEIVER_H
#define SFU_RTCP_TRANSPORT_CC_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/writer.h"
#include "rtp/seq.h"

enum {
    /* packets; a power of two.  At 10,000 a second a tenth of one. */
    RTCP_TRANSPORT_CC_WINDOW = 1024,
    /* bytes of one feedback packet */
    RTCP_TRANSPORT_CC_MAX = 1100,
};

/* zeroed: nothing came yet */
struct rtcp_transport_cc_receiver {
    struct rtp_seq seq;
    uint64_t next;              /* the first number to be reported */
    size_t pending;             /* packets that came since the last report */
    uint8_t number;             /* of the next feedback packet */
    int64_t arrival[RTCP_TRANSPORT_CC_WINDOW];  /* in 250 us; 0: missing */
};

void rtcp_transport_cc_receiver_init(struct rtcp_transport_cc_receiver *r);

/* now is not negative */
void rtcp_transport_cc_received(struct rtcp_transport_cc_receiver *r,
    uint16_t seq, usec_t now);

/*
 * One feedback packet with as much as fits the writer and
 * RTCP_TRANSPORT_CC_MAX.  False when there was nothing to report, or no room
 * for the smallest (24 bytes): then nothing is written.
 *
 *     while (rtcp_transport_cc_write(r, &w, sender, media)) { ... }
 */
bool rtcp_transport_cc_write(struct rtcp_transport_cc_receiver *r,
    struct writer *w, uint32_t sender, uint32_t media);

#endif
