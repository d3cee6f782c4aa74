/*
 * sfu/publish.c - names for what a client sends.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "sfu/operation.h"

/* what an entry of the request became; nothing is changed before the commit */
struct binding {
    const struct sdp_section *section;  /* NULL: failed */
    struct sfu_publication *existing;
    char name[SFU_IPC_TRACK_NAME_MAX + 1];
};

struct publish {
    struct sfu_session *session;
    const struct sfu_request *request;
    struct sfu_reply *reply;
    struct sdp_negotiation *copy;
    struct binding *bindings;
    size_t count;
};

static bool
taken_in_this_request(const struct publish *p, const struct sdp_section *s)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->bindings[i].section == s) {
            return true;
        }
    }

    return false;
}

/* a section that sends, is open, and has no name yet */
static bool
is_unbound(const struct publish *p, const struct sdp_section *s)
{
    return s->alive && !s->closed && s->receives
           && sfu_session_publication_by_mid(p->session, s->mid) == NULL
           && !taken_in_this_request(p, s);
}

static bool
kind_matches(const struct sdp_section *s, const struct sfu_request_track *t)
{
    return !t->has_kind
           || (t->kind == MEDIA_VIDEO) == (s->kind == SDP_VIDEO);
}

/*
 * An entry without a mid: the section whose msid is the name, or the first
 * that is free.
 */
static const struct sdp_section *
guess_section(const struct publish *p, const struct sfu_request_track *t)
{
    size_t count = sdp_negotiation_count(p->copy);

    for (size_t i = 0; i < count; i++) {
        const struct sdp_section *s = sdp_negotiation_at(p->copy, i);

        if (is_unbound(p, s) && s->remote_track != NULL
            && strcmp(s->remote_track, t->name) == 0) {
            return s;
        }
    }

    for (size_t i = 0; i < count; i++) {
        const struct sdp_section *s = sdp_negotiation_at(p->copy, i);

        if (is_unbound(p, s) && kind_matches(s, t)) {
            return s;
        }
    }

    return NULL;
}

/* whether a publication of that name lives on in what was offered */
static bool
lives_on(const struct publish *p, const struct sfu_publication *publication)
{
    const struct sdp_section *s = sdp_negotiation_find(
        p->copy, span_str(publication->mid));

    return s != NULL && s->alive && !s->closed;
}

static void
bind_section(struct publish *p, size_t i, const struct sdp_section *s)
{
    const struct sfu_request_track *t = &p->request->tracks[i];
    struct sfu_reply_track *r = &p->reply->tracks[i];
    struct sfu_publication *same_name = sfu_session_publication(p->session,
                                                                t->name);
    struct sfu_publication *same_mid =
        sfu_session_publication_by_mid(p->session, s->mid);

    if (same_mid != NULL && same_mid == same_name) {
        p->bindings[i].section = s;     /* said again: its reply was lost */
        p->bindings[i].existing = same_mid;
        return;
    }

    if (same_name != NULL && lives_on(p, same_name)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_REPEATED,
                              "the session publishes another track under "
                              "this name");
        return;
    }

    if (same_mid != NULL || taken_in_this_request(p, s)) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                              "the m-section is published under another "
                              "name");
        return;
    }

    for (size_t j = 0; j < i; j++) {
        if (p->bindings[j].section != NULL
            && strcmp(p->bindings[j].name, t->name) == 0) {
            sfu_reply_track_error(r, SFU_IPC_TRACK_REPEATED,
                                  "the name stands twice in the request");
            return;
        }
    }

    p->bindings[i].section = s;
    snprintf(p->bindings[i].name, sizeof(p->bindings[i].name), "%s", t->name);
}

static void
bind_by_mid(struct publish *p, size_t i)
{
    const struct sfu_request_track *t = &p->request->tracks[i];
    const struct sdp_section *s = sdp_negotiation_find(p->copy,
                                                       span_str(t->mid));

    if (s == NULL || !s->alive || !s->receives
        || (s->kind != SDP_AUDIO && s->kind != SDP_VIDEO)) {
        sfu_reply_track_error(&p->reply->tracks[i], SFU_IPC_TRACK_FAILED,
                              s == NULL ? "no m-section has this mid"
                                        : "the m-section sends no media that "
                                          "can be forwarded");
        return;
    }

    bind_section(p, i, s);
}

static void
bind_without_mid(struct publish *p, size_t i)
{
    const struct sfu_request_track *t = &p->request->tracks[i];
    struct sfu_publication *existing = sfu_session_publication(p->session,
                                                               t->name);
    const struct sdp_section *s = existing != NULL && lives_on(p, existing)
                                  ? sdp_negotiation_find(
                                        p->copy, span_str(existing->mid))
                                  : guess_section(p, t);

    if (s == NULL) {
        sfu_reply_track_error(&p->reply->tracks[i], SFU_IPC_TRACK_FAILED,
                              "no m-section is left for this track");
        return;
    }

    bind_section(p, i, s);
}

/* every sending section without a name is given one */
static int
discover(struct publish *p)
{
    for (size_t i = 0; i < sdp_negotiation_count(p->copy); i++) {
        const struct sdp_section *s = sdp_negotiation_at(p->copy, i);
        struct sfu_reply_track *r;

        if (!is_unbound(p, s) || p->count == SFU_IPC_TRACKS_MAX) {
            continue;
        }

        r = sfu_reply_add(p->reply);

        if (r == NULL) {
            return SFU_ERR_NOMEM;
        }

        random_hex(p->bindings[p->count].name, 32);
        p->bindings[p->count].section = s;

        if (sfu_reply_set(&r->name, p->bindings[p->count].name)) {
            return SFU_ERR_NOMEM;
        }

        p->count++;
    }

    return 0;
}

