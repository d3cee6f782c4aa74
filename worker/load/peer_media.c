/*
 * load/peer_media.c - packets that a peer receives.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "load/load.h"
#include "load/payload.h"
#include "rtp/rtx.h"

enum {
    KEYFRAME_AGAIN = 500 * USEC_PER_MS,
    NACK_AFTER = 10 * USEC_PER_MS,
};

static struct load_receiver *
find_receiver(struct load_peer *p, uint32_t ssrc)
{
    if (p->last != NULL && p->last->ssrc == ssrc) {
        return p->last;
    }

    for (size_t i = 0; i < p->receiver_count; i++) {
        if (p->receivers[i]->ssrc == ssrc) {
            p->last = p->receivers[i];
            return p->last;
        }
    }

    return NULL;
}

static struct load_receiver *
new_receiver(struct load_peer *p, uint32_t ssrc, uint8_t pt)
{
    const struct load_options *o = &p->load->options;
    const struct load_format *format = &p->agreement.formats[pt];
    struct load_receiver **list;
    struct load_receiver *r;
    bool nacks = o->nack && !p->visitor && format->feedback & SDP_FB_NACK;

    if (p->receiver_count == LOAD_PEER_RECEIVERS) {
        return NULL;
    }

    list = realloc(p->receivers, (p->receiver_count + 1) * sizeof(*list));

    if (list == NULL) {
        return NULL;
    }

    p->receivers = list;
    r = malloc(sizeof(*r));

    if (r == NULL || load_receiver_init(r, ssrc, pt, format, nacks,
                                        o->loss > 0 && !p->visitor)) {
        free(r);
        return NULL;
    }

    r->unopened = load_engine_random(&p->load->engine, o->decrypt);
    list[p->receiver_count++] = r;
    p->last = r;

    return r;
}

static void
note_transport_cc(struct load_peer *p, const struct rtp_packet *pkt)
{
    struct rtp_extensions ext;
    uint16_t seq;

    if (!p->agreement.transport_cc || p->load->options.feedback == 0
        || rtp_extensions_parse(&ext, &p->agreement.extensions, pkt)
        || !rtp_extensions_transport_cc(&ext, &seq)) {
        return;
    }

    if (p->transport_cc == NULL) {
        p->transport_cc = malloc(sizeof(*p->transport_cc));

        if (p->transport_cc == NULL) {
            return;
        }

        rtcp_transport_cc_receiver_init(p->transport_cc);
    }

    rtcp_transport_cc_received(p->transport_cc, seq, p->load->engine.now);

    if (!timer_armed(&p->feedback_timer)) {
        timer_arm(&p->load->engine.wheel, &p->feedback_timer,
                  p->load->engine.now + p->load->options.feedback);
    }
}

/* what the stamp of an opened packet says of its stream */
static void
learn_stream(struct load_peer *p, struct load_receiver *r,
             const struct load_stamp *stamp)
{
    if (stamp->stream >= p->load->stream_count) {
        return;
    }

    if (r->sender != NULL && r->stream != stamp->stream) {
        r->switched = true;
    }

    r->stream = stamp->stream;
    r->sender = p->load->streams[stamp->stream];
}

static struct load_tally *
tally_of(struct load_peer *p, const struct load_receiver *r)
{
    return &p->load->figures.tally[load_receiver_class(r)];
}

static void
first_packet(struct load_peer *p)
{
    struct load *load = p->load;

    p->first_packet = load->engine.now;

    if (p->visitor) {
        load_storm_first_packet(p);
        return;
    }

    load->joining--;
    load_histogram_add(&load->summary.join, p->first_packet - p->began);
}

/* of the plain packet; repaired: it came because we asked */
static void
opened_packet(struct load_peer *p, struct load_receiver *r, uint64_t seq,
              struct span payload, int64_t arrival, bool repaired)
{
    struct load_figures *f = &p->load->figures;
    struct load_stamp stamp;
    struct load_tally *t;

    if (!load_payload_read(payload, &stamp)) {
        tally_of(p, r)->not_ours++;
        return;
    }

