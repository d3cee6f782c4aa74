/*
 * sfu/session.c - one PeerConnection, as the model sees it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "data/loop.h"
#include "sfu/mapping.h"
#include "sfu/queue.h"

const char *
sfu_session_state_name(const struct sfu_session *session)
{
    switch (session->state) {
    case SFU_SESSION_NEW:
        return "new";
    case SFU_SESSION_CONNECTING:
        return "connecting";
    case SFU_SESSION_CONNECTED:
        return "connected";
    case SFU_SESSION_DISCONNECTED:
        return "disconnected";
    }

    return "";
}

/* 0: this worker has no data channels */
static size_t
message_max(const struct sfu *sfu)
{
    return sfu->data != NULL ? sfu->data->settings->sctp.message_max : 0;
}

/* in the candidates: each address over UDP, then each over TCP */
static int
make_negotiation(struct sfu_session *session)
{
    struct sfu *sfu = session->sfu;
    const struct sfu_settings *settings = sfu->settings;
    struct media_loop *loop = &sfu->loops[session->loop];
    struct sdp_candidate candidates[2 * SFU_ANNOUNCE_MAX];
    uint64_t origin;
    size_t count = 0;
    char cname[17];

    for (int tcp = 0; tcp <= (loop->settings->tcp ? 1 : 0); tcp++) {
        for (size_t i = 0; i < settings->announce_count; i++) {
            candidates[count++] = (struct sdp_candidate){
                .address = settings->announce[i],
                .port = media_loop_port(loop),
                .tcp = tcp,
            };
        }
    }

    random_bytes(&origin, sizeof(origin));
    random_text(cname, sizeof(cname) - 1);

    return sdp_negotiation_create(&session->negotiation,
                                  &(struct sdp_local){
                                      .ufrag = session->credentials.ufrag,
                                      .pwd = session->credentials.pwd,
                                      .fingerprint = sfu->fingerprint,
                                      .cname = cname,
                                      .origin_id = origin >> 1,
                                      .candidates = candidates,
                                      .candidate_count = count,
                                      .full_ice = session->controlling,
                                      .message_max = message_max(sfu),
                                  },
                                  &settings->sdp);
}

static void
connect_timed_out(struct timer *timer, usec_t now)
{
    (void)now;
    sfu_session_end(container_of(timer, struct sfu_session, connect_timer),
                    SFU_END_unconnected, "never connected");
}

int
sfu_session_create(struct sfu *sfu, const char *app, size_t loop,
                   bool controlling, struct sfu_session **session)
{
    struct sfu_session *s = calloc(1, sizeof(*s));
    int error;

    *session = NULL;

    if (s == NULL) {
        return SFU_ERR_NOMEM;
    }

    s->sfu = sfu;
    s->loop = loop;
    s->controlling = controlling;
    s->number = sfu->next_number++;
    s->created = s->second_began = sfu->now;
    snprintf(s->app, sizeof(s->app), "%s", app);
    memcpy(s->id, sfu->worker_id, SFU_IPC_WORKER_ID_LEN);
    random_hex(s->id + SFU_IPC_WORKER_ID_LEN,
               SFU_IPC_SESSION_ID_LEN - SFU_IPC_WORKER_ID_LEN);
    ice_credentials_make(&s->credentials);
    list_init(&s->publications);
    list_init(&s->subscriptions);
    list_init(&s->queue);
    list_init(&s->in_held);
    list_init(&s->in_order);
    timer_init(&s->connect_timer, connect_timed_out);
    error = make_negotiation(s);

    if (error) {
        sdp_negotiation_destroy(s->negotiation);
        free(s);
        return error;
    }

    map_insert(&sfu->sessions, &s->by_id, span_str(s->id));
    list_append(&sfu->in_order, &s->in_order);
    map_insert(&sfu->numbers, &s->by_number,
               span_of(&s->number, sizeof(s->number)));
    timer_arm(&sfu->wheel, &s->connect_timer,
              sfu->now + sfu->settings->connect_time);
    sfu->loop_sessions[loop]++;
    sfu->figures.sessions_created++;
    *session = s;

    return 0;
}

static void
end_subscriptions(struct sfu_session *session)
{
    list_each(node, next, &session->subscriptions) {
        sfu_subscription_end(container_of(node, struct sfu_subscription,
                                          in_session));
    }
}

