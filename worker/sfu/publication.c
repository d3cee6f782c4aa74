/*
 * sfu/publication.c - a track that a session sends, under a name.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/publication.h"

#include <stdlib.h>

#include "base/error.h"
#include "sfu/mapping.h"
#include "sfu/session.h"

struct sfu_publication *
sfu_publication_create(struct sfu_session *session, const char *name,
                       const struct sdp_section *s)
{
    struct sfu *sfu = session->sfu;
    struct sfu_publication *p = calloc(1, sizeof(*p));

    if (p == NULL || (p->name = strdup(name)) == NULL) {
        free(p);
        return NULL;
    }

    p->session = session;
    p->id = sfu->next_number++;
    p->kind = s->kind == SDP_VIDEO ? MEDIA_VIDEO : MEDIA_AUDIO;
    p->since = sfu->now;
    snprintf(p->mid, sizeof(p->mid), "%s", s->mid);
    list_init(&p->subscriptions);
    list_init(&p->replicas);
    list_append(&session->publications, &p->node);
    session->track_count++;
    sfu->figures.publications++;
    log_info(sfu->log, "session %s: track \"%s\" mid \"%s\": %s published",
             session->id, p->name, p->mid,
             p->kind == MEDIA_VIDEO ? "video" : "audio");

    return p;
}

static void
destroy_replica(struct sfu_replica *r)
{
    for (size_t i = 0; i < MEDIA_LAYERS_MAX; i++) {
        media_replica_destroy(r->handles[i]);
    }

    list_remove(&r->node);
    free(r);
}

void
sfu_publication_end(struct sfu_publication *publication)
{
    struct sfu_session *session = publication->session;

    list_each(node, next, &publication->subscriptions) {
        sfu_subscription_lose(container_of(node, struct sfu_subscription,
                                           in_publication));
    }

    list_each(node, next, &publication->replicas) {
        destroy_replica(container_of(node, struct sfu_replica, node));
    }

    log_info(session->sfu->log, "session %s: track \"%s\" mid \"%s\": ended",
             session->id, publication->name, publication->mid);

    for (size_t i = 0; i < publication->encoding_count; i++) {
        media_source_destroy(publication->encodings[i].source);
    }

    list_remove(&publication->node);
    session->sfu->retry = true;
    session->track_count--;
    session->sfu->figures.publications--;
    free(publication->name);
    free(publication->label);
    free(publication);
}

/* the encoding of this rid, new if there was none; NULL: there are too many */
static struct sfu_encoding *
encoding(struct sfu_publication *p, const char *rid)
{
    struct sfu_encoding *e;

    for (size_t i = 0; i < p->encoding_count; i++) {
        if (strcmp(p->encodings[i].rid, rid) == 0) {
            return &p->encodings[i];
        }
    }

    if (p->encoding_count == MEDIA_LAYERS_MAX) {
        return NULL;
    }

    e = &p->encodings[p->encoding_count];
    e->id = p->encoding_count++ ? p->session->sfu->next_number++ : p->id;
    snprintf(e->rid, sizeof(e->rid), "%s", rid);

    return e;
}

/* replicas that were there before the encoding are given one, too */
static int
follow_replicas(struct sfu_publication *p, const struct sfu_encoding *e,
                const struct media_source_params *params)
{
    size_t i = (size_t)(e - p->encodings);
    int error = 0;

    list_each(node, next, &p->replicas) {
        struct sfu_replica *r = container_of(node, struct sfu_replica, node);

        if (!error) {
            error = r->handles[i] != NULL
                        ? media_source_set(r->handles[i], params)
                        : media_replica_create(
                              &r->handles[i], e->source,
                              &p->session->sfu->loops[r->loop]);
        }
    }

    return error;
}

static int
follow_encoding(struct sfu_publication *p, struct sfu_encoding *e,
                struct media_source_params *params)
{
    int error;

    params->id = e->id;
    params->group = p->id;
    error = e->source == NULL
                ? media_source_create(&e->source, p->session->peer, params)
                : media_source_set(e->source, params);

    return error ? error : follow_replicas(p, e, params);
}

