/*
 * media/sink.c - a subscription, inside a loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/sink.h"

#include "base/error.h"
#include "base/random.h"
#include "codec/red.h"
#include "media/loop.h"
#include "media/peer.h"
#include "rtp/rtx.h"
#include "rtp/timestamp.h"

enum {
    /*
     * A payload that is encrypted end to end never looks like a key frame:
     * after this time everything is forwarded, and the decoder decides.
     */
    KEYFRAME_PATIENCE = 2 * USEC_PER_SEC,
    RESEND_INTERVAL_MIN = 10 * USEC_PER_MS,
};

void
media_sink_init(struct media_sink *sink, struct media_peer *peer,
                const struct media_sink_params *params)
{
    *sink = (struct media_sink){ .peer = peer, .params = *params, .rtt = -1 };
    list_init(&sink->in_source);
    list_init(&sink->in_peer);
    sink->rtx_seq = (uint16_t)random_u32();
    rtp_rewrite_init(&sink->rewrite, params->clock_rate,
                     (uint16_t)(random_u32() & 0x7fff), random_u32());

    map_insert(&peer->sinks_by_ssrc, &sink->by_ssrc,
               span_of(&sink->params.ssrc, sizeof(sink->params.ssrc)));

    if (params->rtx_ssrc) {
        map_insert(&peer->sinks_by_ssrc, &sink->by_rtx_ssrc,
                   span_of(&sink->params.rtx_ssrc,
                           sizeof(sink->params.rtx_ssrc)));
    }

    list_append(&peer->sinks, &sink->in_peer);
}

void
media_sink_fini(struct media_sink *sink)
{
    media_sink_lose_source(sink);
    list_remove(&sink->in_peer);
    map_remove(&sink->peer->sinks_by_ssrc, &sink->by_ssrc);

    if (sink->params.rtx_ssrc) {
        map_remove(&sink->peer->sinks_by_ssrc, &sink->by_rtx_ssrc);
    }

    if (sink->peer->transport.srtp_out != NULL) {
        sfu_srtp_forget(sink->peer->transport.srtp_out, sink->params.ssrc);

        if (sink->params.rtx_ssrc) {
            sfu_srtp_forget(sink->peer->transport.srtp_out,
                            sink->params.rtx_ssrc);
        }
    }
}

static void
want_keyframe(struct media_sink *sink)
{
    if (sink->source->params.kind == MEDIA_VIDEO) {
        sink->wants_keyframe = true;
        sink->wanted_since = sink->source->loop->now;
        media_source_want_keyframe(sink->source);
    }
}

void
media_sink_attach(struct media_sink *sink, struct media_source *source)
{
    media_sink_lose_source(sink);
    sink->source = source;
    sink->follows = false;
    list_append(&source->sinks, &sink->in_source);
    source->sink_count++;

    if (sink->active && media_transport_connected(&sink->peer->transport)) {
        want_keyframe(sink);
    }
}

void
media_sink_lose_source(struct media_sink *sink)
{
    if (sink->source != NULL) {
        list_remove(&sink->in_source);
        sink->source->sink_count--;
        sink->source = NULL;
    }
}

/* whether a packet sent again would not be what it was; see repeats() */
static bool
looks_different(const struct media_sink_params *a,
                const struct media_sink_params *b)
{
    if (memcmp(a->rtx_pt, b->rtx_pt, sizeof(a->rtx_pt)) != 0) {
        return true;
    }

    return !a->rtx_ssrc
           && (memcmp(a->pt, b->pt, sizeof(a->pt)) != 0
               || memcmp(&a->extensions, &b->extensions,
                         sizeof(a->extensions)) != 0);
}

void
media_sink_activate(struct media_sink *sink,
                    const struct media_sink_params *params)
{
    bool first = !sink->active;

    if (looks_different(&sink->params, params)) {
        sink->follows = false;      /* nothing from before is sent again */
    }

    memcpy(sink->params.pt, params->pt, sizeof(params->pt));
    memcpy(sink->params.rtx_pt, params->rtx_pt, sizeof(params->rtx_pt));
    sink->params.extensions = params->extensions;
    sink->active = true;

    if (first && sink->source != NULL
        && media_transport_connected(&sink->peer->transport)) {
        want_keyframe(sink);
    }
}

/*
 * Whether a packet of this payload type is sent again as it was.  Then it has
 * to be the same to the last bit: two contents under one SRTP number would
 * give away the key of AES-GCM (RFC 7714, 8.1).
 */
static bool
repeats(const struct media_sink *sink, uint8_t pt)
{
    return !sink->params.rtx_ssrc || sink->params.rtx_pt[pt] == MEDIA_PT_NONE;
}

/*
 * The extensions of a packet to this peer; "alike" leaves out what would be
 * different the next time.
 */
