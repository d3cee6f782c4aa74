/*
 * media/feedback.c - RTCP that peers send, and the feedback they are sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/feedback.h"

#include "base/error.h"
#include "media/resend.h"
#include "media/loop.h"
#include "media/peer.h"
#include "media/report.h"
#include "rtcp/feedback.h"
#include "rtcp/xr.h"

enum {
    NACK_BATCH = 256,           /* numbers asked for at once */
    /* RFC 4585 packets in one datagram, below any MTU */
    FEEDBACK_MAX = 1180,
    /* numbers of one datagram; more is a flood */
    NACKS_A_DATAGRAM = 1024,
    NACK_TICK = 10 * USEC_PER_MS,
    CLOCK_JUMP = 2 * USEC_PER_SEC,      /* the peer's clock was set */
    CLOCK_DRIFT = 128,          /* reports, to follow what is left */
};


/* in */

static void
receive_nack(struct media_peer *peer, const struct rtcp_feedback *fb,
             int *left)
{
    struct media_sink *sink = media_peer_sink(peer, fb->media);
    struct rtcp_nack nack = rtcp_nack_over(fb->fci);
    uint16_t seq;

    while (sink != NULL && *left > 0 && rtcp_nack_next(&nack, &seq)) {
        resend_asked(sink, seq);
        (*left)--;
    }
}

static void
receive_keyframe_request(struct media_peer *peer, uint32_t ssrc)
{
    struct media_sink *sink = media_peer_sink(peer, ssrc);

    counter_add(&peer->loop->counters.plis_in, 1);

    if (sink != NULL && sink->source != NULL) {
        media_source_want_keyframe(sink->source);
    }
}

static void
receive_feedback(struct media_peer *peer, const struct rtcp_packet *pkt,
                 int *nacks_left)
{
    struct rtcp_feedback fb;
    struct rtcp_fir fir;
    uint32_t ssrc;
    uint8_t number;

    if (rtcp_feedback_parse(pkt, &fb)) {
        return;
    }

    if (pkt->type == RTCP_RTPFB) {
        if (pkt->count == RTCP_RTPFB_NACK) {
            receive_nack(peer, &fb, nacks_left);
        }

        return;
    }

    switch (pkt->count) {

    case RTCP_PSFB_PLI:
        receive_keyframe_request(peer, fb.media);
        return;

    case RTCP_PSFB_FIR:
        fir = rtcp_fir_over(fb.fci);

        while (rtcp_fir_next(&fir, &ssrc, &number)) {
            receive_keyframe_request(peer, ssrc);
        }

        return;

    default:
        return;
    }
}

static void
receive_blocks(struct media_peer *peer, struct rtcp_report_blocks *blocks)
{
    struct rtcp_report_block block;
    uint64_t ntp = clock_ntp(clock_realtime());

    while (rtcp_report_blocks_next(blocks, &block)) {
        struct media_sink *sink = media_peer_sink(peer, block.ssrc);

        if (sink != NULL) {
            media_sink_report_block(sink, &block, ntp);
        }
    }
}

/*
 * When a report was sent, on our clock.  When it came says little: one of audio
 * and one of video are held up for different times, and their receiver would
 * move the voice away from the lips by the difference.  So the quickest report
 * of all tells the distance of the clocks, and slowly it follows their drift.
 */
static usec_t
sending_time(struct media_peer *peer, uint64_t ntp)
{
    usec_t now = peer->loop->now;
    usec_t offset = now - clock_of_ntp(ntp);
    usec_t late = offset - peer->clock_offset;

    if (!peer->clock_known || late < 0 || late > CLOCK_JUMP) {
        peer->clock_known = true;
        peer->clock_offset = offset;
    } else {
        peer->clock_offset += late / CLOCK_DRIFT;
    }

    return clock_of_ntp(ntp) + peer->clock_offset;
}

static void
receive_sender_report(struct media_peer *peer, const struct rtcp_packet *pkt)
{
    struct rtcp_report_blocks blocks;
    struct rtcp_sender_info info;
    struct media_stream *stream;

    if (rtcp_sr_parse(pkt, &info, &blocks)) {
        return;
    }

    stream = media_peer_stream(peer, info.ssrc);

    if (stream != NULL) {
        rtp_receiver_sender_report(&stream->receiver, info.ntp,
                                   peer->loop->now);

        if (stream->source->stream == stream) {
            media_source_sender_report(stream->source,
                                       sending_time(peer, info.ntp),
                                       info.timestamp);
        }
    }

    receive_blocks(peer, &blocks);
}

/* the peer answers the reference time of ours (report.c) */
static void
receive_dlrr(struct media_peer *peer, const struct rtcp_xr_block *block)
{
    struct reader items = reader_over(block->body);
    struct rtcp_xr_dlrr item;
    usec_t rtt;

    while (rtcp_xr_dlrr_next(&items, &item)) {
        rtt = rtcp_rtt(item.last_rr, item.delay, clock_ntp(clock_realtime()));

        if (item.ssrc == peer->ssrc && rtt >= 0) {
            peer->rtt = rtt;
        }
    }
}

/* Firefox measures its round trip so when it only receives */
static void
receive_extended(struct media_peer *peer, const struct rtcp_packet *pkt)
{
    struct rtcp_xr_block block;
    struct rtcp_xr xr;
    uint64_t ntp;

    if (rtcp_xr_parse(pkt, &xr)) {
        return;
    }

    while (rtcp_xr_next(&xr, &block)) {
        if (block.type == RTCP_XR_RRTR && rtcp_xr_rrtr(&block, &ntp) == 0) {
            peer->xr_reference = rtcp_ntp_middle(ntp);
            peer->xr_sender = xr.sender;
            peer->xr_time = peer->loop->now;
            report_want(peer);
        } else if (block.type == RTCP_XR_DLRR) {
            receive_dlrr(peer, &block);
        }
    }
}

