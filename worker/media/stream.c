/*
 * media/stream.c - one SSRC that a peer sends.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/stream.h"

#include <stdlib.h>

#include "base/error.h"
#include "media/loop.h"
#include "media/peer.h"
#include "media/report.h"
#include "rtp/rtx.h"

enum {
    /* silence after which another SSRC is believed to be the same track */
    SSRC_CHANGE = 100 * USEC_PER_MS,
};

static bool
source_nacks(const struct media_source *source)
{
    for (size_t i = 0; i < source->params.format_count; i++) {
        if (source->params.formats[i].nack) {
            return true;
        }
    }

    return false;
}

int
media_stream_create(struct media_stream **stream, struct media_peer *peer,
                    struct media_source *source, uint32_t ssrc, bool rtx)
{
    struct rtp_nack_settings settings = rtp_nack_settings_default();
    struct media_stream *s = calloc(1, sizeof(*s));

    *stream = NULL;

    if (s == NULL) {
        return SFU_ERR_NOMEM;
    }

    s->ssrc = ssrc;
    s->source = source;
    s->rtx = rtx;
    s->nacks = !rtx && source_nacks(source);

    if (s->nacks && rtp_nack_init(&s->nack, &settings)) {
        free(s);
        return SFU_ERR_NOMEM;
    }

    rtp_receiver_init(&s->receiver,
                      source->params.format_count
                          ? source->params.formats[0].clock_rate
                          : 90000);
    list_append(&peer->stream_list, &s->node);
    map_insert(&peer->streams, &s->by_ssrc, span_of(&s->ssrc,
                                                    sizeof(s->ssrc)));
    report_want(peer);
    *stream = s;

    return 0;
}

void
media_stream_destroy(struct media_stream *stream, struct media_peer *peer)
{
    if (stream->source->stream == stream) {
        stream->source->stream = NULL;
    }

    /*
     * Its SRTP state stays: a track that is stopped and started again goes on
     * with its SSRC and rollover counter, which only that state knows.
     */
    map_remove(&peer->streams, &stream->by_ssrc);
    list_remove(&stream->node);

    if (stream->nacks) {
        rtp_nack_fini(&stream->nack);
    }

    free(stream);
}

/*
 * This stream feeds the source from now on, and its numbers start anew.  Not
 * while another one does: two that take turns would be no stream at all.
 */
static bool
take_over(struct media_stream *stream)
{
    struct media_source *source = stream->source;

    if (source->stream != stream) {
        if (source->stream != NULL
            && source->loop->now - source->last_packet < SSRC_CHANGE) {
            return false;
        }

        source->stream = stream;
        source->stream_generation++;
    }

    return true;
}

static uint64_t
bit_of(uint64_t seq)
{
    return (uint64_t)1 << (seq % 64);
}

static uint64_t *
word_of(struct media_stream *stream, uint64_t seq)
{
    return &stream->seen_bits[seq % MEDIA_STREAM_SEEN / 64];
}

/*
 * Whether this number was not here before.  One that is only late may come a
 * second time as a repair, and the other way round.  Subscribers' packets
 * are sealed under a number that follows from this one, and no SRTP number
 * may ever have two contents (RFC 3711, 9.1; with AES-GCM that would give
 * away the key of the authentication).
 */
static bool
first_of_its_number(struct media_stream *stream, uint64_t seq)
{
    if (seq > stream->seen) {
        if (seq - stream->seen >= MEDIA_STREAM_SEEN) {
            memset(stream->seen_bits, 0, sizeof(stream->seen_bits));
        } else {
            for (uint64_t s = stream->seen + 1; s < seq; s++) {
                *word_of(stream, s) &= ~bit_of(s);
            }
        }

        stream->seen = seq;
    } else if (stream->seen - seq >= MEDIA_STREAM_SEEN
               || (*word_of(stream, seq) & bit_of(seq))) {
        return false;
    }

    *word_of(stream, seq) |= bit_of(seq);

    return true;
}

static void
forward(struct media_stream *stream, struct media_packet *packet)
{
    struct media_source *source = stream->source;
    bool first = !source->live;

    if (!first_of_its_number(stream, packet->seq)) {
        media_drop(&source->loop->counters, MEDIA_DROP_duplicate);
        return;
    }

    media_source_packet(source, packet, source->stream_generation);

    if (first) {
        media_peer_source_live(source->peer, source);
    }
}

/* a repair names its packet by number only: it must be one of that stream */
static bool
repairs(struct media_stream *rtx, const struct media_stream *stream)
{
    if (rtx->repairs == 0) {
        rtx->repairs = stream->ssrc;
    }

    return rtx->repairs == stream->ssrc;
}

static void
repair(struct media_stream *rtx, uint8_t *data, struct media_packet *packet)
{
    struct media_source *source = rtx->source;
    struct media_stream *stream = source->stream;
    struct media_loop *loop = source->loop;
    struct span original;
    uint8_t pt = MEDIA_PT_NONE;

    rtp_receiver_packet(&rtx->receiver, packet->rtp.seq, packet->rtp.timestamp,
                        packet->rtp.payload.len, loop->now);

    for (size_t i = 0; i < source->params.format_count; i++) {
        if (source->params.formats[i].rtx_pt == packet->rtp.payload_type) {
            pt = source->params.formats[i].pt;
        }
    }

    if (stream == NULL || pt == MEDIA_PT_NONE || !repairs(rtx, stream)) {
        media_drop(&loop->counters, MEDIA_DROP_no_track);
        return;
    }

    /* probes are padding alone */
    if (packet->rtp.payload.len == 0
        || rtp_rtx_unwrap(data, &packet->rtp, stream->ssrc, pt, &original)) {
        return;
    }

    if (media_source_parse(source, original, packet)) {
        media_drop(&loop->counters, MEDIA_DROP_malformed);
        return;
    }

    packet->seq = rtp_seq_extend(stream->receiver.seq.highest,
                                 packet->rtp.seq);

    if (stream->nacks) {
        uint64_t before = stream->nack.recovered;

        rtp_nack_received(&stream->nack, packet->seq, loop->now);
        counter_add(&loop->counters.recovered,
                    stream->nack.recovered - before);
    }

    forward(stream, packet);
}

void
media_stream_packet(struct media_stream *stream, uint8_t *data,
                    struct media_packet *packet)
{
    struct media_loop *loop = stream->source->loop;

    if (stream->rtx) {
        repair(stream, data, packet);
        return;
    }

    if (!take_over(stream)) {
        media_drop(&loop->counters, MEDIA_DROP_no_track);
        return;
    }

    if (stream->receiver.packets == 0) {
        rtp_receiver_init(&stream->receiver, packet->format->clock_rate);
    }

    packet->seq = rtp_receiver_packet(&stream->receiver, packet->rtp.seq,
                                      packet->rtp.timestamp,
                                      packet->rtp.payload.len, loop->now);

    if (stream->nacks) {
        rtp_nack_received(&stream->nack, packet->seq, loop->now);
    }

    forward(stream, packet);
}
