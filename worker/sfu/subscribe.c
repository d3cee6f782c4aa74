/*
 * sfu/subscribe.c - tracks of others sent to a session.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sfu/place.h"
#include "sfu/stream.h"

enum readiness {
    READY,
    NOT_YET,
    NOT_FOUND,
    SILENT,
};

static struct sfu_publication *
find(struct subscribe *s, const struct sfu_request_track *t)
{
    struct sfu_session *publisher = stream_find(s->session->sfu,
                                                s->session->app,
                                                t->publisher);

    return publisher != NULL ? sfu_session_publication(publisher, t->name)
                             : NULL;
}

/*
 * A track is announced as soon as its publisher has sent bytes, which may be
 * before we received any: only a young one is waited for.  One that is silent
 * now but was not always is fine; one whose publisher lost its connection is
 * refused at once, because subscribers that recover from an outage ask for
 * old names first.
 */
static enum readiness
readiness(struct subscribe *s, const struct sfu_publication *p)
{
    const struct sfu *sfu = s->session->sfu;

    if (p == NULL || p->session->state == SFU_SESSION_DISCONNECTED) {
        return NOT_FOUND;
    }

    if (p->live) {
        return READY;
    }

    if (s->request->last_chance
        || (sfu->now - p->since > sfu->settings->young_time
            && p->session->state == SFU_SESSION_CONNECTED)) {
        return p->session->state == SFU_SESSION_CONNECTED ? SILENT
                                                          : NOT_FOUND;
    }

    return NOT_YET;
}

/* a session that never negotiated is brought up by this very request */
static bool
is_connecting(const struct sfu_session *session)
{
    return session->state == SFU_SESSION_CONNECTING
           && sdp_negotiation_remote(session->negotiation)->known;
}

/* what the batch is to wait for */
enum wait {
    WAIT_NOT,                   /* all is ready, or nothing will ever be */
    WAIT_MEDIA,
    WAIT_TRANSPORT,
};

static enum wait
wait_for(struct subscribe *s)
{
    bool any = false;
    enum wait wait = WAIT_NOT;

    for (size_t i = 0; i < s->request->track_count; i++) {
        const struct sfu_publication *p = find(s, &s->request->tracks[i]);

        any = any || p != NULL;
        wait = readiness(s, p) == NOT_YET ? WAIT_MEDIA : wait;
    }

    /* that there is no such track is told at once */
    return any && is_connecting(s->session) ? WAIT_TRANSPORT : wait;
}

/* the publication, when it can be sent now; else the entry has failed */
static struct sfu_publication *
try_publication(struct subscribe *s, const struct sfu_request_track *t,
                struct sfu_reply_track *r)
{
    struct sfu_publication *publication = find(s, t);

    switch (readiness(s, publication)) {

    case NOT_YET:
    case NOT_FOUND:
        sfu_reply_track_error(r, SFU_IPC_TRACK_NOT_FOUND,
                              "no such track: make sure that its session is "
                              "connected and sending");
        return NULL;

    case SILENT:
        sfu_reply_track_error(r, SFU_IPC_TRACK_SILENT,
                              "no packets of the track have arrived");
        return NULL;

    case READY:
        break;
    }

    if (t->has_kind && t->kind != publication->kind) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                              "the track is of another kind");
        return NULL;
    }

    return publication;
}

static struct sfu_subscription *
subscribe_to(struct subscribe *s, struct sfu_publication *publication,
             const struct sfu_request_track *t, struct sfu_reply_track *r)
{
    struct sfu_subscription *subscription;

    if (s->session->track_count >= s->session->sfu->settings->tracks_max) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                              "too many tracks in this session");
        return NULL;
    }

    subscription = sfu_subscription_create(s->session, publication);

    if (subscription == NULL) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
        return NULL;
    }

    subscription->choice = t->choice;

    /* the first is the one in use, as soon as there is one */
    if (s->request->alone && publication->live) {
        subscription->codec_count = 1;
    }

    return subscription;
}

static void
fail_to_place(struct sfu_reply_track *r, int error)
{
    sfu_reply_track_error(r,
                          error == SFU_ERR_NOMEM ? SFU_IPC_TRACK_INTERNAL
                                                 : SFU_IPC_TRACK_FAILED,
                          error == SFU_ERR_NOT_FOUND
                              ? "no m-section is free for this track"
                              : "the track cannot be sent there");
}

/* its stream goes on with what the new publication sends */
static void
swap_track(struct subscribe *s, size_t i, struct sfu_subscription *old,
           const struct sfu_publication *publication)
{
    struct sfu_reply_track *r = &s->reply->tracks[i];
    const struct sdp_section *section = sdp_negotiation_find(
        s->copy, span_str(old->mid));
    int error = place_is_taken(s, section)
                    ? SFU_ERR_NOT_FOUND
                    : sfu_subscription_may_swap(old, publication);

    if (error) {
        fail_to_place(r, error);
        return;
    }

    r->has_kind = true;
    r->kind = old->kind;
    s->swapped[i] = old;
    s->count++;
}

