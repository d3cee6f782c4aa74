/*
 * media/event.h - what loops tell the control thread.
 * Copyright (C) the ngx_sfu_module authors
 *
 * An event names its session by id: it may be gone by the time.
 */

#ifndef SFU_MEDIA_EVENT_H
#define SFU_MEDIA_EVENT_H

#include "base/mailbox.h"
#include "media/format.h"
#include "media/transport.h"

enum media_event_type {
    MEDIA_EVENT_CONNECTED,
    MEDIA_EVENT_CONSENT_LOST,
    MEDIA_EVENT_CONSENT_BACK,
    MEDIA_EVENT_ENDED,
    MEDIA_EVENT_SOURCE_LIVE,            /* its first packet came */
    MEDIA_EVENT_SOURCE_SILENT,          /* for media_settings.source_silent */
    MEDIA_EVENT_FIGURES,                /* an answer to media_peer_figures() */
};

/* one track's figures; of a source or of a sink */
struct media_track_figures {
    uint64_t id;
    uint64_t group;                     /* sources: id of the track's first */
    char rid[MEDIA_RID_SIZE];           /* sinks: of what is followed */
    bool available;                     /* sources: packets come */
    /* sinks: that can be had, and the limit of layers that are sent */
    char rids[MEDIA_LAYERS_MAX][MEDIA_RID_SIZE];
    size_t rid_count;
    uint8_t spatial;                    /* or MEDIA_LAYER_ALL */
    uint8_t temporal;
    bool sends;                         /* to the peer: a sink */
    enum codec_id codec;
    uint64_t packets;
    uint64_t bytes;
    uint64_t bitrate;                   /* sources */
    int64_t lost;
    double fraction_lost;               /* in the last interval */
    usec_t jitter;
    usec_t rtt;                         /* -1: not known */
    uint64_t nacks;
    uint64_t resent;                    /* sinks; sources: recovered */
    uint64_t keyframes;
    size_t sinks;                       /* sources: on this loop */
};

struct media_figures {
    const char *profile;                /* static; NULL before DTLS */
    char remote[ADDRESS_TEXT_SIZE];
    bool tcp;
    usec_t rtt;
    size_t count;
    struct media_track_figures tracks[];
};

struct media_event {
    struct task task;                   /* run by the control thread */
    enum media_event_type type;
    uint64_t session;
    uint64_t source;                    /* SOURCE_* */
    uint8_t pt;                         /* SOURCE_LIVE */
    enum media_end end;                 /* ENDED */
    const char *profile;                /* CONNECTED; static */
    char remote[ADDRESS_TEXT_SIZE];     /* CONNECTED */
    bool tcp;                           /* CONNECTED */
    uint64_t token;                     /* FIGURES: who asked */
    struct media_figures *figures;      /* FIGURES; owned by the event */
};

#endif
