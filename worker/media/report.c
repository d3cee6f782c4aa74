/*
 * media/report.c - the regular reports that a peer is sent.
 * Copyright (C) the ngx_sfu_module authors
 *
 * For what it sends, receiver reports; for what it is sent, sender reports
 * with the publisher's timing; and answers to its XR (RFC 3611).
 */

#include "media/report.h"

#include "base/random.h"
#include "media/layers.h"
#include "media/loop.h"
#include "media/peer.h"
#include "rtcp/sdes.h"
#include "rtcp/xr.h"

enum {
    REPORT_MAX = 1180,          /* bytes of one compound packet */
    BLOCKS_A_PACKET = 16,
    SENDERS_A_PACKET = 16,
};

static void
finish(struct media_peer *peer, struct outbox_slot *slot, struct writer *w)
{
    if (writer_ok(w)) {
        media_transport_send_rtcp(&peer->transport, slot, writer_len(w));
    } else {
        outbox_return(&peer->loop->outbox, slot);
    }
}

/* answers the peer's receiver reference time, once */
static void
write_dlrr(struct media_peer *peer, struct writer *w)
{
    struct rtcp_xr_dlrr item = {
        .ssrc = peer->xr_sender,
        .last_rr = peer->xr_reference,
        .delay = rtcp_delay(peer->loop->now - peer->xr_time),
    };

    if (peer->xr_reference) {
        rtcp_xr_dlrr_write(w, peer->ssrc, &item, 1);
        peer->xr_reference = 0;
    }
}

static void
send_receiver_report(struct media_peer *peer,
                     const struct rtcp_report_block *blocks, size_t count)
{
    struct outbox_slot *slot = outbox_reserve(&peer->loop->outbox);
    struct writer w = writer_over(slot->data, REPORT_MAX);

    rtcp_rr_write(&w, peer->ssrc, blocks, count);
    rtcp_sdes_write(&w, peer->ssrc, span_str(peer->params.cname));
    /* one who sends nothing learns its round trip time only so */
    rtcp_xr_rrtr_write(&w, peer->ssrc, clock_ntp(clock_realtime()));
    write_dlrr(peer, &w);
    finish(peer, slot, &w);
}

static void
receiver_reports(struct media_peer *peer, usec_t now)
{
    struct rtcp_report_block blocks[BLOCKS_A_PACKET];
    size_t count = 0;

    list_each(node, next, &peer->stream_list) {
        struct media_stream *stream = container_of(node, struct media_stream,
                                                   node);

        /* RFC 3550, 6.4: of sources heard since the last report */
        if (stream->receiver.packets != stream->receiver.packets_prior
            && rtp_receiver_report(&stream->receiver, stream->ssrc, now,
                                &blocks[count])) {
            if (!stream->rtx) {
                stream->source->fraction_lost = blocks[count].fraction_lost;
            }

            count++;
        }

        if (count == BLOCKS_A_PACKET) {
            send_receiver_report(peer, blocks, count);
            count = 0;
        }
    }

    if (count || peer->xr_reference) {
        send_receiver_report(peer, blocks, count);
    }
}

static void
sender_reports(struct media_peer *peer)
{
    uint64_t ntp = clock_ntp(clock_realtime());
    struct outbox_slot *slot = NULL;
    struct writer w;
    int senders = 0;

    list_each(node, next, &peer->sinks) {
        struct media_sink *sink = container_of(node, struct media_sink,
                                               in_peer);
        struct rtcp_sender_info info;

        if (!media_sink_sender_info(sink, ntp, &info)) {
            continue;
        }

        if (slot == NULL) {
            slot = outbox_reserve(&peer->loop->outbox);
            w = writer_over(slot->data, REPORT_MAX);
        }

        rtcp_sr_write(&w, &info, NULL, 0);
        rtcp_sdes_write(&w, info.ssrc, span_str(peer->params.cname));

        if (++senders == SENDERS_A_PACKET) {
            finish(peer, slot, &w);
            slot = NULL;
            senders = 0;
        }
    }

    if (slot != NULL) {
        finish(peer, slot, &w);
    }
}

/* a publication whose packets stopped is over; the control thread decides */
static void
find_silent(struct media_peer *peer, usec_t now)
{
    list_each(node, next, &peer->sources) {
        struct media_source *source = container_of(node, struct media_source,
                                                   node);
        struct media_event *event;

        if (source->silent || source->params.id != source->params.group
            || media_loop_silence(peer->loop, layers_newest(source), now)
                   <= peer->loop->settings->source_silent) {
            continue;
        }

        event = media_peer_event(peer, MEDIA_EVENT_SOURCE_SILENT);

        if (event != NULL) {
            source->silent = true;
            event->source = source->params.id;
            media_peer_post(peer, event);
        }
    }
}

/* seldom enough, and reports of the peer have told what it lost */
static void
choose_layers(struct media_peer *peer)
{
    list_each(node, next, &peer->sinks) {
        struct media_sink *sink = container_of(node, struct media_sink,
                                               in_peer);

        layers_choose(sink);

        if (thin_waits(sink)) {
            media_source_want_keyframe(sink->source);
        }
    }
}

/* most sessions of a large room that waits; none of them may cost a timer */
static bool
nothing_to_report(const struct media_peer *peer)
{
    return list_empty(&peer->stream_list) && list_empty(&peer->sources)
           && list_empty(&peer->sinks) && !peer->xr_reference;
}

static void
report_timer_fired(struct timer *timer, usec_t now)
{
    struct media_peer *peer = container_of(timer, struct media_peer,
                                           report_timer);
    usec_t interval = peer->loop->settings->report_interval;

    if (!media_transport_connected(&peer->transport)) {
        return;
    }

    receiver_reports(peer, now);
    sender_reports(peer);
    choose_layers(peer);
    find_silent(peer, now);

    if (nothing_to_report(peer)) {
        return;
    }

    /* RFC 3550, 6.2: varied, so that peers do not fall into step */
    timer_arm(&peer->loop->wheel, timer,
              now + interval / 2 + random_u32() % (uint32_t)interval);
}

void
report_init(struct media_peer *peer)
{
    timer_init(&peer->report_timer, report_timer_fired);
}

void
report_want(struct media_peer *peer)
{
    if (!timer_armed(&peer->report_timer) && !nothing_to_report(peer)
        && media_transport_connected(&peer->transport)) {
        timer_arm(&peer->loop->wheel, &peer->report_timer,
                  peer->loop->now
                      + peer->loop->settings->report_interval / 4);
    }
}
