/*
 * media/bind.c - which track the packets of an unknown SSRC belong to.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/bind.h"

#include "media/loop.h"

/* RFC 8852: a source with a rid has the packets of this rid, or repairs them */
static bool
is_encoding(const struct media_source *source,
            const struct rtp_extensions *extensions)
{
    const char *rid = source->params.rid;

    return rid[0] == '\0'
           || span_eq_str(rtp_extensions_get(extensions, RTP_EXT_RID), rid)
           || span_eq_str(rtp_extensions_get(extensions, RTP_EXT_REPAIRED_RID),
                          rid);
}

static struct media_source *
source_by_mid(struct media_peer *peer, struct span mid,
              const struct rtp_extensions *extensions)
{
    list_each(node, next, &peer->sources) {
        struct media_source *source = container_of(node, struct media_source,
                                                   node);

        if (span_eq_str(mid, source->params.mid)
            && is_encoding(source, extensions)) {
            return source;
        }
    }

    return NULL;
}

/* the one source that has this payload type, or NULL if several have */
static struct media_source *
only_source_with(struct media_peer *peer, uint8_t pt,
                 const struct rtp_extensions *extensions)
{
    struct media_source *found = NULL;

    list_each(node, next, &peer->sources) {
        struct media_source *source = container_of(node, struct media_source,
                                                   node);

        if ((source->by_pt[pt] != NULL || source->rtx_pt[pt])
            && is_encoding(source, extensions)) {
            if (found != NULL) {
                return NULL;
            }

            found = source;
        }
    }

    return found;
}

struct media_stream *
bind_stream(struct media_peer *peer, const struct rtp_packet *pkt,
            const struct rtp_extensions *extensions)
{
    struct media_source *source;
    struct media_stream *stream;

    if (peer->streams.count >= peer->loop->settings->streams_max) {
        media_drop(&peer->loop->counters, MEDIA_DROP_streams_limit);
        return NULL;
    }

    if (rtp_extensions_has(extensions, RTP_EXT_MID)) {
        source = source_by_mid(peer,
                               rtp_extensions_get(extensions, RTP_EXT_MID),
                               extensions);
    } else {
        source = only_source_with(peer, pkt->payload_type, extensions);
    }

    if (source == NULL
        || (source->by_pt[pkt->payload_type] == NULL
            && !source->rtx_pt[pkt->payload_type])
        || media_stream_create(&stream, peer, source, pkt->ssrc,
                               source->rtx_pt[pkt->payload_type])) {
        return NULL;
    }

    return stream;
}

bool
bind_is_of_another(const struct media_stream *stream,
              const struct rtp_extensions *extensions)
{
    if (rtp_extensions_has(extensions, RTP_EXT_MID)
        && !span_eq_str(rtp_extensions_get(extensions, RTP_EXT_MID),
                        stream->source->params.mid)) {
        return true;
    }

    return (rtp_extensions_has(extensions, RTP_EXT_RID)
            || rtp_extensions_has(extensions, RTP_EXT_REPAIRED_RID))
           && !is_encoding(stream->source, extensions);
}