static void
end_publications(struct sfu_session *session)
{
    list_each(node, next, &session->publications) {
        sfu_publication_end(container_of(node, struct sfu_publication, node));
    }
}

void
sfu_session_end(struct sfu_session *session, enum sfu_session_end why,
                const char *detail)
{
    struct sfu *sfu = session->sfu;
    struct sfu_observer *observer = session->observer;

    log_info(sfu->log,
             "session %s: ended: %s (%s), %.1f s, app \"%s\"", session->id,
             sfu_session_end_name(why), detail,
             (double)(sfu->now - session->created) / USEC_PER_SEC,
             session->app);
    sfu->figures.sessions_ended[why]++;
    map_remove(&sfu->sessions, &session->by_id);
    map_remove(&sfu->numbers, &session->by_number);
    map_remove(&sfu->streams, &session->by_stream);
    list_remove(&session->in_held);
    list_remove(&session->in_order);
    timer_disarm(&sfu->wheel, &session->connect_timer);
    queue_fail(session, SFU_IPC_ERR_SESSION_GONE, "the session ended");
    end_subscriptions(session);
    end_publications(session);
    sfu_data_destroy(session->data);
    media_peer_destroy(session->peer);
    sfu->loop_sessions[session->loop]--;
    sdp_negotiation_destroy(session->negotiation);
    free(session->last_answer);
    free(session->metadata);
    free(session);

    if (observer != NULL && observer->ended != NULL) {
        observer->ended(observer);
    }
}

/*
 * A second that slides: of the one before counts what still lies in it, as
 * if its requests had come evenly.
 */
bool
sfu_session_may_ask(struct sfu_session *session)
{
    usec_t passed = session->sfu->now - session->second_began;

    if (passed >= USEC_PER_SEC) {
        session->asked_before = passed < 2 * USEC_PER_SEC ? session->asked : 0;
        session->asked = 0;
        session->second_began += passed / USEC_PER_SEC * USEC_PER_SEC;
        passed %= USEC_PER_SEC;
    }

    if (session->asked + session->asked_before
                         * (double)(USEC_PER_SEC - passed) / USEC_PER_SEC
        >= session->sfu->settings->requests_per_second) {
        return false;
    }

    session->asked++;

    return true;
}


/* what loops tell */

static void
connected(struct sfu_session *session, const struct media_event *event)
{
    struct sfu *sfu = session->sfu;
    double seconds = (double)(sfu->now - session->negotiated) / USEC_PER_SEC;

    if (session->state == SFU_SESSION_CONNECTED) {
        log_info(sfu->log, "session %s: connected anew, %s over %s from %s",
                 session->id, event->profile, event->tcp ? "tcp" : "udp",
                 event->remote);
        return;
    }

    session->state = SFU_SESSION_CONNECTED;
    timer_disarm(&sfu->wheel, &session->connect_timer);
    sfu->figures.sessions_connected++;
    sfu->figures.connect_seconds += seconds;
    log_info(sfu->log,
             "session %s: connected after %.3f s, %s over %s from %s, loop %zu",
             session->id, seconds, event->profile, event->tcp ? "tcp" : "udp",
             event->remote, session->loop);
}

static struct sfu_publication *
find_publication(struct sfu_session *session, uint64_t id)
{
    list_each(node, next, &session->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);

        if (p->id == id) {
            return p;
        }
    }

    return NULL;
}

static void
source_live(struct sfu_session *session, const struct media_event *event)
{
    struct sfu_publication *p = find_publication(session, event->source);

    if (p != NULL && !p->live) {
        p->live = true;
        p->pt = event->pt;
        log_info(session->sfu->log,
                 "session %s: track \"%s\" mid \"%s\": live, payload type %u",
                 session->id, p->name, p->mid, p->pt);
    }
}

static void
source_silent(struct sfu_session *session, const struct media_event *event)
{
    struct sfu_publication *p = find_publication(session, event->source);

    /* one that was published by name is paused */
    if (p != NULL && !p->by_name) {
        log_info(session->sfu->log,
                 "session %s: track \"%s\" mid \"%s\": no packets for %lld s",
                 session->id, p->name, p->mid,
                 (long long)(session->sfu->loops[session->loop]
                                 .settings->source_silent
                             / USEC_PER_SEC));
        sfu_publication_end(p);
    }
}

