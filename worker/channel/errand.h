/*
 * channel/errand.h - what a channel asks of the model.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The model may answer much later, or while it is busy with somebody else, so
 * an errand has all it needs with it, and what follows from the answer happens
 * in channels_run(), when nobody is in the middle of anything.
 */

#ifndef SFU_CHANNEL_ERRAND_H
#define SFU_CHANNEL_ERRAND_H

#include "channel/channel.h"
#include "sfu/request.h"

enum { ERRAND_TRACKS = 2 };

struct channel_errand {
    struct list node;                   /* in channel.errands, or finished */
    struct channels *channels;          /* borrowed */
    struct channel *channel;            /* borrowed; NULL: it is gone */
    struct sfu_request request;
    struct sfu_request_track tracks[ERRAND_TRACKS];
    struct sfu_reply reply;             /* owned */
    /* frees nothing; the channel is there */
    void (*finished)(struct channel_errand *errand);

    char app[SFU_IPC_APP_ID_MAX + 1];
    char session[SFU_IPC_SESSION_ID_LEN + 1];
    char source[SFU_IPC_SESSION_ID_LEN + 1];    /* what is watched */
    char viewer[SFU_IPC_CLIENT_ID_MAX + 1];     /* for whom; "": the master */
    char mids[ERRAND_TRACKS][SFU_IPC_MID_MAX + 1];      /* of its tracks */
    char *sdp;                          /* owned: what was said */
    bool stale;                         /* the viewer has said something new */
    usec_t expires;                     /* what was said */
    struct channel_request *asker;      /* to be answered; NULL: nobody */
};

/* for a session, "" for none.  NULL: out of memory */
struct channel_errand *
channel_errand_create(struct channel *channel, enum sfu_request_type type,
                      const char *session,
                      void (*finished)(struct channel_errand *errand));
/* keeps a copy of it.  SFU_ERR_NOMEM */
int channel_errand_say(struct channel_errand *errand, const char *sdp);
/*
 * A session of ours gets the answer that a request has; the errand has to
 * answer the request.
 */
void channel_errand_answer(struct channel *channel, const char *session,
                           struct channel_request *request,
                           void (*finished)(struct channel_errand *errand));
/* the asker is told that its description cannot be used, or why */
void channel_errand_refuse(struct channel_errand *errand, const char *detail);

/* the errand is the model's now */
void channel_errand_send(struct channel_errand *errand);
/* one that was never sent */
void channel_errand_destroy(struct channel_errand *errand);

/* a session of ours that is over; "" for none */
void channel_errand_end(struct channel *channel, const char *session);

/* what is on its way for this viewer is not wanted any more */
void channel_errands_outdate(struct channel *channel, const char *viewer);

/* the channel goes before its errands come back */
void channel_errands_orphan(struct channel *channel);

/* those that came back */
void channel_errands_run(struct channels *channels);

#endif
