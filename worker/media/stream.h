/*
 * media/stream.h - one SSRC that a peer sends.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_STREAM_H
#define SFU_MEDIA_STREAM_H

#include "base/list.h"
#include "base/map.h"
#include "media/source.h"
#include "rtp/nack.h"
#include "rtp/receiver.h"

/* packets; a power of two, and no less than NACK and SRTP look back */
enum { MEDIA_STREAM_SEEN = 2048 };

struct media_stream {
    struct map_entry by_ssrc;           /* in media_peer.streams */
    struct list node;                   /* in media_peer.stream_list */
    uint32_t ssrc;
    struct media_source *source;        /* borrowed */
    bool rtx;                           /* repairs source->stream, */
    uint32_t repairs;                   /* if it has this SSRC; 0: not known */
    bool nacks;                         /* the sender understands NACK */
    struct rtp_receiver receiver;
    struct rtp_nack nack;               /* when nacks */
    /* numbers that were forwarded, those from "seen" down: a bit each */
    uint64_t seen;
    uint64_t seen_bits[MEDIA_STREAM_SEEN / 64];
};

/* SFU_ERR_NOMEM */
int media_stream_create(struct media_stream **stream, struct media_peer *peer,
                        struct media_source *source, uint32_t ssrc, bool rtx);
void media_stream_destroy(struct media_stream *stream,
                          struct media_peer *peer);

/* a decrypted packet; the buffer may be changed */
void media_stream_packet(struct media_stream *stream, uint8_t *data,
                         struct media_packet *packet);

#endif
