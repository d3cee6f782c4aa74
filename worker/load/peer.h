/*
 * load/peer.h - one PeerConnection of the generator.
 * Copyright (C) the ngx_sfu_module authors
 *
 * It publishes, or watches others, or both; a dialect does its signaling.
 */

#ifndef SFU_LOAD_PEER_H
#define SFU_LOAD_PEER_H

#include "load/endpoint.h"
#include "load/figures.h"
#include "load/receiver.h"
#include "load/sender.h"
#include "rtcp/transport_cc_receiver.h"

enum {
    LOAD_PEER_SENDERS = 1 + LOAD_LAYERS_MAX,
    LOAD_PEER_RECEIVERS = 512,
    LOAD_ID_MAX = 200,
};

struct load;

enum load_peer_state {
    LOAD_PEER_IDLE,             /* nothing asked so far */
    LOAD_PEER_SIGNALING,
    LOAD_PEER_CONNECTING,
    LOAD_PEER_UP,
    LOAD_PEER_GONE,             /* left, or failed */
};

struct load_peer {
    struct load *load;                  /* borrowed */
    struct load_endpoint endpoint;
    enum load_peer_state state;
    size_t index;                       /* of all peers */
    size_t room;
    bool publishes;
    bool silent;                        /* connects, and sends nothing */
    bool visitor;                       /* of a storm: not measured */
    bool watching;                      /* asked for what it watches */
    bool failed;
    char why[160];

    struct load_media media[LOAD_MEDIA_MAX];
    size_t media_count;
    struct load_agreement agreement;
    struct load_sender *senders;        /* owned */
    size_t sender_count;
    uint16_t transport_cc_seq;

    /* owned list of borrowed publishers */
    struct load_peer **watched;
    size_t watched_count;
    struct load_receiver **receivers;   /* owned */
    size_t receiver_count;
    struct load_receiver *last;         /* the one of the last packet */
    struct rtcp_transport_cc_receiver *transport_cc;    /* owned, or NULL */
    uint32_t ssrc;                      /* of our feedback */
    struct timer report_timer;
    struct timer feedback_timer;        /* transport-cc */
    struct timer nack_timer;

    /* when it came so far; 0: it did not */
    usec_t began;
    usec_t signaled;
    usec_t first_packet;

    /* the dialect's */
    char id[LOAD_ID_MAX];               /* session, feed, or stream */
    char location[LOAD_ID_MAX * 2];     /* of a WHIP resource */
    uint64_t handle;                    /* Janus */
    unsigned requests;                  /* that are out */
    struct list gone;                   /* in the list of those to be freed */
};

/*
 * What a peer publishes and watches is set before it joins.  NULL: out of
 * memory.
 */
struct load_peer *load_peer_create(struct load *load, size_t room,
                                   bool publishes);
/* with no request out */
void load_peer_destroy(struct load_peer *p);
/* SFU_ERR_NOMEM */
int load_peer_watch(struct load_peer *p, struct load_peer *publisher);

/* a dialect calls these when it has learnt how to reach the server */
void load_peer_connect(struct load_peer *p, const struct load_remote *remote);
/* and this when it cannot go on */
void load_peer_fail(struct load_peer *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ends the transport; the dialect has been told before */
void load_peer_close(struct load_peer *p);

/* starts what it publishes; senders of a silent peer never start */
void load_peer_send(struct load_peer *p, usec_t start);
void load_peer_stop(struct load_peer *p);

/* adds what was received in the interval that is over */
void load_peer_settle(const struct load_peer *p, struct load_figures *f);

/* media and feedback that came in; of the endpoint */
void load_peer_rtp(struct load_endpoint *e, uint8_t *data, size_t len,
                   int64_t arrival);
void load_peer_rtcp(struct load_endpoint *e, uint8_t *data, size_t len);

/* what a peer tells the server now and then */
void load_peer_report(struct timer *timer, usec_t now);
void load_peer_feedback(struct timer *timer, usec_t now);
void load_peer_nack(struct timer *timer, usec_t now);
void load_peer_ask_keyframe(struct load_peer *p, struct load_receiver *r);

/* what it writes into descriptions; offer: else it is an answer */
struct load_local load_peer_local(const struct load_peer *p, bool offer);

#endif
