/*
 * media/forward.c - what a source's packet becomes for one subscriber.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/forward.h"

#include "base/error.h"
#include "codec/red.h"
#include "media/loop.h"
#include "media/peer.h"
#include "rtp/rtx.h"

enum {
    /*
     * A payload that is encrypted end to end never looks like a key frame:
     * after this time everything is forwarded, and the decoder decides.
     */
    KEYFRAME_PATIENCE = 2 * USEC_PER_SEC,
    RESEND_INTERVAL_MIN = 10 * USEC_PER_MS,
};

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

/* what becomes of the source's payload type; MEDIA_PT_NONE: it is left out */
static struct media_sink_pt
translate(struct media_sink *sink, uint8_t pt)
{
    if (sink->last_pt.in != pt) {
        uint8_t out = sink->params.pt[pt];

        sink->last_pt = (struct media_sink_pt){
            .in = pt,
            .out = out,
            .repeats = out != MEDIA_PT_NONE && repeats(sink, out),
        };
    }

    return sink->last_pt;
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
    const struct rtp_extension_block *block = &sink->block;
    struct rtp_extension_hop hop = { 0 };

    if (!alike && rtp_extension_block_fits(block, source)) {
        rtp_extension_block_write(block, w,
                                  block->transport_cc_at
                                      ? sink->peer->transport_cc_seq++ : 0,
                                  rtp_abs_send_time(sink->peer->loop->now));
        return;
    }

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

/*
 * Blocks of redundant audio name payload types of the publisher, so that
 * payload is a copy of its own, behind the header; others stay where they are.
 * SFU_ERR_MALFORMED, SFU_ERR_LIMIT: it is too long
 */
static int
prepare_payload(const struct media_sink *sink, struct writer *w,
                const struct media_packet *packet, struct span *payload)
{
    uint8_t *copy;

    *payload = packet->rtp.payload;

    if (writer_left(w) < payload->len) {
        return SFU_ERR_LIMIT;
    }

    if (packet->format->codec != CODEC_RED) {
        return 0;
    }

    copy = w->pos;
    memcpy(copy, payload->data, payload->len);
    payload->data = copy;

    return red_remap(copy, payload->len, sink->params.pt)
               ? SFU_ERR_MALFORMED
               : 0;
}

static void
count_failure(struct media_loop *loop, int error)
{
    media_drop(&loop->counters, error == SFU_ERR_MALFORMED
                                    ? MEDIA_DROP_malformed
                                : error == SFU_ERR_LIMIT
                                    ? MEDIA_DROP_too_long
                                    : MEDIA_DROP_seal_failed);
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

/* the number and time that it gets, or that it is not for this subscriber */
static bool
place(struct media_sink *sink, const struct media_packet *packet,
      struct rtp_rewritten *out)
{
    if (!sink->follows || sink->generation != sink->source->generation) {
        if (sink->follows && !packet->keyframe) {
            media_sink_want_keyframe(sink);
        }

        sink->follows = true;
        sink->generation = sink->source->generation;
        rtp_rewrite_switch(&sink->rewrite, ++sink->epoch);
    }

    if (translate(sink, packet->rtp.payload_type).out == MEDIA_PT_NONE) {
        rtp_rewrite_skip(&sink->rewrite, packet->seq);
        return false;
    }

    return picture_began(sink, packet)
           && rtp_rewrite_packet(&sink->rewrite, packet->seq,
                                 packet->rtp.timestamp, sink->peer->loop->now,
                                 out) == 0;
}

/* seals the packet into the train; its length there, 0: it is not sent */
static size_t
forward(struct media_sink *sink, const struct media_packet *packet)
{
    struct media_loop *loop = sink->peer->loop;
    struct srtp_sealer *sealer = sink->peer->transport.sealer;
    struct media_sink_pt pt = translate(sink, packet->rtp.payload_type);
    struct rtp_rewritten out;
    struct rtp_packet header;
    struct span payload;
    struct writer w;
    size_t len;
    int error;

    if (!place(sink, packet, &out)) {
        return 0;
    }

    header = (struct rtp_packet){
        .marker = packet->rtp.marker,
        .payload_type = pt.out,
        .seq = out.seq,
        .timestamp = out.timestamp,
        .ssrc = sink->ssrc,
    };
    w = writer_over(train_room(&loop->train),
                    TRAIN_PACKET_MAX - SRTP_OVERHEAD_MAX);
    write_header(sink, &w, &header, &packet->extensions,
                 sink->source->history.capacity && pt.repeats);
    error = prepare_payload(sink, &w, packet, &payload);

    if (!error) {
        error = srtp_sealer_add(sealer, w.start, writer_len(&w), payload,
                                out.index);
    }

    if (error) {
        count_failure(loop, error);
        return 0;
    }

    len = writer_len(&w) + payload.len + srtp_sealer_tag_len(sealer);
    train_commit(&loop->train, len);
    sink->packets++;
    sink->bytes += (uint32_t)payload.len;

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

/*
 * A loop that cannot send all there is loses packets, and all viewers of the
 * track ask for them at once.  Sent again they would cost more than they did at
 * first, and more would be lost: a loop would never come out of that.  So new
 * packets go first, as long as they wait.
 */
static bool
new_ones_wait(const struct media_sink *sink)
{
    return sink->source->backlog.count
           || sink->peer->loop->burst.resent == MEDIA_BURST_RESENDS;
}

void
forward_burst(struct media_sink *sink, const struct media_packet *first)
{
    size_t sent = 0;

    if (!sink->active) {
        return;
    }

    for (const struct media_packet *p = first; p != NULL; p = p->next) {
        sent += forward(sink, p);
    }

    earn_resends(sink->peer, sent);
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
       uint16_t seq, const struct rtp_rewrite_origin *origin)
{
    struct media_loop *loop = sink->peer->loop;
    uint8_t pt = sink->params.pt[packet->rtp.payload_type];
    struct outbox_slot *slot = outbox_reserve(&loop->outbox);
    struct writer w = writer_over(slot->data,
                                  OUTBOX_SLOT - SRTP_OVERHEAD_MAX);
    struct rtp_packet header = {
        .marker = packet->rtp.marker,
        .payload_type = pt,
        .seq = seq,
        .timestamp = packet->rtp.timestamp + origin->timestamp_offset,
        .ssrc = sink->params.ssrc,
    };
    bool again = repeats(sink, pt);
    uint64_t index = origin->index;
    struct span payload;
    size_t header_len;
    int error;

    if (!again) {
        index = sink->rtx_index++;
        header = rtp_rtx_header(&header, sink->params.rtx_ssrc,
                                sink->params.rtx_pt[pt], (uint16_t)index);
    }

    write_header(sink, &w, &header, &packet->extensions, again);
    header_len = writer_len(&w);

    if (!again) {
        rtp_rtx_write_payload(&w, seq, span_of(NULL, 0));
    }

    error = prepare_payload(sink, &w, packet, &payload);

    if (error) {
        outbox_return(&loop->outbox, slot);
        count_failure(loop, error);
        return;
    }

    /* a number in front of it, so that it has to come along */
    if (payload.data != w.pos) {
        memcpy(w.pos, payload.data, payload.len);
    }

    media_transport_send_rtp(&sink->peer->transport, slot, header_len,
                             writer_len(&w) - header_len + payload.len,
                             index);
}

void
forward_again(struct media_sink *sink, uint16_t seq)
{
    struct media_loop *loop = sink->peer->loop;
    struct rtp_rewrite_origin origin;
    struct media_buffer *buffer = NULL;
    struct media_packet packet;

    counter_add(&loop->counters.nacks_in, 1);
    sink->nacked++;

    /* before anything is looked up: there are millions of these then */
    if (sink->source != NULL && new_ones_wait(sink)) {
        media_drop(&loop->counters, MEDIA_DROP_resend_limit);
        return;
    }

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

    if (buffer->len > sink->peer->resend_left) {
        media_drop(&loop->counters, MEDIA_DROP_resend_limit);
        return;
    }

    if (!media_transport_connected(&sink->peer->transport)
        || sent_again_just_now(sink, seq, loop->now)) {
        return;
    }

    sink->peer->resend_left -= buffer->len;
    loop->burst.resent++;
    resend(sink, &packet, seq, &origin);
    sink->resent++;
    counter_add(&loop->counters.retransmitted, 1);
}
