/*
 * load/peer_feedback.c - the RTCP of a peer, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/load.h"
#include "rtcp/feedback.h"
#include "rtcp/sdes.h"
#include "rtcp/transport_cc.h"

enum {
    COMPOUND_MAX = 1200,
    REPORT_EVERY = USEC_PER_SEC,
    NACK_EVERY = 20 * USEC_PER_MS,
    NACKS_MAX = 128,            /* packets asked for at once, of a stream */
};

/* a buffer for one compound, with room for SRTCP */
struct compound {
    uint8_t bytes[COMPOUND_MAX + SRTP_OVERHEAD_MAX];
    struct writer w;
};

static void
compound_begin(struct compound *c)
{
    c->w = writer_over(c->bytes, COMPOUND_MAX);
}

static void
compound_send(struct compound *c, struct load_peer *p)
{
    if (writer_ok(&c->w) && writer_len(&c->w)) {
        load_endpoint_send_rtcp(&p->endpoint, c->bytes, writer_len(&c->w));
    }
}


/* reports */

/* a viewer as far away as --rtt says would have had the last SR later */
static void
pretend_distance(struct rtcp_report_block *block, usec_t rtt)
{
    uint32_t less = rtcp_delay(rtt);

    if (block->last_sr == 0 || rtt == 0) {
        return;
    }

    if (block->delay > less) {
        block->delay -= less;
    } else {
        block->last_sr = 0;
        block->delay = 0;
    }
}

static size_t
collect_blocks(struct load_peer *p, size_t *from,
               struct rtcp_report_block *blocks, usec_t now)
{
    size_t count = 0;

    for (; *from < p->receiver_count && count < RTCP_REPORT_BLOCKS_MAX;
         ++*from) {
        struct load_receiver *r = p->receivers[*from];

        if (rtp_receiver_report(&r->statistics, r->ssrc, now,
                                &blocks[count])) {
            pretend_distance(&blocks[count], p->load->options.rtt);
            count++;
        }
    }

    return count;
}

static void
send_reports(struct load_peer *p, usec_t now)
{
    static const char cname[] = "sfu-load";
    struct rtcp_report_block blocks[RTCP_REPORT_BLOCKS_MAX];
    struct compound c;
    size_t from = 0;
    uint32_t first = p->sender_count ? p->senders[0].ssrc : p->ssrc;

    compound_begin(&c);

    for (size_t i = 0; i < p->sender_count; i++) {
        struct rtcp_sender_info info;

        if (p->senders[i].packets) {
            load_sender_report(&p->senders[i], clock_realtime(), &info);
            rtcp_sr_write(&c.w, &info, NULL, 0);
        }
    }

    if (p->receiver_count || writer_len(&c.w) == 0) {
        size_t count = collect_blocks(p, &from, blocks, now);

        rtcp_rr_write(&c.w, first, blocks, count);
    }

    rtcp_sdes_write(&c.w, first, span_str(cname));
    compound_send(&c, p);
    p->load->figures.reports_out++;

    while (from < p->receiver_count) {
        size_t count = collect_blocks(p, &from, blocks, now);

        compound_begin(&c);
        rtcp_rr_write(&c.w, first, blocks, count);
        compound_send(&c, p);
    }
}

void
load_peer_report(struct timer *timer, usec_t now)
{
    struct load_peer *p = container_of(timer, struct load_peer, report_timer);

    /* who sends nothing and receives nothing has nothing to report */
    if (p->receiver_count || (p->sender_count && p->senders[0].packets)) {
        send_reports(p, now);
    }

    timer_arm(&p->load->engine.wheel, timer,
              now + REPORT_EVERY * 3 / 4
                  + load_engine_random(&p->load->engine, REPORT_EVERY / 2));
}


/* what we ask for */

void
load_peer_feedback(struct timer *timer, usec_t now)
{
    struct load_peer *p = container_of(timer, struct load_peer,
                                       feedback_timer);
    uint32_t media = p->receiver_count ? p->receivers[0]->ssrc : 0;

    (void)now;

    /* armed again by the next packet */
    while (p->transport_cc != NULL && p->transport_cc->pending) {
        struct compound c;

        compound_begin(&c);

        if (!rtcp_transport_cc_write(p->transport_cc, &c.w, p->ssrc, media)) {
            break;
        }

        compound_send(&c, p);
        p->load->figures.feedback_out++;
    }
}