/* simulcast, or one encoding without a name */
static int
follow_encodings(struct sfu_publication *p, const struct sdp_section *section,
                 struct media_source_params *params)
{
    int error = 0;

    mapping_source(params, p->session->negotiation, section);

    if (section->layer_count == 0) {
        /* a client that stops to offer rids sends one of them */
        return follow_encoding(p, p->encoding_count ? &p->encodings[0]
                                                    : encoding(p, ""), params);
    }

    for (size_t i = 0; i < section->layer_count && !error; i++) {
        struct sfu_encoding *e = encoding(p, section->layers[i].rid);

        if (e != NULL) {
            mapping_layer(params, &section->layers[i]);
            error = follow_encoding(p, e, params);
        }
    }

    return error;
}

void
sfu_publication_follow(struct sfu_publication *publication,
                       const struct sdp_section *section)
{
    struct sfu_session *session = publication->session;
    struct media_source_params *params;

    if (!section->receives || session->peer == NULL) {
        return;
    }

    params = calloc(1, sizeof(*params));

    if (params == NULL
        || follow_encodings(publication, section, params)) {
        log_error(session->sfu->log, "session %s: track \"%s\": out of memory",
                  session->id, publication->name);
    }

    free(params);
}

static struct sfu_replica *
find_replica(struct sfu_publication *publication, size_t loop)
{
    list_each(node, next, &publication->replicas) {
        struct sfu_replica *r = container_of(node, struct sfu_replica, node);

        if (r->loop == loop) {
            return r;
        }
    }

    return NULL;
}

int
sfu_publication_use(struct sfu_publication *publication, size_t loop)
{
    struct sfu *sfu = publication->session->sfu;
    struct sfu_replica *r;

    if (loop == publication->session->loop) {
        return 0;
    }

    r = find_replica(publication, loop);

    if (r == NULL) {
        r = calloc(1, sizeof(*r));

        if (r == NULL) {
            return SFU_ERR_NOMEM;
        }

        r->loop = loop;
        list_append(&publication->replicas, &r->node);

        for (size_t i = 0; i < publication->encoding_count; i++) {
            struct sfu_encoding *e = &publication->encodings[i];

            if (e->source != NULL
                && media_replica_create(&r->handles[i], e->source,
                                        &sfu->loops[loop])) {
                destroy_replica(r);
                return SFU_ERR_NOMEM;
            }
        }
    }

    r->users++;

    return 0;
}

void
sfu_publication_unuse(struct sfu_publication *publication, size_t loop)
{
    struct sfu_replica *r = find_replica(publication, loop);

    if (r != NULL && --r->users == 0) {
        destroy_replica(r);
    }
}

/* one block: the codecs, then their parameters */
static struct sdp_codec *
allocate_codecs(const struct sdp_section *s, char **text)
{
    size_t size = s->codec_count * sizeof(struct sdp_codec);
    size_t text_size = 0;
    struct sdp_codec *codecs;

    for (size_t i = 0; i < s->codec_count; i++) {
        text_size += strlen(s->codecs[i].fmtp) + 1;
    }

    codecs = calloc(1, size + text_size);
    *text = (char *)codecs + size;

    return codecs;
}

struct sdp_codec *
sfu_publication_codecs(const struct sfu_publication *p, size_t *count)
{
    const struct sdp_section *s = sdp_negotiation_find(
        p->session->negotiation, span_str(p->mid));
    struct sdp_codec *codecs;
    char *text;
    size_t n = 0;

    if (s == NULL || s->codec_count == 0) {
        return NULL;
    }

    codecs = allocate_codecs(s, &text);

    if (codecs == NULL) {
        return NULL;
    }

    for (int first = 1; first >= 0; first--) {
        for (size_t i = 0; i < s->codec_count; i++) {
            bool in_use = p->live && s->codecs[i].pt == p->pt;

            if (in_use == (first == 1)) {
                codecs[n] = s->codecs[i];
                codecs[n++].fmtp = text;
                text = stpcpy(text, s->codecs[i].fmtp) + 1;
            }
        }
    }

    *count = n;

    return codecs;
}
