/*
 * sfu/subscribe_by_name.c - tracks of others, each once, at once.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Every request is answered with an offer of all that the session subscribes
 * to, so a client that lost one just asks again.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sfu/stream.h"

struct subscribe {
    struct sfu_session *session;
    const struct sfu_request *request;
    struct sfu_reply *reply;
    struct sdp_negotiation *copy;
    struct sfu_subscription **made;     /* one for each entry, or NULL */
};

/* one that we offered to receive has no source until the answer is there */
static struct sfu_publication *
find(const struct subscribe *s, const struct sfu_request_track *t)
{
    struct sfu_session *publisher = stream_find(s->session->sfu,
                                                s->session->app,
                                                t->publisher);
    struct sfu_publication *p = publisher != NULL
                                    ? sfu_session_publication(publisher,
                                                              t->name)
                                    : NULL;

    return p != NULL && p->encoding_count ? p : NULL;
}

static bool
all_are_there(struct subscribe *s)
{
    for (size_t i = 0; i < s->request->track_count; i++) {
        if (find(s, &s->request->tracks[i]) == NULL) {
            sfu_reply_error(s->reply, SFU_IPC_TRACK_NOT_FOUND,
                            "no such track is published");
            return false;
        }
    }

    return true;
}

static struct sfu_subscription *
find_subscription(const struct sfu_session *session,
                  const struct sfu_publication *publication)
{
    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *sub = container_of(node,
                                                    struct sfu_subscription,
                                                    in_session);

        if (sub->publication == publication) {
            return sub;
        }
    }

    return NULL;
}

/* SFU_ERR_* of sdp_negotiation_add_sending() */
static int
add_section(struct subscribe *s, struct sfu_subscription *sub)
{
    struct sdp_track track;
    char msid_track[32];
    size_t index;
    int error;

    sfu_subscription_track(sub, &track, msid_track);
    error = sdp_negotiation_add_sending(s->copy, &track, &index);

    if (!error) {
        snprintf(sub->mid, sizeof(sub->mid), "%s",
                 sdp_negotiation_at(s->copy, index)->mid);
    }

    return error;
}

/* what ended leaves its section, what waits gets one */
static void
settle(struct subscribe *s)
{
    list_each(node, next, &s->session->subscriptions) {
        struct sfu_subscription *sub = container_of(node,
                                                    struct sfu_subscription,
                                                    in_session);
        const struct sdp_section *section;

        if (!sub->by_name) {
            continue;
        }

        section = sdp_negotiation_find(s->copy, span_str(sub->mid));

        if (sub->publication != NULL && section == NULL) {
            (void)add_section(s, sub);
        } else if (sub->publication == NULL && section == NULL) {
            sfu_subscription_end(sub);
        } else if (sub->publication == NULL) {
            sfu_session_detach(s->session, s->copy, sub->mid);
        }
    }
}

static void
refuse(struct subscribe *s, int error)
{
    if (error == SFU_ERR_NOMEM) {
        sfu_reply_error(s->reply, SFU_IPC_ERR_INTERNAL, "out of memory");
    } else if (error == SFU_ERR_UNSUPPORTED) {
        sfu_reply_error(s->reply, SFU_IPC_ERR_SDP_UNACCEPTABLE,
                        "the session has no codec of the track");
    } else {
        sfu_reply_error(s->reply, SFU_IPC_ERR_INVALID,
                        "too many tracks in this session");
    }
}

static int
add_track(struct subscribe *s, size_t i)
{
    struct sfu_publication *publication = find(s, &s->request->tracks[i]);
    struct sfu_subscription *sub = find_subscription(s->session, publication);
    struct sfu_reply_track *r = &s->reply->tracks[i];
    int error;

    if (sub == NULL) {
        if (s->session->track_count
            >= s->session->sfu->settings->tracks_max) {
            return SFU_ERR_LIMIT;
        }

        sub = sfu_subscription_create(s->session, publication);

        if (sub == NULL) {
            return SFU_ERR_NOMEM;
        }

        sub->by_name = true;
        s->made[i] = sub;
        error = add_section(s, sub);

        if (error) {
            return error;
        }
    } else if (sub->mid[0] == '\0') {
        return SFU_ERR_LIMIT;   /* it still waits */
    }

    r->has_kind = true;
    r->kind = sub->kind;

    return sfu_reply_set(&r->mid, sub->mid);
}

static void
negotiate(struct subscribe *s)
{
    int error = 0;

    settle(s);

    for (size_t i = 0; !error && i < s->request->track_count; i++) {
        error = add_track(s, i);
    }

    if (error) {
        sdp_negotiation_destroy(s->copy);
        refuse(s, error);
    } else {
        error = operation_offer(s->session, s->copy, false, s->reply);
    }

    for (size_t i = 0; i < s->request->track_count; i++) {
        struct sfu_subscription *sub = s->made[i];

        if (sub == NULL) {
            continue;
        }

        if (error) {
            sub->mid[0] = '\0';
            sfu_subscription_end(sub);
        } else {
            log_info(s->session->sfu->log,
                     "session %s: track \"%s\" of %s, mid \"%s\": subscribed",
                     s->session->id, sub->name, sub->publisher, sub->mid);
        }
    }
}

enum operation_result
operation_subscribe_by_name(struct sfu_session *session,
                            const struct sfu_request *request,
                            struct sfu_reply *reply)
{
    struct subscribe s = {
        .session = session, .request = request, .reply = reply,
    };

    if (request->track_count == 0 || request->offer != NULL) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID,
                        "by name there are tracks, and no offer");
        return OPERATION_DONE;
    }

    if (!all_are_there(&s)) {
        return OPERATION_DONE;
    }

    operation_supersede(session, request);

    if (operation_begin(session, &s.copy, reply)) {
        return OPERATION_DONE;
    }

    s.made = calloc(request->track_count, sizeof(struct sfu_subscription *));

    if (s.made == NULL || sfu_reply_tracks(reply, request)) {
        operation_no_memory(s.copy, reply);
    } else {
        negotiate(&s);
    }

    free(s.made);

    return OPERATION_DONE;
}
