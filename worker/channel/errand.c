/*
 * channel/errand.c - what a channel asks of the model.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/errand.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sfu/sfu.h"

struct channel_errand *
channel_errand_create(struct channel *channel, enum sfu_request_type type,
                      const char *session,
                      void (*finished)(struct channel_errand *errand))
{
    struct channel_errand *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        log_error(channel->channels->log, "channel \"%s\": no memory for its "
                                          "media", channel->key.name);
        return NULL;
    }

    list_init(&e->node);
    e->channels = channel->channels;
    e->channel = channel;
    e->finished = finished;
    snprintf(e->app, sizeof(e->app), "%s", channel->key.app);
    snprintf(e->session, sizeof(e->session), "%s", session);
    e->request.type = type;
    e->request.id = "channel";
    e->request.app = e->app;
    e->request.session = e->session;
    e->request.tracks = e->tracks;

    return e;
}

int
channel_errand_say(struct channel_errand *errand, const char *sdp)
{
    errand->sdp = strdup(sdp);

    return errand->sdp != NULL ? 0 : SFU_ERR_NOMEM;
}

void
channel_errand_destroy(struct channel_errand *errand)
{
    list_remove(&errand->node);
    sfu_reply_fini(&errand->reply);
    free(errand->sdp);
    free(errand);
}

void
channel_errand_refuse(struct channel_errand *e, const char *detail)
{
    const char *error = e->reply.error;
    bool malformed = error != NULL
                     && strcmp(error, SFU_IPC_ERR_SDP_MALFORMED) == 0;

    channel_answer_error(e->channels, e->asker,
                         malformed ? SFU_IPC_ERR_SDP_MALFORMED
                                   : SFU_IPC_ERR_SDP_UNACCEPTABLE,
                         error != NULL ? e->reply.detail : detail);
}

static void
came_back(struct sfu_request *request, struct sfu_reply *reply)
{
    struct channel_errand *e = container_of(request, struct channel_errand,
                                            request);

    e->reply = *reply;
    sfu_reply_init(reply);
    list_remove(&e->node);
    list_append(&e->channels->finished, &e->node);
}

void
channel_errand_send(struct channel_errand *errand)
{
    list_append(&errand->channel->errands, &errand->node);
    errand->request.done = came_back;
    sfu_ask(errand->channels->sfu, &errand->request);
}

void
channel_errand_answer(struct channel *channel, const char *session,
                      struct channel_request *request,
                      void (*finished)(struct channel_errand *errand))
{
    struct channel_errand *e = channel_errand_create(
        channel, SFU_REQUEST_RENEGOTIATE, session, finished);

    if (e != NULL && channel_errand_say(e, request->sdp) == 0) {
        e->asker = request;
        e->request.answer = e->sdp;
        channel_errand_send(e);
        return;
    }

    if (e != NULL) {
        channel_errand_destroy(e);
    }

    channel_answer_failure(channel->channels, request, SFU_ERR_NOMEM);
}

static void
nothing(struct channel_errand *errand)
{
    (void)errand;
}

void
channel_errand_end(struct channel *channel, const char *session)
{
    struct sfu *sfu = channel->channels->sfu;
    struct channel_errand *e;

    if (session[0] == '\0'
        || sfu_session_find(sfu, channel->key.app, session) == NULL) {
        return;
    }

    e = channel_errand_create(channel, SFU_REQUEST_END, session, nothing);

    if (e != NULL) {
        channel_errand_send(e);
    }
}

void
channel_errands_outdate(struct channel *channel, const char *viewer)
{
    struct list *const lists[] = {
        &channel->errands, &channel->channels->finished,
    };

    for (int i = 0; i < 2; i++) {
        list_each(node, next, lists[i]) {
            struct channel_errand *e = container_of(node,
                                                    struct channel_errand,
                                                    node);

            if (e->channel == channel && strcmp(e->viewer, viewer) == 0) {
                e->stale = true;
            }
        }
    }
}

static void
orphan(struct channel_errand *e)
{
    struct channel_request *asker = e->asker;

    e->channel = NULL;
    e->asker = NULL;

    if (asker != NULL) {
        channel_answer_end(e->channels, asker);
    }
}

void
channel_errands_orphan(struct channel *channel)
{
    struct list *node;

    while ((node = list_shift(&channel->errands)) != NULL) {
        orphan(container_of(node, struct channel_errand, node));
    }

    list_each(at, next, &channel->channels->finished) {
        struct channel_errand *e = container_of(at, struct channel_errand,
                                                node);

        if (e->channel == channel) {
            orphan(e);
        }
    }
}

/* a session that was made for a channel that is gone by now */
static void
undo(struct channel_errand *e)
{
    struct channel_errand *end;

    if (e->request.type != SFU_REQUEST_CREATE || e->reply.session == NULL) {
        return;
    }

    end = calloc(1, sizeof(*end));

    if (end == NULL) {
        return;                 /* it ends by itself: nobody connects */
    }

    *end = (struct channel_errand){
        .channels = e->channels,
        .request = { .type = SFU_REQUEST_END, .id = "channel",
                     .done = came_back },
    };
    list_init(&end->node);
    memcpy(end->app, e->app, sizeof(end->app));
    snprintf(end->session, sizeof(end->session), "%s", e->reply.session);
    end->request.app = end->app;
    end->request.session = end->session;
    sfu_ask(e->channels->sfu, &end->request);
}

void
channel_errands_run(struct channels *channels)
{
    struct list *node;

    while ((node = list_shift(&channels->finished)) != NULL) {
        struct channel_errand *e = container_of(node, struct channel_errand,
                                                node);

        if (e->channel == NULL) {
            undo(e);
        } else {
            e->finished(e);
            channel_settle(e->channel);
        }

        channel_errand_destroy(e);
    }
}
