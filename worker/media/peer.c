/*
 * media/peer.c - a session, inside a loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/peer.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "media/bind.h"
#include "media/feedback.h"
#include "media/loop.h"
#include "media/report.h"

static struct media_peer *
peer_of(struct media_transport *t)
{
    return container_of(t, struct media_peer, transport);
}

struct media_event *
media_peer_event(struct media_peer *peer, enum media_event_type type)
{
    struct media_event *event = calloc(1, sizeof(*event));

    if (event == NULL) {
        /* the control thread's own timers end what it is not told */
        log_error(peer->loop->log, "loop %u: out of memory for an event",
                  peer->loop->index);
        return NULL;
    }

    event->task.run = peer->params.on_event;
    event->type = type;
    event->session = peer->params.session;

    return event;
}

void
media_peer_post(struct media_peer *peer, struct media_event *event)
{
    mailbox_post(peer->loop->control, &event->task);
}

static void
post_plain(struct media_peer *peer, enum media_event_type type)
{
    struct media_event *event = media_peer_event(peer, type);

    if (event != NULL) {
        media_peer_post(peer, event);
    }
}

void
media_peer_source_live(struct media_peer *peer, struct media_source *source)
{
    struct media_source *first = media_source_find(peer->loop,
                                                   source->params.group);
    struct media_event *event;

    /* the track is live with its first encoding */
    if (first != NULL && first->told_live) {
        source->live = true;
        return;
    }

    event = media_peer_event(peer, MEDIA_EVENT_SOURCE_LIVE);

    if (event != NULL) {
        source->live = true;
        event->source = source->params.group;
        event->pt = source->last_pt;

        if (first != NULL) {
            first->told_live = true;
        }

        media_peer_post(peer, event);
    }
}

static void
connected(struct media_transport *t)
{
    struct media_peer *peer = peer_of(t);
    struct media_event *event = media_peer_event(peer, MEDIA_EVENT_CONNECTED);

    if (event != NULL) {
        event->profile = t->profile->name;
        event->tcp = t->ice.selected != NULL && t->ice.selected->tcp != NULL;

        if (t->ice.selected != NULL) {
            address_text(&t->ice.selected->remote, event->remote);
        }

        media_peer_post(peer, event);
    }

    list_each(node, next, &peer->sinks) {
        struct media_sink *sink = container_of(node, struct media_sink,
                                               in_peer);

        if (sink->source != NULL && sink->active) {
            media_sink_attach(sink, sink->source);
        }
    }

    media_sctp_connected(peer);
    report_want(peer);
}

static void
renewing(struct media_transport *t)
{
    list_each(node, next, &peer_of(t)->sinks) {
        media_sink_renew(container_of(node, struct media_sink, in_peer));
    }
}

static void
consent(struct media_transport *t, bool there)
{
    post_plain(peer_of(t), there ? MEDIA_EVENT_CONSENT_BACK
                                 : MEDIA_EVENT_CONSENT_LOST);
}

static void
ended(struct media_transport *t, enum media_end cause)
{
    struct media_peer *peer = peer_of(t);
    struct media_event *event = peer->last_event;

    /* made beforehand: a session whose end nobody is told of stays for ever */
    if (event != NULL) {
        peer->last_event = NULL;
        event->end = cause;
        media_peer_post(peer, event);
    }
}

static void
rtcp(struct media_transport *t, struct span compound)
{
    feedback_receive(peer_of(t), compound);
}

struct media_stream *
media_peer_stream(struct media_peer *peer, uint32_t ssrc)
{
    struct map_entry *e = map_find(&peer->streams, span_of(&ssrc,
                                                           sizeof(ssrc)));

    return e != NULL ? container_of(e, struct media_stream, by_ssrc) : NULL;
}

struct media_sink *
media_peer_sink(struct media_peer *peer, uint32_t ssrc)
{
    struct map_entry *e = map_find(&peer->sinks_by_ssrc,
                                   span_of(&ssrc, sizeof(ssrc)));

    if (e == NULL) {
        return NULL;
    }

    return e->key.data
                   == (const uint8_t *)&container_of(e, struct media_sink,
                                                     by_ssrc)->params.ssrc
               ? container_of(e, struct media_sink, by_ssrc)
               : container_of(e, struct media_sink, by_rtx_ssrc);
}

static void
note_transport_cc(struct media_peer *peer, uint32_t ssrc,
                  const struct rtp_extensions *extensions)
{
    uint16_t seq;

    if (!rtp_extensions_transport_cc(extensions, &seq)) {
        return;
    }

    if (peer->transport_cc == NULL) {
        peer->transport_cc = malloc(sizeof(*peer->transport_cc));

        if (peer->transport_cc == NULL) {
            return;
        }

        rtcp_transport_cc_receiver_init(peer->transport_cc);
    }

    peer->transport_cc_media = ssrc;
    rtcp_transport_cc_received(peer->transport_cc, seq, peer->loop->now);
    feedback_want_transport_cc(peer);
}