    learn_stream(p, r, &stamp);
    r->opened = true;

    if (r->kind == MEDIA_VIDEO && !r->keyframe_seen) {
        r->keyframe_seen = codec_is_keyframe(r->codec, payload);
    }

    if (f->interval == 0) {
        return;
    }

    if (r->interval != f->interval) {
        r->interval = f->interval;
        r->switched = false;
        load_ledger_begin(&r->ledger, seq, stamp.count);
    }

    t = tally_of(p, r);
    t->opened++;

    if (!repaired && arrival) {
        load_histogram_add(&t->delay, (arrival - stamp.sent) / 1000);
    }
}

/* counts it; opened packets have been looked at before */
static void
count(struct load_peer *p, struct load_receiver *r, uint64_t seq, bool empty,
      bool repaired)
{
    struct load_figures *f = &p->load->figures;
    usec_t age = load_receiver_repaired(r, seq, p->load->engine.now);

    if (r->interval != f->interval || f->interval == 0) {
        return;
    }

    if (empty) {
        load_ledger_ignore(&r->ledger, seq);
        return;
    }

    if (load_ledger_packet(&r->ledger, seq) != LOAD_LEDGER_NEW) {
        return;
    }

    if (repaired) {
        tally_of(p, r)->repaired++;
    }

    if (age >= 0) {
        load_histogram_add(&f->repair, age);

        if (age <= LOAD_REPAIR_IN_TIME) {
            f->repaired_in_time++;
        } else {
            f->repaired_late++;
        }
    }
}

static void
arm_nack(struct load_peer *p, const struct load_receiver *r)
{
    if (r->nack.missing && !timer_armed(&p->nack_timer)) {
        timer_arm(&p->load->engine.wheel, &p->nack_timer,
                  p->load->engine.now + NACK_AFTER);
    }
}

/* its main stream: as the description says, or the only one it can be */
static struct load_receiver *
repaired_stream(struct load_peer *p, uint32_t rtx_ssrc, uint8_t apt)
{
    struct load_receiver *only = NULL;
    size_t count_of = 0;

    for (size_t i = 0; i < p->agreement.fid_count; i++) {
        if (p->agreement.fids[i].rtx == rtx_ssrc) {
            return find_receiver(p, p->agreement.fids[i].ssrc);
        }
    }

    for (size_t i = 0; i < p->receiver_count; i++) {
        if (p->receivers[i]->pt == apt) {
            only = p->receivers[i];
            count_of++;
        }
    }

    return count_of == 1 ? only : NULL;
}

static void
receive_rtx(struct load_peer *p, uint8_t *data, size_t len, uint8_t apt,
            int64_t arrival)
{
    struct rtp_packet pkt;
    struct load_receiver *r;
    struct span original;
    uint64_t seq;

    if (sfu_srtp_open(p->endpoint.in, data, &len)) {
        p->load->figures.cannot_open++;
        return;
    }

    if (rtp_packet_parse(&pkt, span_of(data, len)) || rtp_packet_unpad(&pkt)) {
        return;
    }

    r = repaired_stream(p, pkt.ssrc, apt);

    /* probes hold no original */
    if (r == NULL || r->statistics.packets == 0
        || rtp_rtx_unwrap(data, &pkt, r->ssrc, apt, &original)
        || rtp_packet_parse(&pkt, original)) {
        return;
    }

    seq = rtp_seq_extend(r->statistics.seq.highest, pkt.seq);

    if (r->nacks) {
        rtp_nack_received(&r->nack, seq, p->load->engine.now);
    }

    opened_packet(p, r, seq, pkt.payload, arrival, true);
    count(p, r, seq, pkt.payload.len == 0, true);
}

static bool
must_open(const struct load_peer *p, struct load_receiver *r,
          const struct rtp_packet *pkt)
{
    if (r->unopened == 0) {
        r->unopened = p->load->options.decrypt - 1;
        return true;
    }

    r->unopened--;

    return !r->opened || pkt->padded
           || (r->kind == MEDIA_VIDEO && !r->keyframe_seen)
           || r->interval != p->load->figures.interval;
}

