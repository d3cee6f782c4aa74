/*
 * sfu/create.c - a session, as a request wants it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/create.h"

#include "sfu/admission.h"
#include "sfu/operation.h"
#include "sfu/stream.h"

static size_t
emptiest_loop(const struct sfu *sfu)
{
    size_t best = 0;

    /* of those that let somebody in; if none does, the emptiest says so */
    for (size_t i = 1; i < sfu->loop_count; i++) {
        bool closed = admission_closed(sfu, i);

        if (closed != admission_closed(sfu, best)
                ? !closed
                : sfu->loop_sessions[i] < sfu->loop_sessions[best]) {
            best = i;
        }
    }

    return best;
}

struct sfu_session *
sfu_create(struct sfu *sfu, const struct sfu_request *request,
           struct sfu_reply *reply)
{
    size_t loop = emptiest_loop(sfu);
    struct sfu_session *session;
    struct sdp_negotiation *copy;

    if (sfu->draining) {
        sfu_reply_error(reply, SFU_IPC_ERR_DRAINING, "the worker stops");
        return NULL;
    }

    if (sfu->sessions.count >= sfu->settings->sessions_max) {
        sfu_reply_error(reply, SFU_IPC_ERR_LIMIT, "too many sessions");
        return NULL;
    }

    if (request->offer != NULL && admission_closed(sfu, loop)) {
        admission_refuse(sfu, reply);
        return NULL;
    }

    if ((request->stream != NULL || request->watch != NULL)
        && (request->offer == NULL
            || (request->stream != NULL && request->watch != NULL))) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID,
                        "a stream is published or watched with an offer");
        return NULL;
    }

    if (request->controlling && sfu->settings->candidates_max == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID,
                        "third parties are not allowed here");
        return NULL;
    }

    if (sfu_session_create(sfu, request->app, loop, request->controlling,
                           &session)) {
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
        return NULL;
    }

    session->by_name = request->by_name;

    if (sfu_reply_set(&session->metadata, request->metadata)) {
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
        sfu_session_end(session, SFU_END_refused, reply->detail);
        return NULL;
    }

    if (request->watch != NULL) {
        return session;         /* the rest comes from its queue */
    }

    if (request->stream != NULL) {
        stream_publish(session, request, reply);
    } else if (sfu_reply_set(&reply->session, session->id)) {
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
    } else if (request->offer != NULL
               && operation_apply_offer(session, request->offer, &copy, reply)
                      == 0) {
        operation_answer(session, copy, reply);
    }

    if (reply->error != NULL) {
        sfu_session_end(session, SFU_END_refused, reply->detail);
        return NULL;
    }

    return session;
}
