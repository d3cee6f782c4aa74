/*
 * media/figures.c - the figures of one session's tracks.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/figures.h"

#include <stdlib.h>

#include "media/layers.h"
#include "media/loop.h"
#include "media/peer.h"

static void
of_source(struct media_track_figures *f, struct media_source *source)
{
    struct media_stream *stream = source->stream;
    const struct media_format *format = source->by_pt[source->last_pt];

    *f = (struct media_track_figures){
        .id = source->params.id,
        .group = source->params.group,
        .available = layers_available(source),
        .codec = source->live && format != NULL ? format->codec : CODEC_NONE,
        .bitrate = rtp_rate_bits(&source->rate, source->loop->now),
        .rtt = source->peer->rtt ? source->peer->rtt : -1,
        .fraction_lost = source->fraction_lost / 256.0,
        .keyframes = source->keyframes,
        .sinks = source->sink_count,
    };

    memcpy(f->rid, source->params.rid, sizeof(f->rid));

    if (stream != NULL) {
        f->packets = stream->receiver.packets;
        f->bytes = stream->receiver.bytes;
        f->lost = rtp_receiver_lost(&stream->receiver);
        f->jitter = rtp_receiver_jitter(&stream->receiver);
    }

    if (stream != NULL && stream->nacks) {
        f->nacks = stream->nack.recovered + stream->nack.given_up;
        f->resent = stream->nack.recovered;
    }
}

static void
of_layers(struct media_track_figures *f, const struct media_sink *sink)
{
    f->spatial = sink->thins ? sink->thin.spatial : MEDIA_LAYER_ALL;
    f->temporal = sink->thins ? sink->thin.temporal : MEDIA_LAYER_ALL;

    if (sink->thins && sink->thin.has_target && sink->thin.target >= 0) {
        const struct rtp_dependency_structure *s = &sink->source->structure;

        f->spatial = s->target_spatial[sink->thin.target & 31];
        f->temporal = s->target_temporal[sink->thin.target & 31];
    }

    memcpy(f->rid, sink->source->params.rid, sizeof(f->rid));
    f->rid_count = layers_list(sink->source, f->rids);
}

static void
of_sink(struct media_track_figures *f, struct media_sink *sink)
{
    *f = (struct media_track_figures){
        .id = sink->params.id,
        .sends = true,
        .packets = sink->packets,
        .bytes = sink->bytes,
        .lost = sink->lost,
        .fraction_lost = sink->fraction_lost / 256.0,
        .jitter = sink->params.clock_rate
                      ? (usec_t)sink->jitter * USEC_PER_SEC
                            / sink->params.clock_rate
                      : 0,
        .rtt = sink->rtt,
        .nacks = sink->nacked,
        .resent = sink->resent,
    };

    if (sink->source != NULL) {
        const struct media_format *format =
            sink->source->by_pt[sink->source->last_pt];

        of_layers(f, sink);
        f->codec = format != NULL ? format->codec : CODEC_NONE;
    }
}

static size_t
count(const struct list *list)
{
    size_t n = 0;

    for (const struct list *node = list->next; node != list;
         node = node->next) {
        n++;
    }

    return n;
}

void
figures_answer(struct media_peer *peer, uint64_t token)
{
    struct media_event *event = media_peer_event(peer, MEDIA_EVENT_FIGURES);
    size_t max = count(&peer->sources) + count(&peer->sinks);
    const struct ice_pair *pair = peer->transport.ice.selected;
    struct media_figures *f;

    if (event == NULL) {
        return;
    }

    event->token = token;
    f = calloc(1, sizeof(*f) + max * sizeof(f->tracks[0]));

    if (f != NULL) {
        f->profile = peer->transport.profile != NULL
                         ? peer->transport.profile->name
                         : NULL;
        f->rtt = peer->rtt;

        if (pair != NULL) {
            f->tcp = pair->tcp != NULL;
            address_text(&pair->remote, f->remote);
        }

        list_each(node, next, &peer->sources) {
            of_source(&f->tracks[f->count++],
                      container_of(node, struct media_source, node));
        }

        list_each(node, next, &peer->sinks) {
            of_sink(&f->tracks[f->count++],
                    container_of(node, struct media_sink, in_peer));
        }
    }

    event->figures = f;
    media_peer_post(peer, event);
}
