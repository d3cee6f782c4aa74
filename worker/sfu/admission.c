/*
 * sfu/admission.c - who may join while many others do.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/admission.h"

static const char too_many[] = "too many join at once: try again";

bool
admission_closed(const struct sfu *sfu, size_t loop)
{
    const counter_t *wait = &sfu->loops[loop].counters.handshake_wait;

    return counter_get(wait) >= (uint64_t)sfu->settings->join_wait;
}

void
admission_refuse(struct sfu *sfu, struct sfu_reply *reply)
{
    sfu->figures.joins_refused++;
    sfu_reply_error(reply, SFU_IPC_ERR_LIMIT, too_many);
}

/* the first description brings the transport up */
static bool
would_join(const struct sfu_session *session,
           const struct sfu_request *request)
{
    return session->peer == NULL
           && (request->type == SFU_REQUEST_PUBLISH
               || request->type == SFU_REQUEST_SUBSCRIBE
               || request->type == SFU_REQUEST_RENEGOTIATE);
}

bool
admission_refuses(struct sfu_session *session,
                  const struct sfu_request *request, struct sfu_reply *reply)
{
    if (!would_join(session, request)
        || !admission_closed(session->sfu, session->loop)) {
        return false;
    }

    /* an error of the whole would end a subscription in some clients */
    if (request->type != SFU_REQUEST_SUBSCRIBE || request->offer != NULL) {
        admission_refuse(session->sfu, reply);
        return true;
    }

    session->sfu->figures.joins_refused++;

    if (sfu_reply_tracks(reply, request)) {
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
        return true;
    }

    for (size_t i = 0; i < reply->track_count; i++) {
        sfu_reply_track_error(&reply->tracks[i], SFU_IPC_TRACK_FAILED,
                              too_many);
    }

    return true;
}
