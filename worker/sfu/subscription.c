/*
 * sfu/subscription.c - a published track sent to a session.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/subscription.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "sfu/mapping.h"
#include "sfu/session.h"

static bool
ssrc_is_used(const struct sfu_session *session, uint32_t ssrc)
{
    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *s = container_of(node,
                                                  struct sfu_subscription,
                                                  in_session);

        if (s->ssrc == ssrc || s->rtx_ssrc == ssrc) {
            return true;
        }
    }

    return ssrc == 0;
}

uint32_t
sfu_subscription_new_ssrc(const struct sfu_session *session, uint32_t other)
{
    uint32_t ssrc;

    do {
        ssrc = random_u32();
    } while (ssrc == other || ssrc_is_used(session, ssrc));

    return ssrc;
}

static bool
any_rtx(const struct sfu_subscription *s)
{
    for (size_t i = 0; i < s->codec_count; i++) {
        if (s->codecs[i].rtx_pt >= 0) {
            return true;
        }
    }

    return false;
}

struct sfu_subscription *
sfu_subscription_create(struct sfu_session *session,
                        struct sfu_publication *publication)
{
    struct sfu_subscription *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return NULL;
    }

    list_init(&s->in_publication);
    s->codecs = sfu_publication_codecs(publication, &s->codec_count);
    s->publisher = strdup(publication->session->id);
    s->name = strdup(publication->name);

    if (s->codecs == NULL || s->publisher == NULL || s->name == NULL
        || sfu_publication_use(publication, session->loop)) {
        free(s->codecs);
        free(s->publisher);
        free(s->name);
        free(s);
        return NULL;
    }

    s->session = session;
    s->publication = publication;
    s->id = session->sfu->next_number++;
    s->kind = publication->kind;
    s->ssrc = sfu_subscription_new_ssrc(session, 0);
    s->rtx_ssrc = any_rtx(s) ? sfu_subscription_new_ssrc(session, s->ssrc)
                             : 0;
    list_append(&session->subscriptions, &s->in_session);
    list_append(&publication->subscriptions, &s->in_publication);
    session->track_count++;
    session->sfu->figures.subscriptions++;

    return s;
}

void
sfu_subscription_lose(struct sfu_subscription *subscription)
{
    if (subscription->publication != NULL) {
        list_remove(&subscription->in_publication);
        subscription->publication = NULL;
    }
}

void
sfu_subscription_end(struct sfu_subscription *subscription)
{
    struct sfu_session *session = subscription->session;
    struct sfu_publication *publication = subscription->publication;

    /* the sink first: it hangs on the replica */
    media_sink_destroy(subscription->sink);

    if (publication != NULL) {
        sfu_publication_unuse(publication, session->loop);
        sfu_subscription_lose(subscription);
    }

    if (subscription->mid[0]) {
        log_info(session->sfu->log,
                 "session %s: track \"%s\" of %s, mid \"%s\": unsubscribed",
                 session->id, subscription->name, subscription->publisher,
                 subscription->mid);
    }

    list_remove(&subscription->in_session);
    session->track_count--;
    session->sfu->figures.subscriptions--;
    free(subscription->codecs);
    free(subscription->publisher);
    free(subscription->name);
    free(subscription);
}

/* RFC 8830: token characters; a name that is none stays our own business */
static bool
is_msid(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++) {
        if (name[i] <= ' ' || name[i] >= 0x7f) {
            return false;
        }
    }

    return len > 0;
}

void
sfu_subscription_track(const struct sfu_subscription *subscription,
                       struct sdp_track *track, char msid_track[32])
{
    snprintf(msid_track, 32, "t%llu", (unsigned long long)subscription->id);
    *track = (struct sdp_track){
        .kind = subscription->kind,
        .codecs = subscription->codecs,
        .codec_count = subscription->codec_count,
        .ssrc = subscription->ssrc,
        .rtx_ssrc = subscription->rtx_ssrc,
        .stream = subscription->publisher,
        .track = subscription->by_name && is_msid(subscription->name)
                     ? subscription->name
                     : msid_track,
        .tag = subscription->id,
    };
}

