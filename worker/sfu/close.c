/*
 * sfu/close.c - the end of tracks.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "sfu/operation.h"

struct close {
    struct sfu_session *session;
    const struct sfu_request *request;
    struct sfu_reply *reply;
    struct sdp_negotiation *copy;
    size_t closed;
};

/* the mid that an entry means; by name, local tracks come first */
static const char *
mid_of(struct close *c, const struct sfu_request_track *t)
{
    struct sfu_publication *p;

    if (t->mid != NULL) {
        return t->mid;
    }

    if (t->name == NULL) {
        return NULL;
    }

    p = t->publisher == NULL ? sfu_session_publication(c->session, t->name)
                             : NULL;

    if (p != NULL) {
        return p->mid;
    }

    list_each(node, next, &c->session->subscriptions) {
        struct sfu_subscription *s = container_of(node,
                                                  struct sfu_subscription,
                                                  in_session);

        if (strcmp(s->name, t->name) == 0
            && (t->publisher == NULL
                || strcmp(s->publisher, t->publisher) == 0)) {
            return s->mid;
        }
    }

    return NULL;
}

/* before the offer it came with, was there something to close? */
static bool
is_open(struct close *c, const char *mid)
{
    const struct sdp_section *s = sdp_negotiation_find(c->session->negotiation,
                                                       span_str(mid));

    return s != NULL && s->alive && !s->closed
           && s->kind != SDP_APPLICATION;
}

static void
close_track(struct close *c, size_t i)
{
    const struct sfu_request_track *t = &c->request->tracks[i];
    struct sfu_reply_track *r = &c->reply->tracks[i];
    const char *mid = mid_of(c, t);
    const struct sdp_section *s;

    if (mid != NULL && sfu_reply_set(&r->mid, mid)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
        return;
    }

    if (mid == NULL || !is_open(c, mid)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_NOT_OPEN,
                              mid == NULL ? "no such track"
                                          : "no open m-section has this mid");
        return;
    }

    c->closed++;
    s = sdp_negotiation_find(c->copy, span_str(mid));

    /* the client's own offer may have ended it already */
    if (s != NULL && s->alive && !s->closed
        && sdp_negotiation_close(c->copy, s->index)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
    }
}

enum operation_result
operation_close(struct sfu_session *session,
                const struct sfu_request *request, struct sfu_reply *reply)
{
    struct close c = {
        .session = session, .request = request, .reply = reply,
    };
    int error;

    if (request->track_count == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no tracks");
        return OPERATION_DONE;
    }

    if (request->force) {
        error = sdp_negotiation_clone(&c.copy, session->negotiation);

        if (error) {
            operation_no_memory(NULL, reply);
        }
    } else if (request->offer != NULL) {
        error = operation_apply_offer(session, request->offer, &c.copy,
                                      reply);
    } else {
        error = operation_begin(session, &c.copy, reply);
    }

    if (error) {
        return OPERATION_DONE;
    }

    if (sfu_reply_tracks(reply, request)) {
        operation_no_memory(c.copy, reply);
        return OPERATION_DONE;
    }

    for (size_t i = 0; i < request->track_count; i++) {
        close_track(&c, i);
    }

    if (request->offer != NULL && !request->force) {
        operation_answer(session, c.copy, reply);

    } else if (c.closed == 0) {
        sdp_negotiation_destroy(c.copy);

    } else if (request->force) {
        sfu_session_commit(session, c.copy);

    } else {
        /* a client may ignore it: the next request discards it */
        operation_offer(session, c.copy, true, reply);
    }

    return OPERATION_DONE;
}
