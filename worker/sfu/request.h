/*
 * sfu/request.h - what may be asked of the model, and its answers.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The meaning of each request is told in include/sfu_ipc.h; here it is
 * without JSON.
 */

#ifndef SFU_SFU_REQUEST_H
#define SFU_SFU_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/timer.h"
#include "codec/codec.h"
#include "media/choice.h"
#include "sfu_ipc.h"

struct sfu;
struct sfu_session;

enum sfu_request_type {
    SFU_REQUEST_CREATE,
    SFU_REQUEST_PUBLISH,
    SFU_REQUEST_SUBSCRIBE,
    SFU_REQUEST_RENEGOTIATE,
    SFU_REQUEST_CLOSE,
    SFU_REQUEST_UPDATE,
    SFU_REQUEST_GET,
    SFU_REQUEST_TRICKLE,
    SFU_REQUEST_END,
    SFU_REQUEST_ESTABLISH,
    SFU_REQUEST_PUBLISH_CHANNELS,
    SFU_REQUEST_SUBSCRIBE_CHANNELS,
    SFU_REQUEST_UPDATE_CHANNELS,
    SFU_REQUEST_CLOSE_CHANNELS,
    SFU_REQUEST_LIST,
};

/* strings are borrowed from whoever asks, until done(); NULL: not given */
struct sfu_request_track {
    const char *name;
    const char *mid;
    const char *publisher;
    bool has_kind;
    enum media_kind kind;
    bool bidirectional;
    bool has_choice;            /* SUBSCRIBE, UPDATE */
    struct media_choice choice;
    const char *label;
    /* PUBLISH without an offer: only these, in this order; none: all */
    const enum codec_id *codecs;
    size_t codec_count;
};

/* one entry of an answer; strings are owned by the reply */
struct sfu_reply_track {
    char *name;
    char *mid;
    char *publisher;
    char *label;                /* GET */
    bool has_kind;
    enum media_kind kind;
    bool remote;                /* GET: subscribed, not published */
    bool active;                /* GET */
    const char *error;          /* SFU_IPC_TRACK_*, or NULL */
    const char *detail;         /* static */
};

/* a data channel; numbers are -1 where they are not given */
struct sfu_request_channel {
    const char *name;
    const char *publisher;
    long id;
    bool has_ordered;
    bool ordered;
    long max_retransmits;
    long max_lifetime;          /* ms */
    bool wait_ack;
    bool has_reply;
    bool can_reply;
};

struct sfu_reply_channel {
    char *name;
    char *publisher;            /* NULL: published by the session itself */
    long id;                    /* -1: none */
    bool can_reply;             /* UPDATE_CHANNELS */
    const char *state;          /* GET; static */
    const char *error;          /* as of a track */
    const char *detail;
};

/* LIST */
struct sfu_reply_session {
    char *id;                   /* owned by the reply */
    char *metadata;             /* owned by the reply, or NULL */
    const char *state;          /* static */
};

struct sfu_reply {
    const char *error;          /* SFU_IPC_ERR_*, or NULL */
    const char *detail;         /* static */
    char *session;              /* owned, as the following */
    char *answer;
    char *offer;
    char *etag;
    char *fragment;
    const char *state;          /* GET; static */
    struct sfu_reply_track *tracks;
    size_t track_count;
    struct sfu_reply_channel *channels;
    size_t channel_count;
    struct sfu_reply_session *sessions; /* LIST; owned */
    size_t session_count;
    uint64_t after;             /* LIST: there are more after this one, or 0 */
};

struct sfu_request {
    enum sfu_request_type type;
    const char *id;             /* for log lines */
    const char *app;
    const char *session;
    const char *label;
    const char *metadata;       /* CREATE */
    const char *stream;         /* CREATE: publishes under this name */
    const char *watch;          /* CREATE: subscribes to this stream */
    const char *fragment;       /* TRICKLE */
    const char *match;          /* TRICKLE */
    const char *offer;
    const char *answer;
    bool controlling;           /* CREATE: the peer is ICE-lite */
    const char *description;    /* RENEGOTIATE: either of the two */
    bool force;
    bool discover;
    bool by_name;
    /* CREATE, SUBSCRIBE: the codec in use, and nothing else either way */
    bool alone;
    uint64_t after;             /* LIST */
    const struct sfu_request_track *tracks;
    size_t track_count;
    /* ESTABLISH: none, or the one that is opened in-band */
    const struct sfu_request_channel *channels;
    size_t channel_count;
    usec_t timeout;             /* for which the asker waits; 0: not told */

    /* called exactly once; then the request is the asker's again */
    void (*done)(struct sfu_request *request, struct sfu_reply *reply);

    /* the model's */
    struct list node;           /* in the session's queue */
    struct sfu_session *waits_in;
    struct timer hold;
    usec_t deadline;            /* it is answered then, ready or not */
    bool held;                  /* waited at least once */
    bool last_chance;           /* the hold is over: no more waiting */
};

void sfu_reply_init(struct sfu_reply *reply);
void sfu_reply_fini(struct sfu_reply *reply);

/* one entry for each track asked for; their names are copied.  SFU_ERR_NOMEM */
int sfu_reply_tracks(struct sfu_reply *reply,
                     const struct sfu_request *request);
/* one more entry, or NULL */
struct sfu_reply_track *sfu_reply_add(struct sfu_reply *reply);
/* the same for channels */
int sfu_reply_channels(struct sfu_reply *reply,
                       const struct sfu_request *request);
struct sfu_reply_channel *sfu_reply_add_channel(struct sfu_reply *reply);
/* replaces a string.  SFU_ERR_NOMEM */
int sfu_reply_set(char **member, const char *value);

static inline void
sfu_reply_error(struct sfu_reply *reply, const char *error, const char *detail)
{
    reply->error = error;
    reply->detail = detail;
}

static inline void
sfu_reply_track_error(struct sfu_reply_track *track, const char *error,
                      const char *detail)
{
    track->error = error;
    track->detail = detail;
}

static inline void
sfu_reply_channel_error(struct sfu_reply_channel *channel, const char *error,
                        const char *detail)
{
    channel->error = error;
    channel->detail = detail;
}

#endif