static void
add_track(struct subscribe *s, size_t i)
{
    const struct sfu_request_track *t = &s->request->tracks[i];
    struct sfu_reply_track *r = &s->reply->tracks[i];
    struct sfu_publication *publication = try_publication(s, t, r);
    struct sfu_subscription *subscription = place_sent_there(s, t);
    const struct sdp_section *section;
    size_t index;
    int error;

    if (publication == NULL) {
        return;
    }

    if (subscription != NULL) {
        swap_track(s, i, subscription, publication);
        return;
    }

    subscription = subscribe_to(s, publication, t, r);

    if (subscription == NULL) {
        return;
    }

    error = place_subscription(s, t, subscription, &index);

    if (error) {
        sfu_subscription_end(subscription);
        fail_to_place(r, error);
        return;
    }

    section = sdp_negotiation_at(s->copy, index);
    snprintf(subscription->mid, sizeof(subscription->mid), "%s",
             section->mid);
    r->has_kind = true;
    r->kind = subscription->kind;
    s->made[i] = subscription;
    s->count++;
}

static void
undo(struct subscribe *s)
{
    for (size_t i = 0; i < s->request->track_count; i++) {
        if (s->made[i] != NULL) {
            sfu_subscription_end(s->made[i]);
        }
    }
}

static int
fill_reply(struct subscribe *s)
{
    for (size_t i = 0; i < s->request->track_count; i++) {
        const struct sfu_subscription *sub =
            s->made[i] != NULL ? s->made[i] : s->swapped[i];

        if (sub != NULL
            && sfu_reply_set(&s->reply->tracks[i].mid, sub->mid)) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

/* the request has succeeded */
static void
finish_swaps(struct subscribe *s)
{
    for (size_t i = 0; i < s->request->track_count; i++) {
        const struct sfu_request_track *t = &s->request->tracks[i];
        struct sfu_subscription *sub = s->swapped[i];

        if (sub == NULL) {
            continue;
        }

        sub->choice = t->choice;

        if (sfu_subscription_swap(sub, find(s, t))) {
            sfu_reply_track_error(&s->reply->tracks[i],
                                  SFU_IPC_TRACK_INTERNAL, "out of memory");
        }
    }
}

static void
log_made(struct subscribe *s)
{
    for (size_t i = 0; i < s->request->track_count; i++) {
        if (s->made[i] != NULL) {
            log_info(s->session->sfu->log,
                     "session %s: track \"%s\" of %s, mid \"%s\": subscribed",
                     s->session->id, s->made[i]->name, s->made[i]->publisher,
                     s->made[i]->mid);
        }
    }
}

static void
negotiate(struct subscribe *s)
{
    int error;

    for (size_t i = 0; i < s->request->track_count; i++) {
        add_track(s, i);
    }

    if (fill_reply(s)) {
        undo(s);
        operation_no_memory(s->copy, s->reply);
        return;
    }

    if (s->request->offer != NULL) {
        error = operation_answer(s->session, s->copy, s->reply);
    } else if (s->sections) {
        error = operation_offer(s->session, s->copy, false, s->reply);
    } else if (s->count == 0) {
        error = 0;
        sdp_negotiation_destroy(s->copy);
    } else {
        /* existing transceivers only: nothing to negotiate */
        error = 0;
        sfu_session_commit(s->session, s->copy);
    }

    if (error) {
        undo(s);
        return;
    }

    finish_swaps(s);
    log_made(s);
}

enum operation_result
operation_subscribe(struct sfu_session *session,
                    const struct sfu_request *request,
                    struct sfu_reply *reply)
{
    struct subscribe s = {
        .session = session, .request = request, .reply = reply,
    };
    enum wait wait;
    int error;

    if (request->track_count == 0) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no tracks");
        return OPERATION_DONE;
    }

    wait = wait_for(&s);

    if (wait != WAIT_NOT && !request->last_chance && request->held) {
        return OPERATION_WAIT;
    }

    /* errors of the request itself are told at once, not after a wait */
    error = request->offer != NULL
                ? operation_apply_offer(session, request->offer, &s.copy,
                                        reply)
                : operation_begin(session, &s.copy, reply);

    if (error) {
        return OPERATION_DONE;
    }

    if (wait != WAIT_NOT && !request->last_chance) {
        sdp_negotiation_destroy(s.copy);
        return OPERATION_WAIT;
    }

    if (wait == WAIT_TRANSPORT) {
        sdp_negotiation_destroy(s.copy);
        sfu_reply_error(reply, SFU_IPC_ERR_NOT_CONNECTED,
                        "the session is not connected");
        return OPERATION_DONE;
    }

    s.made = calloc(request->track_count, sizeof(*s.made));
    s.swapped = calloc(request->track_count, sizeof(*s.swapped));

    if (s.made == NULL || s.swapped == NULL
        || sfu_reply_tracks(reply, request)) {
        operation_no_memory(s.copy, reply);
    } else {
        negotiate(&s);
    }

    free(s.made);
    free(s.swapped);

    return OPERATION_DONE;
}