static void
rtp(struct media_transport *t, uint8_t *data, size_t len)
{
    struct media_peer *peer = peer_of(t);
    struct media_loop *loop = peer->loop;
    struct media_packet packet;
    struct media_stream *stream;

    if (rtp_packet_parse(&packet.rtp, span_of(data, len))
        || rtp_packet_unpad(&packet.rtp)
        || rtp_extensions_parse(&packet.extensions, &peer->extensions,
                                &packet.rtp)) {
        media_drop(&loop->counters, MEDIA_DROP_malformed);
        return;
    }

    note_transport_cc(peer, packet.rtp.ssrc, &packet.extensions);
    stream = media_peer_stream(peer, packet.rtp.ssrc);

    if (stream != NULL && bind_is_of_another(stream, &packet.extensions)) {
        media_stream_destroy(stream, peer);
        stream = NULL;
    }

    if (stream == NULL) {
        stream = bind_stream(peer, &packet.rtp, &packet.extensions);
    }

    if (stream == NULL) {
        media_drop(&loop->counters, MEDIA_DROP_no_track);
        return;
    }

    packet.bytes = span_of(data, len);
    packet.format = stream->source->by_pt[packet.rtp.payload_type];

    if (packet.format == NULL && !stream->rtx) {
        media_drop(&loop->counters, MEDIA_DROP_no_track);
        return;
    }

    media_stream_packet(stream, data, &packet);

    if (stream->nacks && stream->nack.missing) {
        feedback_want_nacks(peer);
    }
}

static const struct media_transport_events events = {
    .connected = connected,
    .renewing = renewing,
    .consent = consent,
    .ended = ended,
    .rtp = rtp,
    .rtcp = rtcp,
};

void
media_peer_expect(struct media_peer *peer, struct media_source *source)
{
    struct media_stream *stream;

    for (size_t i = 0; i < source->params.ssrc_count; i++) {
        uint32_t ssrcs[2] = { source->params.ssrcs[i],
                              source->params.rtx_ssrcs[i] };

        for (int rtx = 0; rtx < 2; rtx++) {
            if (ssrcs[rtx] && media_peer_stream(peer, ssrcs[rtx]) == NULL
                && peer->streams.count < peer->loop->settings->streams_max) {
                media_stream_create(&stream, peer, source, ssrcs[rtx], rtx);
            }

            stream = media_peer_stream(peer, ssrcs[rtx]);

            if (rtx && stream != NULL && stream->rtx) {
                stream->repairs = ssrcs[0];     /* as SDP says (RFC 5576) */
            }
        }
    }
}

void
media_peer_forget(struct media_peer *peer, struct media_source *source)
{
    list_each(node, next, &peer->stream_list) {
        struct media_stream *stream = container_of(node, struct media_stream,
                                                   node);

        if (stream->source == source) {
            media_stream_destroy(stream, peer);
        }
    }
}

void
media_peer_ask_keyframe(struct media_peer *peer, struct media_source *source)
{
    if (source->stream != NULL
        && media_transport_connected(&peer->transport)) {
        feedback_ask_keyframe(peer, source);
    }
}

int
media_peer_init(struct media_peer *peer, struct media_loop *loop,
                const struct media_peer_params *params)
{
    int error;

    *peer = (struct media_peer){ .loop = loop, .params = *params };
    peer->ssrc = random_u32() | 1;
    peer->transport_cc_seq = (uint16_t)random_u32();
    rtp_extension_map_init(&peer->extensions);
    list_init(&peer->stream_list);
    list_init(&peer->sources);
    list_init(&peer->sinks);
    report_init(peer);
    feedback_init(peer);
    media_transport_init(&peer->transport, loop, &events,
                         &params->credentials);
    error = map_init(&peer->streams);

    if (!error) {
        error = map_init(&peer->sinks_by_ssrc);
    }

    peer->last_event = media_peer_event(peer, MEDIA_EVENT_ENDED);

    if (!error && peer->last_event == NULL) {
        error = SFU_ERR_NOMEM;
    }

    if (error) {
        media_transport_end(&peer->transport, MEDIA_END_MEMORY);
    }

    return error;
}

void
media_peer_fini(struct media_peer *peer)
{
    timer_disarm(&peer->loop->wheel, &peer->report_timer);
    timer_disarm(&peer->loop->wheel, &peer->feedback_timer);
    media_sctp_end(peer);
    media_transport_fini(&peer->transport);
    map_fini(&peer->streams);
    map_fini(&peer->sinks_by_ssrc);
    free(peer->transport_cc);
    free(peer->last_event);
}
