/*
 * media/peer.h - a session, inside a loop: one transport and what goes over
 * it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The peer only sorts: streams and sources take what comes in, sinks make
 * what goes out, feedback.c reads RTCP and report.c writes it.
 */

#ifndef SFU_MEDIA_PEER_H
#define SFU_MEDIA_PEER_H

#include "media/event.h"
#include "media/sctp.h"
#include "media/sink.h"
#include "media/source.h"
#include "media/stream.h"
#include "media/transport.h"
#include "rtcp/transport_cc_receiver.h"

struct media_peer_params {
    uint64_t session;                   /* in events */
    struct ice_credentials credentials;
    char cname[32];
    /* run by the control thread, with its own owner, for every event */
    void (*on_event)(struct task *task, void *owner);
};

struct media_peer {
    struct media_loop *loop;            /* borrowed */
    struct media_peer *next_due;        /* in a burst: whose turn is next */
    struct media_sink *due;             /* in a burst: what is to be sent */
    struct media_sink *last_due;
    size_t resend_left;         /* bytes that it may be sent again now */
    uint16_t transport_cc_seq;          /* of the next packet to the peer */
    struct media_transport transport;
    struct media_peer_params params;
    struct media_event *last_event;     /* owned until it is posted: the end */

    struct rtp_extension_map extensions;        /* of what the peer sends */
    struct map streams;                 /* of struct media_stream, by SSRC */
    struct list stream_list;
    struct list sources;                /* of struct media_source */
    struct map sinks_by_ssrc;
    struct list sinks;                  /* of struct media_sink */

    struct media_sctp *sctp;            /* owned; NULL: no data channels */
    uint32_t ssrc;                      /* ours, in RTCP without media */
    usec_t rtt;                         /* 0: not known */
    /* its sender reports: from its NTP time to ours, by the quickest one */
    bool clock_known;
    usec_t clock_offset;
    uint8_t fir_number;
    uint32_t transport_cc_media;        /* SSRC of its last packet */
    struct rtcp_transport_cc_receiver *transport_cc;    /* owned */
    usec_t transport_cc_sent;

    /* the peer's last receiver reference time (RFC 3611); 0: answered */
    uint32_t xr_reference;
    uint32_t xr_sender;
    usec_t xr_time;

    struct timer report_timer;
    struct timer feedback_timer;        /* transport-cc, and NACK */
};

/*
 * In the loop's thread.  SFU_ERR_NOMEM, SFU_ERR_SYSTEM: it ended before it
 * began, told so like any other end, and is to be finished all the same
 */
int media_peer_init(struct media_peer *peer, struct media_loop *loop,
                    const struct media_peer_params *params);
/*
 * Forwarding to a peer that is due looks at two dozen cache lines, and with
 * hundreds of viewers each is a miss.  These ask for them while the viewers
 * before it are served: first what tells where the rest is, then the rest.
 */
static inline void
media_peer_prefetch_first(const struct media_peer *peer)
{
    __builtin_prefetch(peer);
    __builtin_prefetch((const char *)peer + 64);
    __builtin_prefetch(&peer->transport.ice.selected);
}

static inline void
media_peer_prefetch(const struct media_peer *peer)
{
    const char *sink = (const char *)peer->due;
    const char *pair = (const char *)peer->transport.ice.selected;

    for (size_t i = 0; i < MEDIA_SINK_HOT; i += 64) {
        __builtin_prefetch(sink + i);
    }

    if (peer->transport.sealer != NULL) {
        srtp_sealer_prefetch(peer->transport.sealer);
    }

    __builtin_prefetch(pair);
    __builtin_prefetch(pair + 64);
}

/* its sources and sinks are gone already */
void media_peer_fini(struct media_peer *peer);

struct media_stream *media_peer_stream(struct media_peer *peer,
                                       uint32_t ssrc);
/* by its SSRC or that of its RTX */
struct media_sink *media_peer_sink(struct media_peer *peer, uint32_t ssrc);

/* streams of SSRCs that SDP announced for the source, as far as they fit */
void media_peer_expect(struct media_peer *peer, struct media_source *source);
/* the streams of a source that goes */
void media_peer_forget(struct media_peer *peer, struct media_source *source);

void media_peer_ask_keyframe(struct media_peer *peer,
                             struct media_source *source);
void media_peer_source_live(struct media_peer *peer,
                            struct media_source *source);

/* NULL: out of memory; then fill it in and post it */
struct media_event *media_peer_event(struct media_peer *peer,
                                     enum media_event_type type);
void media_peer_post(struct media_peer *peer, struct media_event *event);

#endif
