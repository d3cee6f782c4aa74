/*
 * sfu/place.c - on which m-section a subscribed track is sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/place.h"

#include "base/error.h"

/* "#name" is the transceiver that carries the local, or remote, track */
static const struct sdp_section *
named_section(struct subscribe *s, const char *mid)
{
    struct sfu_publication *p;

    if (mid[0] != '#') {
        return sdp_negotiation_find(s->copy, span_str(mid));
    }

    p = sfu_session_publication(s->session, mid + 1);

    if (p != NULL) {
        return sdp_negotiation_find(s->copy, span_str(p->mid));
    }

    list_each(node, next, &s->session->subscriptions) {
        struct sfu_subscription *other = container_of(
            node, struct sfu_subscription, in_session);

        if (strcmp(other->name, mid + 1) == 0 && other->mid[0]) {
            return sdp_negotiation_find(s->copy, span_str(other->mid));
        }
    }

    return NULL;
}

/* a section of the client's offer on which it wants to receive this kind */
static const struct sdp_section *
free_section(struct subscribe *s, enum media_kind kind)
{
    for (size_t i = 0; i < sdp_negotiation_count(s->copy); i++) {
        const struct sdp_section *section = sdp_negotiation_at(s->copy, i);

        if (section->alive && !section->closed && section->remote_receives
            && (!section->has_track || section->track.tag == 0)
            && (kind == MEDIA_VIDEO) == (section->kind == SDP_VIDEO)) {
            return section;
        }
    }

    return NULL;
}

bool
place_is_taken(const struct subscribe *s, const struct sdp_section *section)
{
    for (size_t i = 0; i < s->request->track_count; i++) {
        if ((s->made[i] != NULL
             && strcmp(s->made[i]->mid, section->mid) == 0)
            || (s->swapped[i] != NULL
                && strcmp(s->swapped[i]->mid, section->mid) == 0)) {
            return true;
        }
    }

    return false;
}

/*
 * The client knows a section that was published as bidirectional by its
 * SSRCs, under which nothing was sent so far.
 */
static void
take_reserved(struct sfu_subscription *subscription,
              const struct sdp_section *section)
{
    if (section->has_track && section->track.tag == 0) {
        subscription->ssrc = section->track.ssrc;
        subscription->rtx_ssrc = section->track.rtx_ssrc;
    }
}

int
place_subscription(struct subscribe *s, const struct sfu_request_track *t,
                   struct sfu_subscription *subscription, size_t *index)
{
    const struct sdp_section *section = NULL;
    struct sdp_track track;
    char msid_track[32];
    int error;

    if (t->mid != NULL && t->mid[0]) {
        section = named_section(s, t->mid);

        if (section == NULL || place_is_taken(s, section)) {
            return SFU_ERR_NOT_FOUND;
        }
    } else if (s->request->offer != NULL) {
        section = free_section(s, subscription->kind);

        if (section == NULL) {
            return SFU_ERR_NOT_FOUND;
        }
    }

    if (section != NULL) {
        take_reserved(subscription, section);
    }

    sfu_subscription_track(subscription, &track, msid_track);
    track.alone = s->request->alone;

    if (section != NULL) {
        *index = section->index;
        return sdp_negotiation_attach(s->copy, section->index, &track);
    }

    error = sdp_negotiation_add_sending(s->copy, &track, index);
    s->sections += !error;

    return error;
}

struct sfu_subscription *
place_sent_there(struct subscribe *s, const struct sfu_request_track *t)
{
    const struct sdp_section *section =
        t->mid != NULL && t->mid[0] ? named_section(s, t->mid) : NULL;

    return section != NULL && section->sends && section->track.tag != 0
               ? sfu_session_subscription_by_mid(s->session, section->mid)
               : NULL;
}