void
load_peer_nack(struct timer *timer, usec_t now)
{
    struct load_peer *p = container_of(timer, struct load_peer, nack_timer);
    bool missing = false;

    for (size_t i = 0; i < p->receiver_count; i++) {
        struct load_receiver *r = p->receivers[i];
        uint16_t seqs[NACKS_MAX];
        struct compound c;
        size_t count;

        if (!r->nacks || r->nack.missing == 0) {
            continue;
        }

        count = rtp_nack_due(&r->nack, now, 0, seqs, NACKS_MAX);

        if (count) {
            compound_begin(&c);
            rtcp_nack_write(&c.w, p->ssrc, r->ssrc, seqs, count);
            compound_send(&c, p);
            p->load->figures.nacks_out += count;
        }

        if (rtp_nack_take_keyframe_wanted(&r->nack)) {
            load_peer_ask_keyframe(p, r);
        }

        missing = missing || r->nack.missing;
    }

    if (missing) {
        timer_arm(&p->load->engine.wheel, timer, now + NACK_EVERY);
    }
}

void
load_peer_ask_keyframe(struct load_peer *p, struct load_receiver *r)
{
    struct compound c;

    r->keyframe_asked = p->load->engine.now;
    compound_begin(&c);
    rtcp_pli_write(&c.w, p->ssrc, r->ssrc);
    compound_send(&c, p);
    p->load->figures.plis_out++;
}


/* what the server asks for */

static struct load_sender *
find_sender(struct load_peer *p, uint32_t ssrc)
{
    for (size_t i = 0; i < p->sender_count; i++) {
        if (p->senders[i].ssrc == ssrc) {
            return &p->senders[i];
        }
    }

    return NULL;
}

static void
keyframe_requested(struct load_peer *p, uint32_t ssrc)
{
    struct load_sender *s = find_sender(p, ssrc);

    p->load->figures.keyframe_requests_in++;

    if (s != NULL) {
        load_sender_keyframe(s);
    }
}

static void
receive_nack(struct load_peer *p, const struct rtcp_feedback *fb)
{
    struct load_sender *s = find_sender(p, fb->media);
    struct rtcp_nack nack = rtcp_nack_over(fb->fci);
    uint16_t seq;

    while (s != NULL && rtcp_nack_next(&nack, &seq)) {
        p->load->figures.nacks_in++;
        load_sender_repeat(s, seq);
    }
}

static void
receive_feedback(struct load_peer *p, const struct rtcp_packet *pkt)
{
    struct rtcp_feedback fb;
    uint32_t ssrc;
    uint8_t number;

    if (rtcp_feedback_parse(pkt, &fb)) {
        return;
    }

    if (pkt->type == RTCP_RTPFB) {
        if (pkt->count == RTCP_RTPFB_NACK) {
            receive_nack(p, &fb);
        } else if (pkt->count == RTCP_RTPFB_TRANSPORT_CC) {
            p->load->figures.feedback_in++;
        }

        return;
    }

    if (pkt->count == RTCP_PSFB_PLI) {
        keyframe_requested(p, fb.media);

    } else if (pkt->count == RTCP_PSFB_FIR) {
        struct rtcp_fir fir = rtcp_fir_over(fb.fci);

        while (rtcp_fir_next(&fir, &ssrc, &number)) {
            keyframe_requested(p, ssrc);
        }
    }
}

static void
receive_sender_report(struct load_peer *p, const struct rtcp_packet *pkt)
{
    struct rtcp_sender_info info;
    struct rtcp_report_blocks blocks;

    if (rtcp_sr_parse(pkt, &info, &blocks)) {
        return;
    }

    for (size_t i = 0; i < p->receiver_count; i++) {
        if (p->receivers[i]->ssrc == info.ssrc) {
            rtp_receiver_sender_report(&p->receivers[i]->statistics, info.ntp,
                                       p->load->engine.now);
        }
    }
}

void
load_peer_rtcp(struct load_endpoint *e, uint8_t *data, size_t len)
{
    struct load_peer *p = container_of(e, struct load_peer, endpoint);
    struct rtcp_compound compound = rtcp_compound_over(span_of(data, len));
    struct rtcp_packet pkt;

    while (rtcp_compound_next(&compound, &pkt)) {
        switch (pkt.type) {
        case RTCP_SR:
            receive_sender_report(p, &pkt);
            p->load->figures.reports_in++;
            break;
        case RTCP_RR:
            p->load->figures.reports_in++;
            break;
        case RTCP_RTPFB:
        case RTCP_PSFB:
            receive_feedback(p, &pkt);
            break;
        default:
            break;
        }
    }
}
