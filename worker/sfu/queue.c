/*
 * sfu/queue.c - the requests of a session, one after another.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/queue.h"

#include "sfu/operation.h"
#include "sfu/session.h"

static const char *
type_name(enum sfu_request_type type)
{
    switch (type) {
    case SFU_REQUEST_CREATE:
        return SFU_IPC_REQ_CREATE;
    case SFU_REQUEST_PUBLISH:
        return SFU_IPC_REQ_PUBLISH;
    case SFU_REQUEST_SUBSCRIBE:
        return SFU_IPC_REQ_SUBSCRIBE;
    case SFU_REQUEST_RENEGOTIATE:
        return SFU_IPC_REQ_RENEGOTIATE;
    case SFU_REQUEST_CLOSE:
        return SFU_IPC_REQ_CLOSE;
    case SFU_REQUEST_UPDATE:
        return SFU_IPC_REQ_UPDATE;
    case SFU_REQUEST_GET:
        return SFU_IPC_REQ_GET;
    case SFU_REQUEST_TRICKLE:
        return SFU_IPC_REQ_TRICKLE;
    case SFU_REQUEST_END:
        return SFU_IPC_REQ_END;
    case SFU_REQUEST_ESTABLISH:
        return SFU_IPC_REQ_ESTABLISH;
    case SFU_REQUEST_PUBLISH_CHANNELS:
        return SFU_IPC_REQ_PUBLISH_CHANNELS;
    case SFU_REQUEST_SUBSCRIBE_CHANNELS:
        return SFU_IPC_REQ_SUBSCRIBE_CHANNELS;
    case SFU_REQUEST_UPDATE_CHANNELS:
        return SFU_IPC_REQ_UPDATE_CHANNELS;
    case SFU_REQUEST_CLOSE_CHANNELS:
        return SFU_IPC_REQ_CLOSE_CHANNELS;
    case SFU_REQUEST_LIST:
        return SFU_IPC_REQ_LIST;
    }

    return "";
}

static void
log_tracks(struct sfu *sfu, const struct sfu_request *request,
           const struct sfu_reply *reply, const char *session)
{
    for (size_t i = 0; i < reply->track_count; i++) {
        const struct sfu_reply_track *t = &reply->tracks[i];

        if (t->error != NULL) {
            log_info(sfu->log, "session %s: %s: track \"%s\": %s (%s), "
                               "request %s",
                     session, type_name(request->type),
                     t->name != NULL ? t->name : t->mid != NULL ? t->mid : "",
                     t->error, t->detail, request->id);
        }
    }
}

static void
log_channels(struct sfu *sfu, const struct sfu_request *request,
             const struct sfu_reply *reply, const char *session)
{
    for (size_t i = 0; i < reply->channel_count; i++) {
        const struct sfu_reply_channel *ch = &reply->channels[i];

        if (ch->error != NULL) {
            log_info(sfu->log, "session %s: %s: channel \"%s\", id %ld: %s "
                               "(%s), request %s",
                     session, type_name(request->type),
                     ch->name != NULL ? ch->name : "", ch->id, ch->error,
                     ch->detail, request->id);
        }
    }
}

void
queue_finish(struct sfu *sfu, struct sfu_request *request,
             struct sfu_reply *reply)
{
    const char *session = reply->session != NULL ? reply->session
                          : request->session != NULL ? request->session
                                                     : "";

    sfu->figures.requests++;

    if (reply->error != NULL) {
        sfu->figures.requests_failed++;
        log_info(sfu->log, "session %s: %s: %s (%s), request %s", session,
                 type_name(request->type), reply->error, reply->detail,
                 request->id);
    } else if (request->type == SFU_REQUEST_CREATE) {
        log_info(sfu->log, "session %s: created, app \"%s\"%s%s%s, request %s",
                 session, request->app,
                 request->label != NULL ? ", label \"" : "",
                 request->label != NULL ? request->label : "",
                 request->label != NULL ? "\"" : "", request->id);
    }

    log_tracks(sfu, request, reply, session);
    log_channels(sfu, request, reply, session);
    timer_disarm(&sfu->wheel, &request->hold);
    request->done(request, reply);
    sfu_reply_fini(reply);
}

static void
hold_is_over(struct timer *timer, usec_t now)
{
    struct sfu_request *request = container_of(timer, struct sfu_request,
                                               hold);

    (void)now;
    request->last_chance = true;
    queue_run(request->waits_in);
}

/*
 * The asker must hear from us before it gives up, so time in the queue
 * behind others counts.
 */
static usec_t
hold_time(struct sfu *sfu, const struct sfu_request *request)
{
    usec_t time = sfu->settings->hold_time;
    usec_t margin = 300 * USEC_PER_MS;

    if (request->timeout && request->timeout - margin < time) {
        time = request->timeout - margin;
    }

    return time > 0 ? time : 0;
}

void
queue_add(struct sfu_session *session, struct sfu_request *request)
{
    struct sfu *sfu = session->sfu;
    struct sfu_reply reply;

    sfu_reply_init(&reply);
    timer_init(&request->hold, hold_is_over);

    if (request->description != NULL) {
        operation_tell_description(session, request);
    }

    if (!operation_is_queued(request)) {
        operation_run(session, request, &reply);
        queue_finish(sfu, request, &reply);
        return;
    }

    if (session->queue_len >= sfu->settings->queue_max) {
        sfu_reply_error(&reply, SFU_IPC_ERR_RATE,
                        "too many requests of this session are waiting");
        queue_finish(sfu, request, &reply);
        return;
    }

    request->waits_in = session;
    request->deadline = sfu->now + hold_time(sfu, request);
    list_append(&session->queue, &request->node);
    session->queue_len++;
    queue_run(session);
}

void
queue_run(struct sfu_session *session)
{
    struct sfu *sfu = session->sfu;

    while (!list_empty(&session->queue)) {
        struct sfu_request *request = container_of(session->queue.next,
                                                   struct sfu_request, node);
        struct sfu_reply reply;

        sfu_reply_init(&reply);

        if (operation_run(session, request, &reply) == OPERATION_WAIT) {
            sfu_reply_fini(&reply);

            if (!request->held) {
                request->held = true;
                sfu->figures.requests_held++;
                timer_arm(&sfu->wheel, &request->hold, request->deadline);
            }

            if (session->in_held.next == &session->in_held) {
                list_append(&sfu->held, &session->in_held);
            }

            return;
        }

        list_remove(&request->node);
        session->queue_len--;
        queue_finish(sfu, request, &reply);
    }

    list_remove(&session->in_held);
}

void
queue_fail(struct sfu_session *session, const char *error, const char *detail)
{
    for (struct list *node; (node = list_shift(&session->queue)) != NULL;) {
        struct sfu_request *request = container_of(node, struct sfu_request,
                                                   node);
        struct sfu_reply reply;

        sfu_reply_init(&reply);
        sfu_reply_error(&reply, error, detail);
        queue_finish(session->sfu, request, &reply);
    }

    session->queue_len = 0;
}