void
sfu_session_event(struct sfu_session *session, const struct media_event *event)
{
    switch (event->type) {

    case MEDIA_EVENT_CONNECTED:
        connected(session, event);
        return;

    case MEDIA_EVENT_CONSENT_LOST:
        if (session->state == SFU_SESSION_CONNECTED) {
            session->state = SFU_SESSION_DISCONNECTED;
            log_info(session->sfu->log, "session %s: disconnected",
                     session->id);
        }

        return;

    case MEDIA_EVENT_CONSENT_BACK:
        if (session->state == SFU_SESSION_DISCONNECTED) {
            session->state = SFU_SESSION_CONNECTED;
            log_info(session->sfu->log, "session %s: connected again",
                     session->id);
        }

        return;

    case MEDIA_EVENT_ENDED:
        switch (event->end) {
        case MEDIA_END_CLOSED:
            sfu_session_end(session, SFU_END_closed, "close_notify");
            return;
        case MEDIA_END_HANDSHAKE:
            sfu_session_end(session, SFU_END_handshake, "DTLS");
            return;
        case MEDIA_END_MEMORY:
            sfu_session_end(session, SFU_END_unconnected, "out of memory");
            return;
        default:
            sfu_session_end(session, SFU_END_expired, "no consent");
            return;
        }

    case MEDIA_EVENT_SOURCE_LIVE:
        source_live(session, event);
        return;

    case MEDIA_EVENT_SOURCE_SILENT:
        source_silent(session, event);
        return;

    case MEDIA_EVENT_FIGURES:
        return;
    }
}


/* descriptions */

int
sfu_session_begin(struct sfu_session *session, struct sdp_negotiation **copy)
{
    usec_t age = session->sfu->now - session->offered;
    int error = sdp_negotiation_clone(copy, session->negotiation);

    if (error) {
        return error;
    }

    if (sdp_negotiation_state(*copy) == SDP_LOCAL_OFFER
        && (session->offer_optional
            || age > session->sfu->settings->offer_expiry)) {
        error = sdp_negotiation_abandon_offer(*copy);
    }

    if (error) {
        sdp_negotiation_destroy(*copy);
        *copy = NULL;
    }

    return error;
}

int
sfu_session_follow_restart(struct sfu_session *session,
                           struct sdp_negotiation *copy)
{
    struct ice_credentials credentials;

    if (!sdp_negotiation_remote(copy)->ice_restart
        || session->state == SFU_SESSION_NEW) {
        return 0;
    }

    ice_credentials_make(&credentials);

    return sdp_negotiation_set_ice(copy, credentials.ufrag, credentials.pwd);
}

/* the description that was just committed has other credentials */
static int
restart_ice(struct sfu_session *session)
{
    const char *ufrag = sdp_negotiation_ufrag(session->negotiation);
    const char *pwd = sdp_negotiation_pwd(session->negotiation);

    if (strcmp(session->credentials.ufrag, ufrag) == 0) {
        return 0;
    }

    snprintf(session->credentials.ufrag, sizeof(session->credentials.ufrag),
             "%s", ufrag);
    snprintf(session->credentials.pwd, sizeof(session->credentials.pwd), "%s",
             pwd);
    log_info(session->sfu->log, "session %s: ICE restart", session->id);

    return media_peer_restart_ice(session->peer, &session->credentials);
}

static int
ensure_peer(struct sfu_session *session)
{
    struct media_peer_params params = {
        .session = session->number,
        .credentials = session->credentials,
        .on_event = sfu_media_event,
    };
    int error;

    if (session->peer != NULL) {
        return 0;
    }

    random_text(params.cname, 16);
    error = media_peer_create(&session->peer,
                              &session->sfu->loops[session->loop], &params);

    if (!error) {
        session->state = SFU_SESSION_CONNECTING;
        session->negotiated = session->sfu->now;
        timer_arm(&session->sfu->wheel, &session->connect_timer,
                  session->sfu->now + session->sfu->settings->connect_time);
    }

    return error;
}

