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
#include "rtp/timestamp.h"

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

/* a copy with the frame number that follows on the last source's */
static bool
shift_dependency(const struct rtp_extensions *source, uint16_t shift,
                 struct rtp_extensions *copy,
                 uint8_t dependency[RTP_DEPENDENCY_MAX])
{
    struct span value = rtp_extensions_get(source,
                                           RTP_EXT_DEPENDENCY_DESCRIPTOR);

    if (value.len < RTP_DEPENDENCY_MIN || value.len > RTP_DEPENDENCY_MAX) {
        return false;
    }

    memcpy(dependency, value.data, value.len);
    rtp_dependency_set_number(
        dependency,
        (uint16_t)((value.data[1] << 8 | value.data[2]) - shift));
    *copy = *source;
    copy->value[RTP_EXT_DEPENDENCY_DESCRIPTOR] = span_of(dependency,
                                                         value.len);

    return true;
}

/*
 * The extensions of a packet to this peer; "alike" leaves out what would be
 * different the next time.
 */
static void
write_extensions(struct media_sink *sink, struct writer *w,
                 const struct rtp_extensions *source, uint16_t frame_shift,
                 bool alike)
{
    const struct rtp_extension_map *map = &sink->params.extensions;
    const struct rtp_extension_block *block = &sink->block;
    struct rtp_extension_hop hop = { 0 };
    struct rtp_extensions shifted;
    uint8_t dependency[RTP_DEPENDENCY_MAX];

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

    if (frame_shift
        && shift_dependency(source, frame_shift, &shifted, dependency)) {
        source = &shifted;
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
             const struct rtp_extensions *extensions, uint16_t frame_shift,
             bool alike)
{
    size_t before;

    rtp_packet_write_header(w, header);
    before = writer_len(w);
    write_extensions(sink, w, extensions, frame_shift, alike);

    if (writer_len(w) > before) {
        w->start[0] |= RTP_X;
    }
}

/*
 * Blocks of redundant audio name payload types of the publisher, and pictures
 * have numbers, which go on when another source is followed; such a payload is
 * a copy of its own, behind the header.  All others stay where they are.
 * SFU_ERR_MALFORMED, SFU_ERR_LIMIT: it is too long
 */
static int
prepare_payload(const struct media_sink *sink, struct writer *w,
                const struct media_packet *packet,
                const struct rtp_rewrite_shift *shift, struct span *payload)
{
    struct codec_shift numbers = { shift->picture, shift->tl0 };
    uint8_t *copy;

    *payload = packet->rtp.payload;

    if (writer_left(w) < payload->len) {
        return SFU_ERR_LIMIT;
    }

    if (packet->format->codec != CODEC_RED && !codec_shift_any(numbers)) {
        return 0;
    }

    copy = w->pos;
    memcpy(copy, payload->data, payload->len);
    payload->data = copy;

    if (packet->format->codec != CODEC_RED) {
        codec_picture_shift(&packet->picture, numbers, copy);
        return 0;
    }

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

/* its numbers go on where those of the source before ended */
static void
switch_source(struct media_sink *sink, const struct media_packet *packet)
{
    const struct media_sink_last *last = &sink->last;
    const struct media_source_clock *clock = &sink->source->clock;
    struct rtp_rewrite *rw = &sink->rewrite;
    struct codec_shift numbers = codec_shift_next(&last->picture,
                                                  (struct codec_shift){ 0 },
                                                  &packet->picture);
    struct rtp_rewrite_shift shift = { .picture = numbers.id,
                                       .tl0 = numbers.tl0 };

    if (last->has_frame && packet->has_dependency) {
        shift.frame = (uint16_t)(packet->dependency.frame_number
                                 - (last->frame + 1));
    }

    sink->follows = true;
    sink->generation = sink->source->generation;
    rtp_rewrite_switch(rw, ++sink->epoch);
    rtp_rewrite_set_shift(rw, shift);

    if (last->has_clock && clock->time) {
        rtp_rewrite_align(
            rw, last->timestamp
                + (uint32_t)rtp_timestamp_ticks(clock->time - last->time,
                                                rw->clock_rate)
                - clock->timestamp);
    }

    if (sink->thins) {
        thin_reset(sink);
    }
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

        switch_source(sink, packet);
    }

    if (translate(sink, packet->rtp.payload_type).out == MEDIA_PT_NONE) {
        rtp_rewrite_skip(&sink->rewrite, packet->seq);
        return false;
    }

    if (sink->thins && !thin_takes(sink, packet)
        && thin_leave_out(sink, packet)) {
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
        .marker = packet->rtp.marker
                  || (sink->thins && thin_ends_picture(sink, packet)),
        .payload_type = pt.out,
        .seq = out.seq,
        .timestamp = out.timestamp,
        .ssrc = sink->ssrc,
    };
    w = writer_over(train_room(&loop->train),
                    TRAIN_PACKET_MAX - SRTP_OVERHEAD_MAX);
    write_header(sink, &w, &header, &packet->extensions, out.shift.frame,
                 sink->source->history.capacity && pt.repeats);
    error = prepare_payload(sink, &w, packet, &out.shift, &payload);

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

/* its end of a picture would be decided anew, see repeats() */
static bool
is_not_the_same(const struct media_sink *sink, uint8_t pt)
{
    return sink->thinned && repeats(sink, sink->params.pt[pt]);
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
        .marker = packet->rtp.marker
                  || (sink->thins && thin_ends_picture(sink, packet)),
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

    write_header(sink, &w, &header, &packet->extensions, origin->shift.frame,
                 again);
    header_len = writer_len(&w);

    if (!again) {
        rtp_rtx_write_payload(&w, seq, span_of(NULL, 0));
    }

    error = prepare_payload(sink, &w, packet, &origin->shift, &payload);

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

/* the one that a number was sent from: the present one, or the one before */
static struct media_source *
source_of(struct media_sink *sink, const struct rtp_rewrite_origin *origin)
{
    const struct media_sink_layers *l = &sink->layers;
    struct media_source *source = sink->source;
    uint32_t generation = sink->generation;

    if (origin->source != sink->epoch || !sink->follows) {
        if (origin->source != l->prior_epoch || l->prior_epoch == 0) {
            return NULL;
        }

        source = media_source_find(sink->peer->loop, l->prior);
        generation = l->prior_generation;
    }

    return source != NULL && source->generation == generation
                   && source->history.capacity
               ? source
               : NULL;
}

void
forward_again(struct media_sink *sink, uint16_t seq)
{
    struct media_loop *loop = sink->peer->loop;
    struct rtp_rewrite_origin origin;
    struct media_source *source = NULL;
    struct media_buffer *buffer = NULL;
    struct media_packet packet;

    counter_add(&loop->counters.nacks_in, 1);
    sink->nacked++;

    /* before anything is looked up: there are millions of these then */
    if (sink->source != NULL && new_ones_wait(sink)) {
        media_drop(&loop->counters, MEDIA_DROP_resend_limit);
        return;
    }

    if (rtp_rewrite_origin(&sink->rewrite, seq, &origin) == 0) {
        source = source_of(sink, &origin);
    }

    if (source != NULL) {
        buffer = rtp_history_get(&source->history, origin.seq);
    }

    if (buffer == NULL || media_source_recall(source, origin.seq, &packet)
        || sink->params.pt[packet.rtp.payload_type] == MEDIA_PT_NONE
        || is_not_the_same(sink, packet.rtp.payload_type)) {
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
