/*
 * media/resend.c - packets that a subscriber missed.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/resend.h"

#include "base/error.h"
#include "media/loop.h"
#include "media/peer.h"
#include "media/wire.h"
#include "rtp/rtx.h"

enum { RESEND_INTERVAL_MIN = 10 * USEC_PER_MS };

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

/* its end of a picture would be decided anew: see wire_repeats() */
static bool
is_not_the_same(const struct media_sink *sink, uint8_t pt)
{
    return sink->thinned && wire_repeats(sink, sink->params.pt[pt]);
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
    bool again = wire_repeats(sink, pt);
    uint64_t index = origin->index;
    struct span payload;
    size_t header_len;
    int error;

    if (!again) {
        index = sink->rtx_index++;
        header = rtp_rtx_header(&header, sink->params.rtx_ssrc,
                                sink->params.rtx_pt[pt], (uint16_t)index);
    }

    wire_write_header(sink, &w, &header, &packet->extensions,
                      origin->shift.frame, again);
    header_len = writer_len(&w);

    if (!again) {
        rtp_rtx_write_payload(&w, seq, span_of(NULL, 0));
    }

    error = wire_payload(sink, &w, packet, &origin->shift, &payload);

    if (error) {
        outbox_return(&loop->outbox, slot);
        wire_count_failure(loop, error);
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
resend_asked(struct media_sink *sink, uint16_t seq)
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
