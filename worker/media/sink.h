/*
 * media/sink.h - a subscription, inside a loop: one source sent to one peer.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The peer sees one SSRC with continuous numbers, its own payload types and
 * its own extension ids, whatever the source does.
 */

#ifndef SFU_MEDIA_SINK_H
#define SFU_MEDIA_SINK_H

#include "base/list.h"
#include "base/map.h"
#include "media/choice.h"
#include "media/format.h"
#include "media/source.h"
#include "media/thin.h"
#include "rtcp/report.h"
#include "rtp/extension_block.h"
#include "rtp/rewrite.h"

struct media_peer;

enum { MEDIA_SINK_RESENT = 64 };        /* a power of two */

struct media_sink_params {
    uint64_t id;                        /* unique in the worker */
    uint64_t source;                    /* the first of its group */
    struct media_choice choice;
    uint32_t ssrc;
    uint32_t rtx_ssrc;                  /* 0: repeat under the first SSRC */
    uint32_t clock_rate;
    char mid[MEDIA_MID_SIZE];           /* the subscriber's */
    uint8_t pt[128];                    /* source's -> ours, or MEDIA_PT_NONE */
    uint8_t rtx_pt[128];                /* ours -> its RTX, or MEDIA_PT_NONE */
    struct rtp_extension_map extensions;        /* what we may send there */
};

/* what the last packet's payload type became; rarely is there another one */
struct media_sink_pt {
    uint8_t in;                         /* MEDIA_PT_NONE: nothing is noted */
    uint8_t out;
    bool repeats;                       /* see wire_repeats() */
};

/* the encodings of a simulcast track: see layers.h */
struct media_sink_layers {
    struct media_source *next;          /* borrowed: followed from its next */
    struct list in_next;                /* key frame on; in its "joining" */
    usec_t next_since;
    usec_t since;                       /* the present one is followed */
    usec_t reported;                    /* the peer told what it lost */
    usec_t patience;                    /* before a better one is tried */
    bool preferred_sent;                /* what was asked for was there once */

    /* what a NACK from before the last change means */
    uint64_t prior;                     /* a source's id */
    uint32_t prior_epoch;
    uint32_t prior_generation;
};

/* where the numbers stopped that go on with the next source */
struct media_sink_last {
    uint64_t source;                    /* and its generation: the numbers' */
    uint32_t generation;
    struct codec_picture picture;       /* as sent */
    bool has_frame;
    uint16_t frame;
    bool has_clock;                     /* the outgoing time at a time */
    usec_t time;
    uint32_t timestamp;
};

/* what every packet needs is together in front, the rest behind it */
struct media_sink {
    struct list in_source;              /* in media_source.sinks */
    struct media_peer *peer;            /* borrowed */
    struct media_source *source;        /* borrowed; NULL once it is gone */
    struct media_sink *next_due;        /* of the peer, in a burst */
    bool active;                        /* the peer's answer is there */
    bool wants_keyframe;                /* nothing can be shown before one */
    bool follows;
    bool thins;                         /* some layers are left out */
    bool thinned;                       /* ever */
    struct media_sink_pt last_pt;
    uint32_t ssrc;                      /* params.ssrc */
    uint32_t generation;                /* the source's, that we follow */
    uint32_t epoch;                     /* counts changes of what we follow */
    uint32_t packets;                   /* for sender reports; they wrap */
    uint32_t bytes;
    usec_t wanted_since;
    struct rtp_extension_block block;   /* of params.extensions and mid */
    struct rtp_rewrite rewrite;

    struct media_thin thin;             /* while it thins */
    struct media_sink_layers layers;
    struct media_sink_last last;
    struct media_sink_params params;
    struct list in_peer;                /* in media_peer.sinks */
    struct map_entry by_ssrc;           /* in media_peer.sinks_by_ssrc */
    struct map_entry by_rtx_ssrc;
    uint64_t rtx_index;                 /* of the next one under rtx_ssrc */
    uint64_t nacked;
    uint64_t resent;
    /* numbers sent again of late: a second NACK may have crossed them */
    struct {
        uint16_t seq;
        usec_t time;
    } again[MEDIA_SINK_RESENT];

    /* what the peer reports */
    uint8_t fraction_lost;
    int32_t lost;
    uint32_t jitter;
    usec_t rtt;                         /* -1: not known */
};

/* bytes from the start that forwarding a packet looks at */
enum { MEDIA_SINK_HOT = offsetof(struct media_sink, rewrite.runs) };

void media_sink_init(struct media_sink *sink, struct media_peer *peer,
                     const struct media_sink_params *params);
void media_sink_fini(struct media_sink *sink);

/* its peer has other keys: what was sent before is not sent again */
void media_sink_renew(struct media_sink *sink);

/*
 * Follows a source of its loop, from its next key frame on; of a group, the
 * one that fits.
 */
void media_sink_attach(struct media_sink *sink, struct media_source *source);
void media_sink_lose_source(struct media_sink *sink);
/* follows exactly this source; whether a key frame is needed is the caller's */
void media_sink_follow(struct media_sink *sink, struct media_source *source);
/* the source's numbers end: those of the next one go on from here */
void media_sink_note_last(struct media_sink *sink);
/* SDP is agreed (again): payload types and extensions may differ */
void media_sink_activate(struct media_sink *sink,
                         const struct media_sink_params *params);

/* it has a source: nothing of it can be shown before a key frame */
void media_sink_want_keyframe(struct media_sink *sink);
void media_sink_report_block(struct media_sink *sink,
                             const struct rtcp_report_block *block,
                             uint64_t ntp);
/* false when nothing was sent yet */
bool media_sink_sender_info(const struct media_sink *sink, uint64_t ntp,
                            struct rtcp_sender_info *info);

#endif