static void
write_extensions(struct media_sink *sink, struct writer *w,
                 const struct rtp_extensions *source, bool alike)
{
    const struct rtp_extension_map *map = &sink->params.extensions;
    struct rtp_extension_hop hop = { 0 };

    if (rtp_extension_map_id(map, RTP_EXT_MID)) {
        hop.mid = span_str(sink->params.mid);
    }

    if (!alike && rtp_extension_map_id(map, RTP_EXT_TRANSPORT_CC)) {
        hop.has_transport_cc = true;
        hop.transport_cc = sink->peer->transport_cc_seq++;
    }

    if (!alike && rtp_extension_map_id(map, RTP_EXT_ABS_SEND_TIME)) {
        hop.has_abs_send_time = true;
        hop.abs_send_time = rtp_abs_send_time(sink->peer->loop->now);
    }

    rtp_extensions_write(w, map, source, &hop);
}

/*
 * The header, with the X bit if there are extensions: whether there are is
 * known only when they are written, behind it.
 */
static void
write_header(struct media_sink *sink, struct writer *w,
             const struct rtp_packet *header,
             const struct rtp_extensions *extensions, bool alike)
{
    size_t before;

    rtp_packet_write_header(w, header);
    before = writer_len(w);
    write_extensions(sink, w, extensions, alike);

    if (writer_len(w) > before) {
        w->start[0] |= RTP_X;
    }
}

static size_t
send_slot(struct media_sink *sink, struct outbox_slot *slot, struct writer *w)
{
    size_t len = writer_len(w);

    if (!writer_ok(w)) {
        media_drop(&sink->peer->loop->counters, MEDIA_DROP_too_long);
        outbox_return(&sink->peer->loop->outbox, slot);
        return 0;
    }

    media_transport_send_rtp(&sink->peer->transport, slot, len);

    return len;
}

/*
 * A few bytes of NACK ask for a megabyte.  What a peer is sent again is a
 * share of what it was sent: enough for any loss that a call survives.
 */
static void
earn_resends(struct media_peer *peer, size_t sent)
{
    const struct media_settings *s = peer->loop->settings;

    peer->resend_left += sent * s->resend_percent / 100;

    if (peer->resend_left > s->resend_burst) {
        peer->resend_left = s->resend_burst;
    }
}

static bool
may_resend(struct media_peer *peer, size_t len)
{
    if (len > peer->resend_left) {
        media_drop(&peer->loop->counters, MEDIA_DROP_resend_limit);
        return false;
    }

    peer->resend_left -= len;

    return true;
}

/* blocks of redundant audio name payload types of the publisher */
static bool
write_payload(struct media_sink *sink, struct writer *w,
              const struct media_packet *packet)
{
    size_t at = writer_len(w);

    writer_bytes(w, packet->rtp.payload);

    if (packet->format->codec != CODEC_RED || !writer_ok(w)) {
        return true;
    }

    return red_remap(w->start + at, packet->rtp.payload.len, sink->params.pt)
           == 0;
}

/* whether the packet may be sent before a key frame came, or is one */
static bool
picture_began(struct media_sink *sink, const struct media_packet *packet)
{
    if (!sink->wants_keyframe) {
        return true;
    }

    if (!packet->keyframe
        && sink->peer->loop->now - sink->wanted_since < KEYFRAME_PATIENCE) {
        return false;
    }

    sink->wants_keyframe = false;

    return true;
}

void
media_sink_packet(struct media_sink *sink, const struct media_packet *packet)
{
    struct media_loop *loop = sink->peer->loop;
    struct rtp_rewritten out;
    struct rtp_packet header;
    struct outbox_slot *slot;
    struct writer w;
    uint8_t pt = sink->params.pt[packet->rtp.payload_type];

    if (!sink->active || !media_transport_connected(&sink->peer->transport)) {
        return;
    }

    if (!sink->follows || sink->generation != sink->source->generation) {
        if (sink->follows && !packet->keyframe) {
            want_keyframe(sink);
        }

        sink->follows = true;
        sink->generation = sink->source->generation;
        rtp_rewrite_switch(&sink->rewrite, ++sink->epoch);
    }

    if (pt == MEDIA_PT_NONE) {
        rtp_rewrite_skip(&sink->rewrite, packet->seq);
        return;
    }

    if (!picture_began(sink, packet)
        || rtp_rewrite_packet(&sink->rewrite, packet->seq,
                              packet->rtp.timestamp, loop->now, &out)) {
        return;
    }

    header = (struct rtp_packet){
        .marker = packet->rtp.marker,
        .payload_type = pt,
        .seq = out.seq,
        .timestamp = out.timestamp,
        .ssrc = sink->params.ssrc,
    };

    slot = outbox_reserve(&loop->outbox);
    w = writer_over(slot->data, OUTBOX_SLOT - SRTP_OVERHEAD_MAX);
    write_header(sink, &w, &header, &packet->extensions,
                 sink->source->history.capacity && repeats(sink, pt));

    if (!write_payload(sink, &w, packet)) {
        outbox_return(&loop->outbox, slot);
        media_drop(&loop->counters, MEDIA_DROP_malformed);
        return;
    }

    earn_resends(sink->peer, send_slot(sink, slot, &w));
    sink->packets++;
    sink->bytes += (uint32_t)packet->rtp.payload.len;
}

