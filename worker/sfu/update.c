/*
 * sfu/update.c - other layers, or another track, on sections that are there.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Touches no description, so it may be asked for at any time, and it waits for
 * nothing: what is wanted of a section that is not agreed yet is remembered.
 */

#include "base/error.h"
#include "sfu/operation.h"
#include "sfu/stream.h"

static struct sfu_publication *
wanted(struct sfu_session *session, const struct sfu_request_track *t)
{
    struct sfu_session *publisher = stream_find(session->sfu, session->app,
                                                t->publisher);

    return publisher != NULL ? sfu_session_publication(publisher, t->name)
                             : NULL;
}

static struct sfu_subscription *
find(struct sfu_session *session, const struct sfu_request_track *t)
{
    struct sfu_publication *p;

    if (t->mid != NULL) {
        return sfu_session_subscription_by_mid(session, t->mid);
    }

    p = wanted(session, t);

    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *s = container_of(node,
                                                  struct sfu_subscription,
                                                  in_session);

        if (p != NULL && s->publication == p) {
            return s;
        }
    }

    return NULL;
}

static void
choose(struct sfu_subscription *s, const struct sfu_request_track *t,
       struct sfu_reply_track *r)
{
    const struct media_choice *c = &t->choice;

    if (!t->has_choice
        || (!sfu_publication_is_simulcast(s->publication)
            && !c->spatial_layers && !c->temporal_layers
            && !s->choice.spatial_layers && !s->choice.temporal_layers)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_NO_LAYERS,
                              "the track is sent already, and has no layers "
                              "to choose from");
        return;
    }

    sfu_subscription_choose(s, c);
}

static void
swap(struct sfu_subscription *s, struct sfu_publication *p,
     const struct sfu_request_track *t, struct sfu_reply_track *r)
{
    if (p->session->state == SFU_SESSION_DISCONNECTED) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_NOT_FOUND,
                              "the publisher is not connected");
        return;
    }

    if (!p->live) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_SILENT,
                              "no packets of the track have arrived");
        return;
    }

    switch (sfu_subscription_may_swap(s, p)) {

    case 0:
        break;

    case SFU_ERR_UNSUPPORTED:
        sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                              "the m-section has no codec of this track");
        return;

    default:
        sfu_reply_track_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
        return;
    }

    /* what was wanted of the other track means nothing here */
    s->choice = t->choice;

    if (sfu_subscription_swap(s, p)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
    }
}

static void
update(struct sfu_session *session, const struct sfu_request_track *t,
       struct sfu_reply_track *r)
{
    struct sfu_publication *p = wanted(session, t);
    struct sfu_subscription *s = find(session, t);

    if (s == NULL || p == NULL) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_NOT_FOUND,
                              s == NULL ? "no track is sent there"
                                        : "no such track");
        return;
    }

    if (sfu_reply_set(&r->mid, s->mid)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
        return;
    }

    if (s->publication == p) {
        choose(s, t, r);
    } else {
        swap(s, p, t, r);
    }
}

enum operation_result
operation_update(struct sfu_session *session,
                 const struct sfu_request *request, struct sfu_reply *reply)
{
    if (request->track_count == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no tracks");
        return OPERATION_DONE;
    }

    if (sfu_reply_tracks(reply, request)) {
        operation_no_memory(NULL, reply);
        return OPERATION_DONE;
    }

    for (size_t i = 0; i < request->track_count; i++) {
        update(session, &request->tracks[i], &reply->tracks[i]);
    }

    return OPERATION_DONE;
}