/* mids by the copy's sections, which move when the copy is worked on */
static int
fill_reply(struct publish *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct sdp_section *s = p->bindings[i].section;
        struct sfu_reply_track *r = &p->reply->tracks[i];

        if (s == NULL) {
            continue;
        }

        r->has_kind = true;
        r->kind = s->kind == SDP_VIDEO ? MEDIA_VIDEO : MEDIA_AUDIO;

        if (sfu_reply_set(&r->mid, s->mid)) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

/* the sections are in the session now: what was bound becomes a track */
static void
create_publications(struct publish *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct sfu_reply_track *r = &p->reply->tracks[i];
        const struct sdp_section *s;
        struct sfu_publication *publication;

        if (r->error != NULL || r->mid == NULL
            || p->bindings[i].existing != NULL) {
            continue;
        }

        s = sdp_negotiation_find(p->session->negotiation, span_str(r->mid));

        if (p->session->track_count >= p->session->sfu->settings->tracks_max) {
            sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                                  "too many tracks in this session");
            continue;
        }

        publication = sfu_publication_create(p->session, p->bindings[i].name,
                                             s);

        if (publication == NULL) {
            sfu_reply_track_error(r, SFU_IPC_TRACK_INTERNAL, "out of memory");
            continue;
        }

        sfu_publication_follow(publication, s);
    }
}

/* an m-section that was closed by force is published again */
static void
reopen_sections(struct publish *p)
{
    for (size_t i = 0; i < p->request->track_count; i++) {
        const char *mid = p->request->tracks[i].mid;
        const struct sdp_section *s =
            mid != NULL ? sdp_negotiation_find(p->copy, span_str(mid)) : NULL;

        if (s != NULL && s->alive && s->closed) {
            sdp_negotiation_reopen(p->copy, s->index);
        }
    }
}

static enum operation_result
publish_offered(struct publish *p)
{
    /* before anything points at a section */
    reopen_sections(p);

    /* entries that say where they belong come first */
    for (size_t i = 0; i < p->request->track_count; i++) {
        if (p->request->tracks[i].mid != NULL) {
            bind_by_mid(p, i);
        }
    }

    for (size_t i = 0; i < p->request->track_count; i++) {
        if (p->request->tracks[i].mid == NULL) {
            bind_without_mid(p, i);
        }
    }

    if ((p->request->discover && discover(p)) || fill_reply(p)) {
        operation_no_memory(p->copy, p->reply);
        return OPERATION_DONE;
    }

    if (operation_answer(p->session, p->copy, p->reply) == 0) {
        create_publications(p);
    }

    return OPERATION_DONE;
}

/* without an offer of the client's: we offer to receive */
static enum operation_result
publish_by_our_offer(struct publish *p)
{
    size_t added = 0;
    size_t index;

    for (size_t i = 0; i < p->request->track_count; i++) {
        const struct sfu_request_track *t = &p->request->tracks[i];
        struct sfu_reply_track *r = &p->reply->tracks[i];
        int error;

        if (!t->has_kind) {
            sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                                  "without an offer a track needs its kind");
            continue;
        }

        if (sfu_session_publication(p->session, t->name) != NULL) {
            sfu_reply_track_error(r, SFU_IPC_TRACK_REPEATED,
                                  "the session publishes another track under "
                                  "this name");
            continue;
        }

        error = sdp_negotiation_add_receiving(p->copy, t->kind, &index);

        if (error == SFU_ERR_NOMEM) {
            operation_no_memory(p->copy, p->reply);
            return OPERATION_DONE;
        }

        if (error) {
            sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                                  "no room for another m-section");
            continue;
        }

        r->has_kind = true;
        r->kind = t->kind;
        snprintf(p->bindings[i].name, sizeof(p->bindings[i].name), "%s",
                 t->name);
        added++;

        if (sfu_reply_set(&r->mid, sdp_negotiation_at(p->copy, index)->mid)) {
            operation_no_memory(p->copy, p->reply);
            return OPERATION_DONE;
        }
    }

    if (added == 0) {
        sdp_negotiation_destroy(p->copy);
        return OPERATION_DONE;
    }

    if (operation_offer(p->session, p->copy, false, p->reply) == 0) {
        create_publications(p);
    }

    return OPERATION_DONE;
}

enum operation_result
operation_publish(struct sfu_session *session,
                  const struct sfu_request *request, struct sfu_reply *reply)
{
    struct publish p = {
        .session = session, .request = request, .reply = reply,
        .count = request->track_count,
    };
    enum operation_result result = OPERATION_DONE;
    int error;

    if (request->track_count == 0
        && (!request->discover || request->offer == NULL)) {
        sfu_reply_error(reply, SFU_IPC_ERR_INVALID, "no tracks");
        return OPERATION_DONE;
    }

    /* discovery names at most so many */
    p.bindings = calloc(SFU_IPC_TRACKS_MAX + request->track_count,
                        sizeof(*p.bindings));

    if (p.bindings == NULL || sfu_reply_tracks(reply, request)) {
        operation_no_memory(NULL, reply);
        free(p.bindings);
        return OPERATION_DONE;
    }

    error = request->offer != NULL
                ? operation_apply_offer(session, request->offer, &p.copy,
                                        reply)
                : operation_begin(session, &p.copy, reply);

    if (!error) {
        result = request->offer != NULL ? publish_offered(&p)
                                        : publish_by_our_offer(&p);
    }

    free(p.bindings);

    return result;
}
