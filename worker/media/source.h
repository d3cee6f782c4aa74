/*
 * media/source.h - a published track, or one encoding of it, inside a loop.
 * Copyright (C) the ngx_sfu_module authors
 *
 * On the publisher's loop a source is fed by a stream; on other loops a
 * replica of the same id is fed by a relay.  Either has the sinks of its own
 * loop, and a history that all of them share.
 *
 * Simulcast is several sources of one group, each with a rid; a sink follows
 * one of them at a time (layers.h).  What nobody follows is received and kept,
 * and goes nowhere.
 */

#ifndef SFU_MEDIA_SOURCE_H
#define SFU_MEDIA_SOURCE_H

#include "base/list.h"
#include "base/mailbox.h"
#include "base/map.h"
#include "base/timer.h"
#include "media/backlog.h"
#include "codec/picture.h"
#include "media/format.h"
#include "rtp/dependency.h"
#include "rtp/extension.h"
#include "rtp/history.h"
#include "rtp/packet.h"
#include "rtp/rate.h"

struct media_loop;
struct media_peer;
struct media_stream;

enum { MEDIA_SOURCE_SSRCS_MAX = 4 };

struct media_source_params {
    uint64_t id;                        /* unique in the worker */
    uint64_t group;                     /* id of the track's first source */
    enum media_kind kind;
    char mid[MEDIA_MID_SIZE];           /* the publisher's */
    char rid[MEDIA_RID_SIZE];           /* "": not simulcast */
    struct media_format formats[MEDIA_FORMATS_MAX];
    size_t format_count;
    struct rtp_extension_map extensions;        /* the publisher's */
    /* streams that SDP announced; others are found by their mid */
    uint32_t ssrcs[MEDIA_SOURCE_SSRCS_MAX];
    uint32_t rtx_ssrcs[MEDIA_SOURCE_SSRCS_MAX]; /* 0: none */
    size_t ssrc_count;
};

/* a packet on its way through */
struct media_packet {
    struct rtp_packet rtp;
    struct rtp_extensions extensions;
    const struct media_format *format;
    uint64_t seq;                       /* extended, of the source */
    bool keyframe;
    bool has_dependency;
    struct codec_picture picture;
    struct rtp_dependency dependency;
    struct span bytes;                  /* all of it, in plaintext */
    struct media_packet *next;          /* of its source, in a burst */
};

/* when a sender report tied both clocks together */
struct media_source_clock {
    usec_t time;                        /* 0: never */
    uint32_t timestamp;
};

struct media_source {
    struct map_entry by_id;
    struct list node;                   /* in media_peer.sources */
    struct media_source_params params;
    struct media_loop *loop;            /* borrowed */
    struct media_peer *peer;            /* borrowed; NULL in a replica */
    struct mailbox *origin;             /* borrowed: the publisher's loop's */
    struct list siblings;               /* a ring of the group's, no head */
    struct list joining;                /* of media_sink, in_next */

    const struct media_format *by_pt[128];      /* into params */
    bool rtx_pt[128];

    struct media_stream *stream;        /* borrowed: what feeds us now */
    uint32_t generation;                /* of the packet last forwarded */
    uint32_t stream_generation;         /* counts streams: numbers start anew */
    struct media_source_clock clock;
    bool live;                          /* a packet came */
    bool told_live;                     /* of the group, by its first */
    bool silent;                        /* told the control thread so */
    usec_t last_packet;
    uint8_t last_pt;
    uint8_t fraction_lost;              /* in the last report */
    struct rtp_rate rate;
    uint64_t keyframes;
    usec_t last_keyframe;
    bool began;                         /* a packet came to this loop */
    bool has_frame;
    uint16_t frame;                     /* the newest, of the dependency */
    struct codec_picture picture;       /* the newest */
    struct rtp_dependency_structure structure;

    struct list in_burst;               /* in media_burst.sources */
    struct media_packet *due;           /* in a burst: the first of it */
    struct media_packet *last_due;
    size_t due_count;
    struct list waiting;                /* in media_burst.waiting */
    struct media_backlog backlog;
    struct list sinks;                  /* of struct media_sink */
    size_t sink_count;
    struct list relays;                 /* of struct relay, to other loops */
    struct rtp_history history;         /* video only */

    struct timer keyframe_timer;
    usec_t keyframe_asked;
    bool keyframe_pending;              /* asked for within the interval */
};

/*
 * peer NULL makes a replica.  SFU_ERR_NOMEM: it works, but nothing of it can be
 * sent again
 */
int media_source_init(struct media_source *source, struct media_loop *loop,
                      struct media_peer *peer, struct mailbox *origin,
                      const struct media_source_params *params);
void media_source_fini(struct media_source *source);
void media_source_update(struct media_source *source,
                         const struct media_source_params *params);

struct media_source *media_source_find(const struct media_loop *loop,
                                       uint64_t id);

/*
 * A decrypted packet of this source: parsed again from bytes where it came
 * through a relay.  generation tells when the numbers start anew.
 * SFU_ERR_MALFORMED, SFU_ERR_NOT_FOUND: no such payload type
 */
int media_source_parse(const struct media_source *source, struct span bytes,
                       struct media_packet *packet);
void media_source_packet(struct media_source *source,
                         struct media_packet *packet, uint32_t generation);
/* a packet of its history, as media_source_packet() had it; SFU_ERR_NOT_FOUND */
int media_source_recall(const struct media_source *source, uint64_t seq,
                        struct media_packet *packet);
void media_source_sender_report(struct media_source *source, usec_t time,
                                uint32_t timestamp);

/* at most one request an interval goes to the publisher, and none is lost */
void media_source_want_keyframe(struct media_source *source);

#endif
