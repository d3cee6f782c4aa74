/*
 * sfu/binding.c - which m-section a track that is published belongs to.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/binding.h"

#include <stdio.h>

#include "base/error.h"
#include "base/random.h"
#include "sfu/stream.h"

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

bool
binding_kind_matches(const struct sdp_section *s,
                     const struct sfu_request_track *t)
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

        if (is_unbound(p, s) && binding_kind_matches(s, t)) {
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

    /* entries with a mid were bound before those without */
    for (size_t j = 0; j < p->request->track_count; j++) {
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

void
binding_offered(struct publish *p)
{
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
}

static bool
is_name_taken(const struct publish *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->bindings[i].section != NULL
            && strcmp(p->bindings[i].name, name) == 0) {
            return true;
        }
    }

    return sfu_session_publication(p->session, name) != NULL;
}

/* a stream's tracks are known by their kind, others by what we tell */
static void
name_discovered(struct publish *p, const struct sdp_section *s)
{
    enum media_kind kind = s->kind == SDP_VIDEO ? MEDIA_VIDEO : MEDIA_AUDIO;
    char name[SFU_IPC_TRACK_NAME_MAX + 1];
    size_t nth = 1;

    if (!p->session->named) {
        random_hex(p->bindings[p->count].name, 32);
        return;
    }

    do {
        stream_track_name(name, kind, nth++);
    } while (is_name_taken(p, name));

    memcpy(p->bindings[p->count].name, name, sizeof(name));
}

int
binding_discover(struct publish *p)
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

        name_discovered(p, s);
        p->bindings[p->count].section = s;

        if (sfu_reply_set(&r->name, p->bindings[p->count].name)) {
            return SFU_ERR_NOMEM;
        }

        p->count++;
    }

    return 0;
}