static int
tell_remote(struct sfu_session *session)
{
    const struct sdp_remote *remote =
        sdp_negotiation_remote(session->negotiation);
    struct dtls_fingerprint fingerprint;
    int error;

    if (session->remote_told || !remote->known
        || remote->role == SDP_ROLE_UNDECIDED) {
        return 0;
    }

    mapping_fingerprint(&fingerprint, &remote->fingerprint);
    error = media_peer_set_remote(session->peer,
                                  remote->role == SDP_ROLE_CLIENT,
                                  &fingerprint);
    session->remote_told = !error;

    return error;
}

void
sfu_session_detach(struct sfu_session *session,
                   struct sdp_negotiation *negotiation, const char *mid)
{
    const struct sdp_section *section = sdp_negotiation_find(negotiation,
                                                             span_str(mid));

    if (section != NULL) {
        sdp_negotiation_detach(negotiation, section->index,
                               sfu_session_publication_by_mid(session, mid)
                                   != NULL);
    }
}

/* the client does not want it any more */
static void
stop_sending(struct sfu_session *session, struct sfu_subscription *sub)
{
    sfu_session_detach(session, session->negotiation, sub->mid);
    sfu_subscription_end(sub);
}

static void
follow_sections(struct sfu_session *session)
{
    struct sdp_negotiation *n = session->negotiation;

    list_each(node, next, &session->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);
        const struct sdp_section *s = sdp_negotiation_find(n,
                                                           span_str(p->mid));

        if (s == NULL || !s->alive || s->closed) {
            sfu_publication_end(p);
        } else {
            sfu_publication_follow(p, s);
        }
    }

    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *sub = container_of(node,
                                                    struct sfu_subscription,
                                                    in_session);
        const struct sdp_section *s = sdp_negotiation_find(
            n, span_str(sub->mid));

        if (s == NULL && sub->by_name && sub->sink == NULL) {
            sub->mid[0] = '\0'; /* our offer was taken back: it waits */
        } else if (s == NULL || !s->alive || s->closed || !s->has_track
                   || s->track.tag != sub->id) {
            sfu_subscription_end(sub);
        } else if (sub->by_name && !s->pending && !s->remote_receives) {
            stop_sending(session, sub);
        } else {
            sfu_subscription_follow(sub, s);
        }
    }
}

/*
 * The section is gone whose transport the others shared: some clients make
 * another one then.
 */
static bool
tag_moves(const struct sdp_negotiation *before,
          const struct sdp_negotiation *after)
{
    const struct sdp_section *a = sdp_negotiation_tagged(before);
    const struct sdp_section *b = sdp_negotiation_tagged(after);

    return a != NULL && b != NULL && strcmp(a->mid, b->mid) != 0;
}

void
sfu_session_commit(struct sfu_session *session, struct sdp_negotiation *copy)
{
    bool renews = tag_moves(session->negotiation, copy);
    struct rtp_extension_map extensions;

    sdp_negotiation_destroy(session->negotiation);
    session->negotiation = copy;
    mapping_extensions(&extensions, copy);

    if (sdp_negotiation_count(copy) == 0) {
        return;
    }

    if (ensure_peer(session) || tell_remote(session) || restart_ice(session)
        || media_peer_set_extensions(session->peer, &extensions)
        || (renews && media_peer_let_renew(session->peer))) {
        /* its timer ends it if it cannot connect; what runs goes on */
        log_error(session->sfu->log, "session %s: out of memory",
                  session->id);
        return;
    }

    follow_sections(session);
    sfu_data_follow(session);

    if (renews) {
        sfu_data_let_renew(session->data);
    }
}


struct sfu_publication *
sfu_session_publication(struct sfu_session *session, const char *name)
{
    list_each(node, next, &session->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);

        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }

    return NULL;
}

struct sfu_publication *
sfu_session_publication_by_mid(struct sfu_session *session, const char *mid)
{
    list_each(node, next, &session->publications) {
        struct sfu_publication *p = container_of(node, struct sfu_publication,
                                                 node);

        if (strcmp(p->mid, mid) == 0) {
            return p;
        }
    }

    return NULL;
}

struct sfu_subscription *
sfu_session_subscription_by_mid(struct sfu_session *session, const char *mid)
{
    list_each(node, next, &session->subscriptions) {
        struct sfu_subscription *s = container_of(node,
                                                  struct sfu_subscription,
                                                  in_session);

        if (strcmp(s->mid, mid) == 0) {
            return s;
        }
    }

    return NULL;
}
