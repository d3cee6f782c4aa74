/*
 * media/sink.c - a subscription, inside a loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/sink.h"

#include "base/error.h"
#include "base/random.h"
#include "media/layers.h"
#include "media/loop.h"
#include "media/peer.h"
#include "media/report.h"
#include "rtp/timestamp.h"

void
media_sink_init(struct media_sink *sink, struct media_peer *peer,
                const struct media_sink_params *params)
{
    *sink = (struct media_sink){
        .peer = peer, .params = *params, .rtt = -1, .ssrc = params->ssrc,
        .last_pt = { .in = MEDIA_PT_NONE },
    };
    list_init(&sink->in_source);
    list_init(&sink->in_peer);
    layers_init(sink);
    thin_set(sink, &params->choice);
    sink->rtx_index = random_u32() & 0x7fff;
    rtp_extension_block_make(&sink->block, &sink->params.extensions,
                             span_str(sink->params.mid));
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
    report_want(peer);
}

void
media_sink_fini(struct media_sink *sink)
{
    layers_give_up(sink);
    media_sink_lose_source(sink);
    list_remove(&sink->in_peer);
    map_remove(&sink->peer->sinks_by_ssrc, &sink->by_ssrc);

    if (sink->params.rtx_ssrc) {
        map_remove(&sink->peer->sinks_by_ssrc, &sink->by_rtx_ssrc);
    }
}

void
media_sink_renew(struct media_sink *sink)
{
    sink->follows = false;
    sink->rtx_index &= 0xffff;
    rtp_rewrite_restart_index(&sink->rewrite);
}

void
media_sink_want_keyframe(struct media_sink *sink)
{
    if (sink->source->params.kind == MEDIA_VIDEO) {
        sink->wants_keyframe = true;
        sink->wanted_since = sink->source->loop->now;
        media_source_want_keyframe(sink->source);
    }
}

void
media_sink_follow(struct media_sink *sink, struct media_source *source)
{
    media_sink_lose_source(sink);
    sink->source = source;
    sink->follows = false;
    list_append(&source->sinks, &sink->in_source);
    source->sink_count++;
}

void
media_sink_attach(struct media_sink *sink, struct media_source *source)
{
    layers_give_up(sink);
    media_sink_follow(sink, layers_first(sink, source));
    sink->layers.since = source->loop->now;

    if (sink->active && media_transport_connected(&sink->peer->transport)) {
        media_sink_want_keyframe(sink);
    }
}

/* of a source whose sender reports tie its timestamps to our clock */
static void
note_clock(struct media_sink *sink)
{
    const struct media_source_clock *clock = &sink->source->clock;

    sink->last.has_clock = clock->time != 0;
    sink->last.time = clock->time;
    sink->last.timestamp = clock->timestamp
                           + rtp_rewrite_timestamp_offset(&sink->rewrite);
}

void
media_sink_note_last(struct media_sink *sink)
{
    const struct media_source *source = sink->source;
    struct rtp_rewrite_shift shift = sink->rewrite.current.shift;

    if (!sink->follows || sink->generation != source->generation) {
        return;                 /* nothing of it was sent */
    }

    sink->last.source = source->params.id;
    sink->last.generation = sink->generation;
    sink->last.picture = source->picture;
    sink->last.picture.id = (uint16_t)(source->picture.id - shift.picture);
    sink->last.picture.tl0 = (uint8_t)(source->picture.tl0 - shift.tl0);
    sink->last.has_frame = source->has_frame;
    sink->last.frame = (uint16_t)(source->frame - shift.frame);
    note_clock(sink);
    sink->layers.prior = source->params.id;
    sink->layers.prior_epoch = sink->epoch;
    sink->layers.prior_generation = sink->generation;
}

void
media_sink_lose_source(struct media_sink *sink)
{
    if (sink->source != NULL) {
        media_sink_note_last(sink);
        list_remove(&sink->in_source);
        sink->source->sink_count--;
        sink->source = NULL;
    }
}

/* whether a packet sent again would not be what it was; see wire_repeats() */
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
        if (sink->source != NULL) {
            media_sink_note_last(sink);
        }

        /* nothing from before is sent again */
        sink->follows = false;
        sink->layers.prior_epoch = 0;
    }

    memcpy(sink->params.pt, params->pt, sizeof(params->pt));
    memcpy(sink->params.rtx_pt, params->rtx_pt, sizeof(params->rtx_pt));
    sink->params.extensions = params->extensions;
    layers_set_choice(sink, &params->choice);
    sink->last_pt.in = MEDIA_PT_NONE;
    rtp_extension_block_make(&sink->block, &sink->params.extensions,
                             span_str(sink->params.mid));
    sink->active = true;

    if (first && sink->source != NULL
        && media_transport_connected(&sink->peer->transport)) {
        media_sink_want_keyframe(sink);
    }
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
    sink->layers.reported = sink->peer->loop->now;
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
