/*
 * sfu/fuzz_invariants.h - what holds in the model whatever was asked.
 * Copyright (C) the ngx_sfu_module authors
 *
 * For fuzz targets: everything is asserted.
 */

#ifndef SFU_SFU_FUZZ_INVARIANTS_H
#define SFU_SFU_FUZZ_INVARIANTS_H

#include <assert.h>

#include "sfu/session.h"

static inline size_t
length(const struct list *head)
{
    size_t n = 0;

    for (const struct list *node = head->next; node != head;
         node = node->next) {
        n++;
    }

    return n;
}

static inline size_t
subscribers_on(const struct sfu_publication *p, size_t loop)
{
    size_t n = 0;

    list_each(node, next, &p->subscriptions) {
        n += container_of(node, struct sfu_subscription, in_publication)
                 ->session->loop == loop;
    }

    return n;
}

static inline void
check_publication(struct sfu_session *s, struct sfu_publication *p)
{
    const struct sdp_section *section = sdp_negotiation_find(
        s->negotiation, span_str(p->mid));

    assert(section != NULL && section->alive && !section->closed);
    assert(sfu_session_publication(s, p->name) == p);
    assert(sfu_session_publication_by_mid(s, p->mid) == p);
    assert(p->session == s);

    list_each(node, next, &p->replicas) {
        struct sfu_replica *r = container_of(node, struct sfu_replica, node);

        assert(r->users > 0 && r->users == subscribers_on(p, r->loop));
    }
}

static inline void
check_subscription(struct sfu_session *s, struct sfu_subscription *sub)
{
    const struct sdp_section *section = sdp_negotiation_find(
        s->negotiation, span_str(sub->mid));

    if (sub->by_name && sub->mid[0] == '\0') {
        assert(sub->sink == NULL);      /* our offer was taken back */
        return;
    }

    assert(section != NULL && section->alive && !section->closed);
    assert(section->has_track && section->track.tag == sub->id);
    assert(section->track.ssrc == sub->ssrc);
    assert(sfu_session_subscription_by_mid(s, sub->mid) == sub);
    assert(sub->session == s && sub->codec_count > 0);

    /* read: they belong to the subscription, whoever ended */
    for (size_t i = 0; i < sub->codec_count; i++) {
        assert(strlen(sub->codecs[i].fmtp) < 8192);
    }
}

static inline void
check_session(struct sfu_session *s)
{
    enum sdp_state state = sdp_negotiation_state(s->negotiation);

    assert(state == SDP_STABLE || state == SDP_LOCAL_OFFER);
    assert(s->track_count == length(&s->publications)
                             + length(&s->subscriptions));
    assert(s->track_count <= s->sfu->settings->tracks_max);
    assert(s->queue_len == length(&s->queue));
    assert(s->queue_len <= s->sfu->settings->queue_max);
    assert(list_empty(&s->queue) == list_empty(&s->in_held));
    assert((s->peer != NULL) == (s->state != SFU_SESSION_NEW));

    list_each(node, next, &s->publications) {
        check_publication(s, container_of(node, struct sfu_publication,
                                          node));
    }

    list_each(node, next, &s->subscriptions) {
        check_subscription(s, container_of(node, struct sfu_subscription,
                                           in_session));
    }
}

/* all sessions, and the figures of the model; how many requests wait */
static inline size_t
check_model(struct sfu *sfu)
{
    size_t publications = 0, subscriptions = 0, queued = 0, in_loops = 0;

    for (struct map_entry *e = NULL;
         (e = map_next(&sfu->sessions, e)) != NULL;) {
        struct sfu_session *s = container_of(e, struct sfu_session, by_id);

        check_session(s);
        publications += length(&s->publications);
        subscriptions += length(&s->subscriptions);
        queued += s->queue_len;
    }

    for (size_t i = 0; i < sfu->loop_count; i++) {
        in_loops += sfu->loop_sessions[i];
    }

    assert(sfu->figures.publications == publications);
    assert(sfu->figures.subscriptions == subscriptions);
    assert(sfu->numbers.count == sfu->sessions.count);
    assert(in_loops == sfu->sessions.count);

    return queued;
}

#endif