/* a NACK that crossed its answer on the way is not answered twice */
static bool
sent_again_just_now(struct media_sink *sink, uint16_t seq, usec_t now)
{
    usec_t interval = sink->rtt > RESEND_INTERVAL_MIN ? sink->rtt
                                                      : RESEND_INTERVAL_MIN;
    size_t i = seq & (MEDIA_SINK_RESENT - 1);

    if (sink->again[i].seq == seq && sink->again[i].time
        && now - sink->again[i].time < interval) {
        return true;
    }

    sink->again[i].seq = seq;
    sink->again[i].time = now;

    return false;
}

static void
resend(struct media_sink *sink, const struct media_packet *packet,
       uint16_t seq, uint32_t timestamp)
{
    uint8_t pt = sink->params.pt[packet->rtp.payload_type];
    struct rtp_packet header = {
        .marker = packet->rtp.marker,
        .payload_type = pt,
        .seq = seq,
        .timestamp = timestamp,
        .ssrc = sink->params.ssrc,
    };
    struct outbox_slot *slot;
    struct writer w;
    bool again = repeats(sink, pt);

    slot = outbox_reserve(&sink->peer->loop->outbox);
    w = writer_over(slot->data, OUTBOX_SLOT - SRTP_OVERHEAD_MAX);

    if (!again) {
        header = rtp_rtx_header(&header, sink->params.rtx_ssrc,
                                sink->params.rtx_pt[pt], sink->rtx_seq++);
    }

    write_header(sink, &w, &header, &packet->extensions, again);

    if (!again) {
        rtp_rtx_write_payload(&w, seq, span_of(NULL, 0));
    }

    if (!write_payload(sink, &w, packet)) {
        outbox_return(&sink->peer->loop->outbox, slot);
        return;
    }

    send_slot(sink, slot, &w);
}

void
media_sink_resend(struct media_sink *sink, uint16_t seq)
{
    struct media_loop *loop = sink->peer->loop;
    struct rtp_rewrite_origin origin;
    struct media_buffer *buffer = NULL;
    struct media_packet packet;

    counter_add(&loop->counters.nacks_in, 1);
    sink->nacked++;

    if (sink->source != NULL && sink->source->history.capacity
        && sink->follows && sink->generation == sink->source->generation
        && rtp_rewrite_origin(&sink->rewrite, seq, &origin) == 0
        && origin.source == sink->epoch) {
        buffer = rtp_history_get(&sink->source->history, origin.seq);
    }

    if (buffer == NULL
        || media_source_parse(sink->source, span_of(buffer->data, buffer->len),
                              &packet)
        || sink->params.pt[packet.rtp.payload_type] == MEDIA_PT_NONE) {
        counter_add(&loop->counters.not_retransmitted, 1);
        return;
    }

    if (!media_transport_connected(&sink->peer->transport)
        || sent_again_just_now(sink, seq, loop->now)
        || !may_resend(sink->peer, buffer->len)) {
        return;
    }

    resend(sink, &packet, seq,
           packet.rtp.timestamp + origin.timestamp_offset);
    sink->resent++;
    counter_add(&loop->counters.retransmitted, 1);
}

void
media_sink_report_block(struct media_sink *sink,
                        const struct rtcp_report_block *block, uint64_t ntp)
{
    usec_t rtt = rtcp_rtt(block->last_sr, block->delay, ntp);

    if (block->ssrc != sink->params.ssrc) {
        return;                 /* about its RTX stream */
    }

    sink->fraction_lost = block->fraction_lost;
    sink->lost = block->lost;
    sink->jitter = block->jitter;

    if (rtt >= 0) {
        sink->rtt = rtt;
        sink->peer->rtt = rtt;
    }
}

bool
media_sink_sender_info(const struct media_sink *sink, uint64_t ntp,
                       struct rtcp_sender_info *info)
{
    const struct media_source *source = sink->source;
    const struct rtp_rewrite *rw = &sink->rewrite;
    usec_t now = sink->peer->loop->now;

    if (sink->packets == 0 || !sink->active) {
        return false;
    }

    info->ssrc = sink->params.ssrc;
    info->ntp = ntp;
    info->packets = sink->packets;
    info->bytes = sink->bytes;
    info->timestamp = rtp_rewrite_timestamp_at(rw, now);

    /* the publisher's own clock keeps audio and video in step */
    if (source != NULL && source->clock.time && sink->follows
        && sink->generation == source->generation) {
        /* another loop's clock may be ahead of our batch */
        usec_t elapsed = now > source->clock.time ? now - source->clock.time
                                                  : 0;

        info->timestamp =
            source->clock.timestamp
            + (uint32_t)rtp_timestamp_ticks(elapsed, rw->clock_rate)
            + rtp_rewrite_timestamp_offset(rw);
    }

    return true;
}
