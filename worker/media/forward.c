/*
 * media/forward.c - what a source's packet becomes for one subscriber.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/forward.h"

#include "base/error.h"
#include "media/loop.h"
#include "media/peer.h"
#include "media/wire.h"
#include "rtp/timestamp.h"

enum {
    /*
     * A payload that is encrypted end to end never looks like a key frame:
     * after this time everything is forwarded, and the decoder decides.
     */
    KEYFRAME_PATIENCE = 2 * USEC_PER_SEC,
};

/* what becomes of the source's payload type; MEDIA_PT_NONE: it is left out */
static struct media_sink_pt
translate(struct media_sink *sink, uint8_t pt)
{
    if (sink->last_pt.in != pt) {
        uint8_t out = sink->params.pt[pt];

        sink->last_pt = (struct media_sink_pt){
            .in = pt,
            .out = out,
            .repeats = out != MEDIA_PT_NONE && wire_repeats(sink, out),
        };
    }

    return sink->last_pt;
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

/* pictures go on as the source's do, or where those of another one ended */
static struct rtp_rewrite_shift
next_shift(const struct media_sink *sink, const struct media_packet *packet)
{
    const struct media_sink_last *last = &sink->last;
    const struct media_source *source = sink->source;
    struct rtp_rewrite_shift shift = { 0 };
    struct codec_shift numbers;

    if (last->source == source->params.id
        && last->generation == source->generation) {
        return sink->rewrite.shift;
    }

    numbers = codec_shift_next(&last->picture, (struct codec_shift){ 0 },
                               &packet->picture);
    shift.picture = numbers.id;
    shift.tl0 = numbers.tl0;

    if (last->has_frame && packet->has_dependency) {
        shift.frame = (uint16_t)(packet->dependency.frame_number
                                 - (last->frame + 1));
    }

    return shift;
}

/* its numbers go on where those of the source before ended */
static void
switch_source(struct media_sink *sink, const struct media_packet *packet)
{
    const struct media_sink_last *last = &sink->last;
    const struct media_source_clock *clock = &sink->source->clock;
    struct rtp_rewrite *rw = &sink->rewrite;

    sink->follows = true;
    sink->generation = sink->source->generation;
    rtp_rewrite_switch(rw, ++sink->epoch);
    rtp_rewrite_set_shift(rw, next_shift(sink, packet));

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

/*
 * The packets that a frame is divided into differ by a byte or so, the larger
 * ones last; but in a run only the last one may differ, and be shorter.  The
 * length that all of the burst are padded to; 0: none is.
 */
static size_t
level_of(const struct media_sink *sink, const struct media_packet *first)
{
    const struct media_source *source = sink->source;
    const struct media_loop *loop = source->loop;
    size_t level = 0;

    if (first->next == NULL || source->params.kind != MEDIA_VIDEO
        || loop->settings->run_padding == 0 || !train_has_runs(&loop->train)) {
        return 0;
    }

    for (const struct media_packet *p = first; p != NULL; p = p->next) {
        size_t len = wire_header_len(sink, p) + p->rtp.payload.len;

        level = len > level ? len : level;
    }

    return level;
}

/* what is sent again as it was is not padded: it would not be the same */
static uint8_t
padding_of(const struct media_sink *sink, const struct media_packet *packet,
           size_t len, size_t level, bool repeats)
{
    size_t padding = level > len ? level - len : 0;
    size_t percent = sink->source->loop->settings->run_padding;

    return packet->next != NULL && !repeats && padding <= UINT8_MAX
                   && padding * 100 <= len * percent
               ? (uint8_t)padding
               : 0;
}

/* seals the packet into the train; its length there, 0: it is not sent */
static size_t
forward(struct media_sink *sink, const struct media_packet *packet,
        size_t level)
{
    struct media_loop *loop = sink->peer->loop;
    struct srtp_sealer *sealer = sink->peer->transport.sealer;
    struct media_sink_pt pt = translate(sink, packet->rtp.payload_type);
    struct rtp_rewritten out;
    struct rtp_packet header;
    struct span payload;
    struct writer w;
    bool repeats;
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
    repeats = sink->source->history.capacity && pt.repeats;
    wire_write_header(sink, &w, &header, &packet->extensions, out.shift.frame,
                      repeats);
    error = wire_payload(sink, &w, packet, &out.shift, &payload);

    if (!error) {
        wire_pad(&w, &payload,
                 padding_of(sink, packet, writer_len(&w) + payload.len, level,
                            repeats));
        error = srtp_sealer_add(sealer, w.start, writer_len(&w), payload,
                                out.index);
    }

    if (error) {
        wire_count_failure(loop, error);
        return 0;
    }

    len = writer_len(&w) + payload.len + srtp_sealer_tag_len(sealer);
    train_commit(&loop->train, len);
    sink->packets++;
    sink->bytes += (uint32_t)packet->rtp.payload.len;

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

void
forward_burst(struct media_sink *sink, const struct media_packet *first)
{
    size_t sent = 0;
    size_t level;

    if (!sink->active) {
        return;
    }

    level = level_of(sink, first);

    for (const struct media_packet *p = first; p != NULL; p = p->next) {
        sent += forward(sink, p, level);
    }

    earn_resends(sink->peer, sent);
}