/* false when it cannot be opened, and so was not sent by the server */
static bool
open_packet(struct load_peer *p, struct load_receiver *r, uint64_t seq,
            uint8_t *data, size_t len, int64_t arrival, bool repaired,
            bool *empty)
{
    struct rtp_packet pkt;

    if (sfu_srtp_open(p->endpoint.in, data, &len)
        || rtp_packet_parse(&pkt, span_of(data, len))
        || rtp_packet_unpad(&pkt)) {
        p->load->figures.cannot_open++;
        return false;
    }

    *empty = pkt.payload.len == 0;

    if (!*empty) {
        opened_packet(p, r, seq, pkt.payload, arrival, repaired);
    }

    return true;
}

static void
receive_media(struct load_peer *p, struct load_receiver *r,
              const struct rtp_packet *pkt, uint8_t *data, size_t len,
              int64_t arrival)
{
    struct load_figures *f = &p->load->figures;
    usec_t now = p->load->engine.now;
    uint64_t before = r->statistics.seq.highest;
    uint64_t seq = rtp_receiver_packet(&r->statistics, pkt->seq,
                                       pkt->timestamp, pkt->payload.len, now);
    uint64_t recovered = r->nack.recovered;
    bool empty = false;
    bool repaired;

    if (before && seq > before + 1) {
        f->gaps += seq - before - 1;
    }

    if (r->nacks) {
        rtp_nack_received(&r->nack, seq, now);
        arm_nack(p, r);
    }

    repaired = r->nack.recovered != recovered;

    if (must_open(p, r, pkt)
        && !open_packet(p, r, seq, data, len, arrival, repaired, &empty)) {
        return;
    }

    count(p, r, seq, empty, repaired);

    if (r->kind == MEDIA_VIDEO && !r->keyframe_seen
        && now - r->keyframe_asked > KEYFRAME_AGAIN) {
        load_peer_ask_keyframe(p, r);
    }

    if (p->first_packet == 0 && r->opened) {
        first_packet(p);
    }
}

/* NULL: a repetition */
static void
discard(struct load_peer *p, struct load_receiver *r, uint16_t seq)
{
    struct load_figures *f = &p->load->figures;

    if (r != NULL) {
        load_receiver_discard(r, seq, p->load->engine.now);
    }

    if (f->interval == 0) {
        return;
    }

    if (r == NULL) {
        f->discarded_repairs++;
    } else if (r->nacks) {
        f->discarded++;
    } else {
        f->discarded_for_good++;
    }
}

void
load_peer_rtp(struct load_endpoint *e, uint8_t *data, size_t len,
              int64_t arrival)
{
    struct load_peer *p = container_of(e, struct load_peer, endpoint);
    struct load *load = p->load;
    struct load_figures *f = &load->figures;
    double loss = p->visitor ? 0 : load->options.loss;
    const struct load_format *format;
    struct load_receiver *r;
    struct rtp_packet pkt;

    if (rtp_packet_parse(&pkt, span_of(data, len))) {
        f->unknown++;
        return;
    }

    format = &p->agreement.formats[pkt.payload_type];
    r = format->rtx ? NULL : find_receiver(p, pkt.ssrc);

    /* the first packet is never lost: what is lost then, nobody can say */
    if (loss > 0 && (format->rtx || (r != NULL && r->opened))
        && load_engine_random(&load->engine, 1000000) < loss * 10000) {
        discard(p, r, pkt.seq);

        return;
    }

    note_transport_cc(p, &pkt);

    if (!p->visitor) {
        f->packets_in++;
        f->bytes_in += len;
        f->interval_packets += f->measuring;
        f->interval_bytes += f->measuring ? len : 0;
    }

    if (format->rtx) {
        receive_rtx(p, data, len, format->apt, arrival);
        return;
    }

    if (r == NULL) {
        if (format->codec == CODEC_NONE
            || (r = new_receiver(p, pkt.ssrc, pkt.payload_type)) == NULL) {
            f->unknown++;
            return;
        }
    }

    receive_media(p, r, &pkt, data, len, arrival);
}
