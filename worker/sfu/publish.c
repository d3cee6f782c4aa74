/*
 * sfu/publish.c - names for what a client sends.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sfu/binding.h"
#include "sfu/operation.h"

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
name_publication(struct sfu_publication *publication,
                 const struct sfu_request_track *t)
{
    if (sfu_reply_set(&publication->label, t->label)) {
        log_error(publication->session->sfu->log,
                  "session %s: track \"%s\": no memory for its label",
                  publication->session->id, publication->name);
    }
}

/* by name: who had the name, or the section, makes room */
static void
replace_publications(struct publish *p, const char *name, const char *mid)
{
    struct sfu_publication *old = sfu_session_publication(p->session, name);

    if (old != NULL) {
        sfu_publication_end(old);
    }

    old = sfu_session_publication_by_mid(p->session, mid);

    if (old != NULL) {
        sfu_publication_end(old);
    }
}

static void
create_publications(struct publish *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct sfu_reply_track *r = &p->reply->tracks[i];
        const struct sdp_section *s;
        struct sfu_publication *publication;

        if (r->error != NULL || r->mid == NULL) {
            continue;
        }

        if (p->bindings[i].existing != NULL) {
            if (p->request->by_name) {
                name_publication(p->bindings[i].existing,
                                 &p->request->tracks[i]);
            }

            continue;
        }

        if (p->request->by_name) {
            replace_publications(p, p->bindings[i].name, r->mid);
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

        publication->by_name = p->request->by_name;

        if (i < p->request->track_count) {
            name_publication(publication, &p->request->tracks[i]);
        }

        sfu_publication_follow(publication, s);
    }
}

/*
 * What the client receives on a bidirectional section comes later, by "#name"
 * and without SDP: the section says now that we send, and as whom.
 */
static int
reserve_sending(struct publish *p, size_t index)
{
    const struct sdp_section *s = sdp_negotiation_at(p->copy, index);
    struct sdp_track track = {
        .kind = s->kind == SDP_VIDEO ? MEDIA_VIDEO : MEDIA_AUDIO,
        .codecs = s->codecs,
        .codec_count = s->codec_count,
        .ssrc = sfu_subscription_new_ssrc(p->session, 0),
        .stream = p->session->id,
        .track = s->mid,
    };

    for (size_t i = 0; i < s->codec_count && !track.rtx_ssrc; i++) {
        if (s->codecs[i].rtx_pt >= 0) {
            track.rtx_ssrc = sfu_subscription_new_ssrc(p->session,
                                                       track.ssrc);
        }
    }

    return sdp_negotiation_attach(p->copy, index, &track);
}

/* of the sections that were bound; replaces them in the copy */
static int
reserve_bidirectional(struct publish *p)
{
    for (size_t i = 0; i < p->request->track_count; i++) {
        const struct sfu_reply_track *r = &p->reply->tracks[i];
        const struct sdp_section *s =
            p->request->tracks[i].bidirectional && r->mid != NULL
                ? sdp_negotiation_find(p->copy, span_str(r->mid))
                : NULL;

        if (s != NULL && s->remote_receives && !s->has_track
            && reserve_sending(p, s->index) == SFU_ERR_NOMEM) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
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

/* by name nothing is done by halves; the first error is the request's */
static bool
all_are_bound(struct publish *p)
{
    size_t added = 0;

    for (size_t i = 0; i < p->request->track_count; i++) {
        const struct sfu_reply_track *r = &p->reply->tracks[i];

        if (r->error != NULL) {
            sfu_reply_error(p->reply, r->error, r->detail);
            return false;
        }

        added += p->bindings[i].existing == NULL;
    }

    if (p->session->track_count + added
        > p->session->sfu->settings->tracks_max) {
        sfu_reply_error(p->reply, SFU_IPC_ERR_INVALID,
                        "too many tracks in this session");
        return false;
    }

    return true;
}

static enum operation_result
publish_offered(struct publish *p)
{
    /* before anything points at a section */
    reopen_sections(p);

    if (p->request->by_name) {
        binding_by_name(p);
    } else {
        binding_offered(p);
    }

    if (p->request->by_name && !all_are_bound(p)) {
        sdp_negotiation_destroy(p->copy);
        return OPERATION_DONE;
    }

    if ((p->request->discover && binding_discover(p)) || fill_reply(p)
        || reserve_bidirectional(p)) {
        operation_no_memory(p->copy, p->reply);
        return OPERATION_DONE;
    }

    if (operation_answer(p->session, p->copy, p->reply) == 0) {
        create_publications(p);
    }

    return OPERATION_DONE;
}

/* without an offer of the client's: we offer to receive */

static bool
name_stands_before(const struct publish *p, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (p->reply->tracks[j].error == NULL
            && strcmp(p->request->tracks[j].name,
                      p->request->tracks[i].name) == 0) {
            return true;
        }
    }

    return false;
}

/* the section of an offer of ours that got lost stands in the next one */
static bool
is_offered_again(const struct publish *p, const struct sfu_publication *old,
                 const struct sfu_request_track *t)
{
    const struct sdp_section *s = sdp_negotiation_find(p->copy,
                                                       span_str(old->mid));

    return s != NULL && s->lost && !s->closed && binding_kind_matches(s, t);
}

/* SFU_ERR_NOMEM, or 0 whatever became of the entry */
static int
add_section(struct publish *p, size_t i, size_t added)
{
    const struct sfu_request_track *t = &p->request->tracks[i];
    const struct sfu_session *session = p->session;
    struct sfu_reply_track *r = &p->reply->tracks[i];
    struct sfu_publication *same_name = sfu_session_publication(p->session,
                                                                t->name);
    size_t index;
    int error;

    if (!t->has_kind) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                              "without an offer a track needs its kind");
        return 0;
    }

    if (name_stands_before(p, i)
        || (same_name != NULL && !is_offered_again(p, same_name, t))) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_REPEATED,
                              "the session publishes another track under "
                              "this name");
        return 0;
    }

    r->has_kind = true;
    r->kind = t->kind;

    if (same_name != NULL) {
        p->bindings[i].existing = same_name;
        return sfu_reply_set(&r->mid, same_name->mid);
    }

    if (session->track_count + added >= session->sfu->settings->tracks_max) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                              "too many tracks in this session");
        return 0;
    }

    error = sdp_negotiation_add_receiving(p->copy, t->kind, t->codecs,
                                          t->codec_count, &index);

    if (!error && t->bidirectional) {
        error = reserve_sending(p, index);
    }

    if (error == SFU_ERR_NOMEM) {
        return error;
    }

    if (error) {
        sfu_reply_track_error(r, SFU_IPC_TRACK_FAILED,
                              "no room for another m-section");
        return 0;
    }

    snprintf(p->bindings[i].name, sizeof(p->bindings[i].name), "%s", t->name);

    return sfu_reply_set(&r->mid, sdp_negotiation_at(p->copy, index)->mid);
}

static enum operation_result
publish_by_our_offer(struct publish *p)
{
    size_t added = 0;

    for (size_t i = 0; i < p->request->track_count; i++) {
        if (add_section(p, i, added)) {
            operation_no_memory(p->copy, p->reply);
            return OPERATION_DONE;
        }

        added += p->reply->tracks[i].mid != NULL;
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

    operation_supersede(session, request);
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
