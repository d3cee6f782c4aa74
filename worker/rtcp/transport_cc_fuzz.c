/*
 * rtcp/transport_cc_fuzz.c - any arrivals, written and read back.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Three bytes are one packet: how far its number is from the one before,
 * signed, and the time since, in steps that grow with the value.  A step of
 * 127 asks for feedback in packets of a size.
 */

#include <stdlib.h>

#include "rtcp/compound.h"
#include "rtcp/transport_cc.h"
#include "rtcp/transport_cc_receiver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPORT = 127 };

struct session {
    struct rtcp_transport_cc_receiver receiver;
    usec_t arrival[65536];      /* of the last packet with a number; -1 */
    uint8_t number;
};

static void
expect(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void
read_back(struct session *s, struct span datagram)
{
    struct rtcp_compound c = rtcp_compound_over(datagram);
    struct rtcp_transport_cc_status status;
    struct rtcp_transport_cc tcc;
    struct rtcp_feedback fb;
    struct rtcp_packet pkt;

    expect(rtcp_compound_next(&c, &pkt) && !rtcp_compound_next(&c, &pkt)
           && !c.malformed);
    expect(rtcp_feedback_parse(&pkt, &fb) == 0);
    expect(rtcp_transport_cc_parse(&fb, &tcc) == 0);
    expect(tcc.number == s->number++);

    while (rtcp_transport_cc_next(&tcc, &status)) {
        usec_t arrival = s->arrival[status.seq];
        const usec_t wrap = (usec_t)RTCP_TRANSPORT_CC_REFERENCE << 24;

        if (!status.received) {
            continue;
        }

        /* to the tick, one of which the receiver adds; the wrap aside */
        expect(arrival != -1);
        arrival = arrival / RTCP_TRANSPORT_CC_TICK * RTCP_TRANSPORT_CC_TICK
                  + RTCP_TRANSPORT_CC_TICK;
        expect((arrival - status.time) % wrap == 0);
    }
}

static void
report(struct session *s, size_t size)
{
    static uint8_t out[RTCP_TRANSPORT_CC_MAX * 2];
    struct writer w = writer_over(out, size);

    while (rtcp_transport_cc_write(&s->receiver, &w, 1, 2)) {
        expect(writer_ok(&w) && writer_len(&w) <= RTCP_TRANSPORT_CC_MAX);
        read_back(s, writer_span(&w));
        w = writer_over(out, size);
    }

    expect(writer_ok(&w) && writer_len(&w) == 0);
    expect(s->receiver.pending == 0 || size < 24);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session s;
    uint16_t seq = 65000;
    usec_t now = 0;

    rtcp_transport_cc_receiver_init(&s.receiver);
    memset(s.arrival, 0xff, sizeof(s.arrival));
    s.number = 0;

    for (; size >= 3; data += 3, size -= 3) {
        int8_t step = (int8_t)data[0];

        if (step == REPORT) {
            report(&s, 8 * (size_t)data[1] + data[2] % 8);
            continue;
        }

        seq = (uint16_t)(seq + step * (step > 100 ? 50 : 1));
        now += (usec_t)data[1] << data[2] % 20;

        /* of a duplicate the first arrival counts */
        if (s.receiver.seq.highest == 0
            || s.receiver.arrival[seq % RTCP_TRANSPORT_CC_WINDOW] == 0
            || rtp_seq_extend(s.receiver.seq.highest, seq)
               > s.receiver.seq.highest)
        {
            s.arrival[seq] = now;
        }

        rtcp_transport_cc_received(&s.receiver, seq, now);
    }

    report(&s, RTCP_TRANSPORT_CC_MAX);

    return 0;
}
