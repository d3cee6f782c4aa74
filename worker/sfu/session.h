/*
 * sfu/session.h - one PeerConnection, as the model sees it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The session only wires its parts: negotiation (sdp/), what it publishes,
 * what it subscribes to, and its peer in a media loop.
 */

#ifndef SFU_SFU_SESSION_H
#define SFU_SFU_SESSION_H

#include "media/command.h"
#include "sdp/negotiation.h"
#include "sfu/data.h"
#include "sfu/observer.h"
#include "sfu/publication.h"
#include "sfu/sfu.h"
#include "sfu/subscription.h"

enum sfu_session_state {
    SFU_SESSION_NEW,            /* no description was applied yet */
    SFU_SESSION_CONNECTING,
    SFU_SESSION_CONNECTED,
    SFU_SESSION_DISCONNECTED,   /* consent is lost, and may come back */
};

struct sfu_session {
    struct map_entry by_id;
    struct map_entry by_number;
    struct list in_order;               /* in sfu.in_order */
    struct map_entry by_stream;         /* in sfu.streams */
    char stream_key[SFU_IPC_APP_ID_MAX + 1 + SFU_IPC_STREAM_NAME_MAX + 1];
    bool controlling;                   /* the peer is ICE-lite */
    bool named;                         /* its tracks are called by kind */
    bool by_name;                       /* it may begin without sections */
    char *metadata;                     /* owned, or NULL */
    struct list in_held;                /* in sfu.held */
    struct sfu *sfu;                    /* borrowed */
    char id[SFU_IPC_SESSION_ID_LEN + 1];
    uint64_t number;
    char app[SFU_IPC_APP_ID_MAX + 1];
    enum sfu_session_state state;
    usec_t created;
    usec_t negotiated;                  /* first description */

    size_t loop;
    struct media_peer_handle *peer;     /* NULL until a description is there */
    struct ice_credentials credentials;
    bool remote_told;                   /* the peer knows the fingerprint */
    struct sdp_negotiation *negotiation;        /* owned */
    usec_t offered;                     /* our pending offer was written */
    bool offer_optional;                /* nobody need answer it */
    char *last_answer;                  /* owned: the one applied last */

    struct list publications;           /* of struct sfu_publication */
    struct list subscriptions;          /* of struct sfu_subscription */
    size_t track_count;
    struct sfu_data *data;              /* owned; NULL: no data channels */
    struct sfu_observer *observer;      /* borrowed, or NULL */

    struct list queue;                  /* of struct sfu_request */
    size_t queue_len;
    struct timer connect_timer;
    usec_t second_began;                /* for the rate of requests */
    double asked_before;                /* in the second before that */
    double asked;                       /* since then */
};

/* SFU_ERR_NOMEM; *session is in the model's tables */
int sfu_session_create(struct sfu *sfu, const char *app, size_t loop,
                       bool controlling, struct sfu_session **session);
/* answers what waits, ends its tracks, and frees it */
void sfu_session_end(struct sfu_session *session, enum sfu_session_end why,
                     const char *detail);

/* false: too many in the last second */
bool sfu_session_may_ask(struct sfu_session *session);

void sfu_session_event(struct sfu_session *session,
                       const struct media_event *event);

/*
 * A copy of the negotiation to work on, with an offer of ours that expired
 * given up.  SFU_ERR_NOMEM
 */
int sfu_session_begin(struct sfu_session *session,
                      struct sdp_negotiation **copy);
/* the copy takes the place of the original, and media follows */
void sfu_session_commit(struct sfu_session *session,
                        struct sdp_negotiation *copy);
/* the peer restarts ICE: so do we.  SFU_ERR_NOMEM */
int sfu_session_follow_restart(struct sfu_session *session,
                               struct sdp_negotiation *copy);

/* we send no more on this section, if there is one; what is published stays */
void sfu_session_detach(struct sfu_session *session,
                        struct sdp_negotiation *negotiation, const char *mid);

struct sfu_publication *sfu_session_publication(struct sfu_session *session,
                                                const char *name);
struct sfu_publication *
sfu_session_publication_by_mid(struct sfu_session *session, const char *mid);
struct sfu_subscription *
sfu_session_subscription_by_mid(struct sfu_session *session, const char *mid);

/* whether it was agreed that it sends this codec; CODEC_NONE: any */
bool sfu_session_receives(const struct sfu_session *session,
                          enum media_kind kind, enum codec_id codec);

const char *sfu_session_state_name(const struct sfu_session *session);

#endif
