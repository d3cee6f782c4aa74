/*
 * sfu/close_by_name.c - the end of tracks whose m-sections live on.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "sfu/operation.h"

static struct sfu_publication *
find_publication(struct sfu_session *session,
                 const struct sfu_request_track *t)
{
    return t->name != NULL && t->publisher == NULL
               ? sfu_session_publication(session, t->name)
               : NULL;
}

static struct sfu_subscription *
find_subscription(struct sfu_session *session,
                  const struct sfu_request_track *t)
{
    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *s = container_of(node,
                                                  struct sfu_subscription,
                                                  in_session);

        if (t->name != NULL && strcmp(s->name, t->name) == 0
            && (t->publisher == NULL
                || strcmp(s->publisher, t->publisher) == 0)) {
            return s;
        }
    }

    return NULL;
}

static bool
all_are_there(struct sfu_session *session, const struct sfu_request *request)
{
    for (size_t i = 0; i < request->track_count; i++) {
        const struct sfu_request_track *t = &request->tracks[i];

        if (find_publication(session, t) == NULL
            && find_subscription(session, t) == NULL) {
            return false;
        }
    }

    return true;
}

/* the commit may have ended some */
static void
end_tracks(struct sfu_session *session, const struct sfu_request *request)
{
    for (size_t i = 0; i < request->track_count; i++) {
        const struct sfu_request_track *t = &request->tracks[i];
        struct sfu_publication *p = find_publication(session, t);
        struct sfu_subscription *s = find_subscription(session, t);

        if (p != NULL) {
            sfu_publication_end(p);
        } else if (s != NULL && s->mid[0] == '\0') {
            sfu_subscription_end(s);    /* it waited for an offer */
        }
    }
}

/* in the copy; the mids go into the reply */
static int
leave_sections(struct sfu_session *session, struct sdp_negotiation *copy,
               const struct sfu_request *request, struct sfu_reply *reply)
{
    for (size_t i = 0; i < request->track_count; i++) {
        const struct sfu_request_track *t = &request->tracks[i];
        struct sfu_publication *p = find_publication(session, t);
        struct sfu_subscription *s = find_subscription(session, t);
        const char *mid = p != NULL ? p->mid : s->mid;

        if (p == NULL) {
            sfu_session_detach(session, copy, mid);
        }

        if (sfu_reply_set(&reply->tracks[i].mid, mid)) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

enum operation_result
operation_close_by_name(struct sfu_session *session,
                        const struct sfu_request *request,
                        struct sfu_reply *reply)
{
    struct sdp_negotiation *copy;
    int error;

    if (request->track_count == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no tracks");
        return OPERATION_DONE;
    }

    if (!all_are_there(session, request)) {
        sfu_reply_error(reply, SFU_IPC_TRACK_NOT_OPEN,
                        "the session has no such track");
        return OPERATION_DONE;
    }

    operation_supersede(session, request);
    error = request->offer != NULL
                ? operation_apply_offer(session, request->offer, &copy, reply)
                : operation_begin(session, &copy, reply);

    if (error) {
        return OPERATION_DONE;
    }

    if (sfu_reply_tracks(reply, request)
        || leave_sections(session, copy, request, reply)) {
        operation_no_memory(copy, reply);
        return OPERATION_DONE;
    }

    error = request->offer != NULL
                ? operation_answer(session, copy, reply)
                : operation_offer(session, copy, true, reply);

    if (!error) {
        end_tracks(session, request);
    }

    return OPERATION_DONE;
}
