/*
 * sfu/binding_by_name.c - the m-section of a track that only has a name.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Clients send a mid that is none, or none at all, and put tracks on
 * sections that carried others before: what the client sends on counts, and
 * what it asked for last.
 */

#include <stdio.h>

#include "sfu/binding.h"

static bool
is_claimed(const struct publish *p, const struct sdp_section *s)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->bindings[i].section == s) {
            return true;
        }
    }

    return false;
}

static bool
sends_media(const struct sdp_section *s)
{
    return s->alive && !s->closed && s->receives;
}

static const struct sdp_section *
by_mid(const struct publish *p, const struct sfu_request_track *t)
{
    const struct sdp_section *s =
        t->mid != NULL && t->mid[0]
            ? sdp_negotiation_find(p->copy, span_str(t->mid))
            : NULL;

    return s != NULL && sends_media(s) ? s : NULL;
}

static const struct sdp_section *
by_msid(const struct publish *p, const struct sfu_request_track *t)
{
    for (size_t i = 0; i < sdp_negotiation_count(p->copy); i++) {
        const struct sdp_section *s = sdp_negotiation_at(p->copy, i);

        if (sends_media(s) && s->remote_track != NULL
            && strcmp(s->remote_track, t->name) == 0) {
            return s;
        }
    }

    return NULL;
}

/* the one that nobody has and nobody wants; NULL when there are two */
static const struct sdp_section *
left_over(const struct publish *p, const struct sfu_request_track *t)
{
    const struct sdp_section *found = NULL;

    (void)t;

    for (size_t i = 0; i < sdp_negotiation_count(p->copy); i++) {
        const struct sdp_section *s = sdp_negotiation_at(p->copy, i);

        if (!sends_media(s) || is_claimed(p, s)
            || sfu_session_publication_by_mid(p->session, s->mid) != NULL) {
            continue;
        }

        if (found != NULL) {
            return NULL;
        }

        found = s;
    }

    return found;
}

static bool
name_is_repeated(const struct publish *p, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(p->request->tracks[j].name, p->request->tracks[i].name)
            == 0) {
            return true;
        }
    }

    return false;
}

static void
bind_section(struct publish *p, size_t i, const struct sdp_section *s)
{
    const struct sfu_request_track *t = &p->request->tracks[i];
    struct sfu_publication *old = sfu_session_publication_by_mid(p->session,
                                                                 s->mid);

    if (is_claimed(p, s)) {
        sfu_reply_track_error(&p->reply->tracks[i], SFU_IPC_TRACK_REPEATED,
                              "two tracks are meant for one m-section");
        return;
    }

    p->bindings[i].section = s;
    snprintf(p->bindings[i].name, sizeof(p->bindings[i].name), "%s", t->name);

    if (old != NULL && strcmp(old->name, t->name) == 0) {
        p->bindings[i].existing = old;
    }
}

/* a section that we closed may be sent on again */
static void
reopen_used(struct publish *p)
{
    for (size_t i = 0; i < sdp_negotiation_count(p->copy); i++) {
        if (!sdp_negotiation_at(p->copy, i)->closed) {
            continue;
        }

        sdp_negotiation_reopen(p->copy, i);

        if (!sends_media(sdp_negotiation_at(p->copy, i))) {
            sdp_negotiation_close(p->copy, i);
        }
    }
}

void
binding_by_name(struct publish *p)
{
    static const struct sdp_section *(*const ways[])(
        const struct publish *p, const struct sfu_request_track *t) = {
        by_mid, by_msid, left_over,
    };

    reopen_used(p);

    for (size_t i = 0; i < p->request->track_count; i++) {
        if (name_is_repeated(p, i)) {
            sfu_reply_track_error(&p->reply->tracks[i],
                                  SFU_IPC_TRACK_REPEATED,
                                  "the name stands twice in the request");
        }
    }

    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
        for (size_t i = 0; i < p->request->track_count; i++) {
            const struct sdp_section *s =
                p->bindings[i].section == NULL
                        && p->reply->tracks[i].error == NULL
                    ? ways[way](p, &p->request->tracks[i])
                    : NULL;

            if (s != NULL) {
                bind_section(p, i, s);
            }
        }
    }

    for (size_t i = 0; i < p->request->track_count; i++) {
        if (p->bindings[i].section == NULL
            && p->reply->tracks[i].error == NULL) {
            sfu_reply_track_error(&p->reply->tracks[i], SFU_IPC_TRACK_FAILED,
                                  "no m-section sends this track");
        }
    }
}