void
sfu_subscription_follow(struct sfu_subscription *subscription,
                        const struct sdp_section *section)
{
    struct sfu_session *session = subscription->session;
    struct media_sink_params params = {
        .id = subscription->id,
        .ssrc = subscription->ssrc,
        .rtx_ssrc = subscription->rtx_ssrc,
        .choice = subscription->choice,
    };
    int error = 0;

    if (session->peer == NULL || !section->sends) {
        return;
    }

    mapping_sink(&params, session->negotiation, section, subscription->codecs,
                 subscription->codec_count);

    if (subscription->publication != NULL) {
        params.source = subscription->publication->id;
    }

    if (subscription->sink == NULL) {
        if (subscription->publication == NULL) {
            return;
        }

        error = media_sink_create(&subscription->sink, session->peer, &params);
    }

    if (!error) {
        error = media_sink_set(subscription->sink, &params);
    }

    if (error) {
        log_error(session->sfu->log, "session %s: mid \"%s\": out of memory",
                  session->id, subscription->mid);
    }
}

/* if it is agreed already */
static void
follow_section(struct sfu_subscription *subscription)
{
    const struct sdp_section *s = sdp_negotiation_find(
        subscription->session->negotiation, span_str(subscription->mid));

    if (s != NULL && subscription->mid[0]) {
        sfu_subscription_follow(subscription, s);
    }
}

void
sfu_subscription_choose(struct sfu_subscription *subscription,
                        const struct media_choice *choice)
{
    subscription->choice = *choice;
    follow_section(subscription);
}

/* of what the section can carry, and what the subscriber has been sent */
static int
check_swap(const struct sfu_subscription *subscription,
           const struct sfu_publication *publication,
           const struct sdp_codec *codecs)
{
    const struct sdp_section *s = sdp_negotiation_find(
        subscription->session->negotiation, span_str(subscription->mid));

    if (subscription->kind != publication->kind || s == NULL
        || subscription->codecs[0].clock != codecs[0].clock
        || sdp_section_codec_like(s, &codecs[0]) == NULL) {
        return SFU_ERR_UNSUPPORTED;
    }

    return 0;
}

int
sfu_subscription_may_swap(const struct sfu_subscription *subscription,
                          const struct sfu_publication *publication)
{
    size_t count;
    struct sdp_codec *codecs = sfu_publication_codecs(publication, &count);
    int error = codecs != NULL
                    ? check_swap(subscription, publication, codecs)
                    : SFU_ERR_NOMEM;

    free(codecs);

    return error;
}

static void
take_over(struct sfu_subscription *subscription,
          struct sfu_publication *publication)
{
    struct sfu_publication *old = subscription->publication;

    sfu_subscription_lose(subscription);
    subscription->publication = publication;
    list_append(&publication->subscriptions, &subscription->in_publication);
    follow_section(subscription);

    /* the sink has left its replica by then */
    if (old != NULL) {
        sfu_publication_unuse(old, subscription->session->loop);
    }
}

int
sfu_subscription_swap(struct sfu_subscription *subscription,
                      struct sfu_publication *publication)
{
    struct sfu_session *session = subscription->session;
    size_t count = 0;
    struct sdp_codec *codecs = sfu_publication_codecs(publication, &count);
    char *publisher = strdup(publication->session->id);
    char *name = strdup(publication->name);
    int error = codecs == NULL || publisher == NULL || name == NULL
                    ? SFU_ERR_NOMEM
                    : check_swap(subscription, publication, codecs);

    if (!error) {
        error = sfu_publication_use(publication, session->loop);
    }

    if (error) {
        free(codecs);
        free(publisher);
        free(name);
        return error;
    }

    free(subscription->codecs);
    free(subscription->publisher);
    free(subscription->name);
    subscription->codecs = codecs;
    subscription->codec_count = count;
    subscription->publisher = publisher;
    subscription->name = name;
    take_over(subscription, publication);
    log_info(session->sfu->log,
             "session %s: mid \"%s\": track \"%s\" of %s now", session->id,
             subscription->mid, name, publisher);

    return 0;
}