void
feedback_receive(struct media_peer *peer, struct span compound)
{
    struct rtcp_compound c = rtcp_compound_over(compound);
    struct rtcp_report_blocks blocks;
    struct rtcp_packet pkt;
    uint32_t ssrc;
    int nacks_left = NACKS_A_DATAGRAM;

    while (rtcp_compound_next(&c, &pkt)) {
        switch (pkt.type) {

        case RTCP_SR:
            receive_sender_report(peer, &pkt);
            break;

        case RTCP_RR:
            if (rtcp_rr_parse(&pkt, &ssrc, &blocks) == 0) {
                receive_blocks(peer, &blocks);
            }

            break;

        case RTCP_RTPFB:
        case RTCP_PSFB:
            receive_feedback(peer, &pkt, &nacks_left);
            break;

        case RTCP_XR:
            receive_extended(peer, &pkt);
            break;

        default:
            break;              /* SDES, BYE, APP tell us nothing to do */
        }
    }

    if (c.malformed) {
        media_drop(&peer->loop->counters, MEDIA_DROP_malformed);
    }
}


/* out */

static void
finish(struct media_peer *peer, struct outbox_slot *slot, struct writer *w)
{
    if (writer_len(w) && writer_ok(w)) {
        media_transport_send_rtcp(&peer->transport, slot, writer_len(w));
    } else {
        outbox_return(&peer->loop->outbox, slot);
    }
}

static void
send_transport_cc(struct media_peer *peer)
{
    while (peer->transport_cc != NULL && peer->transport_cc->pending) {
        struct outbox_slot *slot = outbox_reserve(&peer->loop->outbox);
        struct writer w = writer_over(slot->data, FEEDBACK_MAX);

        if (!rtcp_transport_cc_write(peer->transport_cc, &w, peer->ssrc,
                                     peer->transport_cc_media)) {
            outbox_return(&peer->loop->outbox, slot);
            return;
        }

        finish(peer, slot, &w);
    }
}

static void
send_nacks(struct media_peer *peer, struct media_stream *stream)
{
    uint16_t seqs[NACK_BATCH];
    struct outbox_slot *slot;
    struct writer w;
    size_t count = rtp_nack_due(&stream->nack, peer->loop->now, peer->rtt,
                                seqs, NACK_BATCH);
    size_t written;

    for (size_t i = 0; i < count; i += written) {
        slot = outbox_reserve(&peer->loop->outbox);
        w = writer_over(slot->data, FEEDBACK_MAX);
        written = rtcp_nack_write(&w, peer->ssrc, stream->ssrc, seqs + i,
                                  count - i);
        finish(peer, slot, &w);

        if (written == 0) {
            break;
        }
    }

    counter_add(&peer->loop->counters.nacks_out, count);

    if (rtp_nack_take_keyframe_wanted(&stream->nack)) {
        media_source_want_keyframe(stream->source);
    }
}

static void
feedback_timer_fired(struct timer *timer, usec_t now)
{
    struct media_peer *peer = container_of(timer, struct media_peer,
                                           feedback_timer);
    bool missing = false;

    if (!media_transport_connected(&peer->transport)) {
        return;
    }

    list_each(node, next, &peer->stream_list) {
        struct media_stream *stream = container_of(node, struct media_stream,
                                                   node);

        if (stream->nacks && stream->nack.missing) {
            send_nacks(peer, stream);
            missing = missing || stream->nack.missing;
        }
    }

    if (now - peer->transport_cc_sent
        >= peer->loop->settings->transport_cc_interval) {
        peer->transport_cc_sent = now;
        send_transport_cc(peer);
    }

    if (missing) {
        feedback_want_nacks(peer);
    }

    if (peer->transport_cc != NULL && peer->transport_cc->pending) {
        feedback_want_transport_cc(peer);
    }
}

static void
want(struct media_peer *peer, usec_t when)
{
    struct timer *timer = &peer->feedback_timer;

    if (!timer_armed(timer) || timer->when > when) {
        timer_arm(&peer->loop->wheel, timer, when);
    }
}

void
feedback_want_nacks(struct media_peer *peer)
{
    want(peer, peer->loop->now + NACK_TICK);
}

/* every packet asks for it: what is armed already fires early enough */
void
feedback_want_transport_cc(struct media_peer *peer)
{
    usec_t soon = peer->loop->now + NACK_TICK;
    usec_t next = peer->transport_cc_sent
                  + peer->loop->settings->transport_cc_interval;

    if (!timer_armed(&peer->feedback_timer)) {
        want(peer, next > soon ? next : soon);
    }
}

void
feedback_ask_keyframe(struct media_peer *peer, struct media_source *source)
{
    struct outbox_slot *slot = outbox_reserve(&peer->loop->outbox);
    struct writer w = writer_over(slot->data, FEEDBACK_MAX);
    const struct media_format *format = source->by_pt[source->last_pt];

    if (format != NULL && format->fir && !format->pli) {
        rtcp_fir_write(&w, peer->ssrc, source->stream->ssrc,
                       peer->fir_number++);
    } else {
        rtcp_pli_write(&w, peer->ssrc, source->stream->ssrc);
    }

    counter_add(&peer->loop->counters.plis_out, 1);
    finish(peer, slot, &w);
}

void
feedback_init(struct media_peer *peer)
{
    timer_init(&peer->feedback_timer, feedback_timer_fired);
}
