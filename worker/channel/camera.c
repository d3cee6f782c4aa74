/*
 * channel/camera.c - the master sends its media to us.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/camera.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "channel/audience.h"
#include "channel/errand.h"
#include "channel/mailbox.h"
#include "channel/watcher.h"
#include "sfu/session.h"
#include "sfu/stream.h"

enum {
    SOON = 100 * USEC_PER_MS,   /* media, or a viewer's turn, is waited for */
    LATER = 10 * USEC_PER_SEC,  /* sessions that are over are noticed */
    PATIENCE = 3 * USEC_PER_SEC,        /* for the last of its tracks */
    MEDIA_TIME = 15 * USEC_PER_SEC,     /* after the answer */
    OFFER_TIME = 2 * USEC_PER_SEC,      /* between offers nobody asked for */
};

static struct channel *
channel_of(struct channel_camera *camera)
{
    return container_of(camera, struct channel, camera);
}

static struct sfu_session *
session_of(const struct channel *ch, const char *id)
{
    return id[0] ? sfu_session_find(ch->channels->sfu, ch->key.app, id) : NULL;
}

/* tracks whose first packet came */
static bool
is_live(const struct sfu_session *session, bool all)
{
    size_t live = 0;
    size_t count = 0;

    list_each(node, next, &session->publications) {
        live += container_of(node, struct sfu_publication, node)->live;
        count++;
    }

    return live && (!all || live == count);
}

bool
channel_camera_is_used(const struct channel *ch)
{
    return ch->camera.current[0] || ch->camera.next[0] || ch->camera.making;
}

bool
channel_camera_is_up(const struct channel *ch)
{
    const struct sfu_session *session = session_of(ch, ch->camera.current);

    return session != NULL && session->state != SFU_SESSION_DISCONNECTED
           && ch->camera.next[0] == '\0' && !ch->camera.making;
}

bool
channel_camera_is_ready(const struct channel *ch)
{
    const struct sfu_session *session = session_of(ch, ch->camera.current);
    usec_t waited = *ch->channels->now - ch->camera.since;

    return session != NULL && is_live(session, waited < PATIENCE);
}

static void
set_current(struct channel *ch, const char *session)
{
    struct channel_camera *c = &ch->camera;

    ch->channels->figures.cameras -= c->current[0] != '\0';
    snprintf(c->current, sizeof(c->current), "%s", session);
    ch->channels->figures.cameras += c->current[0] != '\0';
}

static void
drop_next(struct channel *ch)
{
    channel_errand_end(ch, ch->camera.next);
    ch->camera.next[0] = '\0';
    ch->camera.answered = false;
}

/*
 * The stream has the channel's name, for those who watch it otherwise; not
 * when somebody else publishes under it, maybe a channel of another scope.
 */
static void
take_name(struct channel *ch, struct sfu_session *session)
{
    struct sfu_session *other = stream_find(ch->channels->sfu, ch->key.app,
                                            ch->key.name);

    if (strlen(ch->key.name) > SFU_IPC_STREAM_NAME_MAX) {
        return;
    }

    if (other != NULL && other != session) {
        log_notice(ch->channels->log, "channel \"%s\": another stream has "
                                      "this name", ch->key.name);
        return;
    }

    stream_take_name(session, ch->key.name);
}

/* viewers are moved before the session that they watched ends */
static void
promote(struct channel *ch, struct sfu_session *session)
{
    char before[SFU_IPC_SESSION_ID_LEN + 1];

    snprintf(before, sizeof(before), "%s", ch->camera.current);
    set_current(ch, ch->camera.next);
    ch->camera.next[0] = '\0';
    ch->camera.answered = false;
    log_info(ch->channels->log, "channel \"%s\": the master sends in session "
                                "%s", ch->key.name, ch->camera.current);
    channel_watchers_move(ch);

    if (session_of(ch, before) != NULL) {
        channel_errand_end(ch, before);
    }

    take_name(ch, session);
    channel_audience_serve(ch);
}

static void
look_at_next(struct channel *ch)
{
    struct channel_camera *c = &ch->camera;
    struct sfu_session *next = session_of(ch, c->next);
    usec_t waited = *ch->channels->now - c->since;

    if (c->next[0] && next == NULL) {
        drop_next(ch);
        return;
    }

    if (!c->answered) {
        return;
    }

    if (c->current[0] == '\0' || is_live(next, waited < PATIENCE)) {
        promote(ch, next);
    } else if (waited > MEDIA_TIME) {
        log_info(ch->channels->log, "channel \"%s\": the master's new session "
                                    "has no media", ch->key.name);
        drop_next(ch);
    }
}

/* somebody waits for media */
static bool
is_in_hurry(const struct channel *ch)
{
    return ch->camera.answered
           || (ch->camera.current[0] && ch->audience.count
               && !channel_camera_is_ready(ch))
           || map_find(&ch->mailboxes, span_str(CHANNEL_WORKER)) != NULL;
}

static void
look(struct timer *timer, usec_t now)
{
    struct channel *ch = channel_of(container_of(timer, struct channel_camera,
                                                 timer));

    if (session_of(ch, ch->camera.current) == NULL) {
        set_current(ch, "");
    }

    look_at_next(ch);
    channel_watchers_sweep(ch);
    channel_watchers_move(ch);
    channel_audience_serve(ch);

    if (channel_camera_is_used(ch) || ch->audience.count || is_in_hurry(ch)) {
        timer_arm(ch->channels->wheel, &ch->camera.timer,
                  now + (is_in_hurry(ch) ? SOON : LATER));
    }

    channel_settle(ch);
}

void
channel_camera_init(struct channel *ch)
{
    timer_init(&ch->camera.timer, look);
}

void
channel_camera_fini(struct channel *ch)
{
    timer_disarm(ch->channels->wheel, &ch->camera.timer);
    channel_errand_end(ch, ch->camera.current);
    set_current(ch, "");
    drop_next(ch);
}

void
channel_camera_hurry(struct channel *ch)
{
    struct timer *timer = &ch->camera.timer;
    usec_t when = *ch->channels->now + SOON;

    if (!timer_armed(timer) || timer->when > when) {
        timer_arm(ch->channels->wheel, timer, when);
    }
}

const char *
channel_camera_source(struct channel *ch)
{
    struct channel_camera *c = &ch->camera;
    struct sfu_session *session = session_of(ch, c->current);

    if (session == NULL) {
        set_current(ch, "");
    } else if (session->state != SFU_SESSION_DISCONNECTED) {
        return is_live(session, false) ? c->current : NULL;
    }

    /* its session is over, or nearly, and its WebSocket is not */
    if (c->next[0] == '\0' && ch->master != NULL
        && ch->master->mode == CHANNEL_FANOUT
        && *ch->channels->now - c->offered > OFFER_TIME) {
        channel_camera_offer(ch, false);
    }

    return NULL;
}


/* our offer: a session, what it is to receive, and to the master */

static void
offered(struct channel_errand *e)
{
    struct channel *ch = e->channel;
    struct channel_words words = {
        CHANNEL_OFFER, true, "", e->reply.offer,
    };

    ch->camera.making = false;

    /* another one was asked for meanwhile, and this one is ended */
    if (strcmp(ch->camera.next, e->session) != 0) {
        channel_camera_offer(ch, ch->camera.storage);
        return;
    }

    if (e->reply.error != NULL || e->reply.offer == NULL) {
        log_warn(ch->channels->log, "channel \"%s\": no offer to the master: "
                                    "%s", ch->key.name,
                 e->reply.error != NULL ? e->reply.detail : "");
        drop_next(ch);
        return;
    }

    if (ch->master != NULL && !ch->camera.storage) {
        words.from = ch->master->as;
    }

    if (ch->camera.storage || ch->master != NULL) {
        channel_client_reach(ch, "", &words);
    }

    channel_camera_hurry(ch);
}

static void
created(struct channel_errand *e)
{
    static const enum codec_id video[] = {
        CODEC_H264, CODEC_VP8, CODEC_VP9, CODEC_H265,
    };
    static const enum codec_id audio[] = {
        CODEC_OPUS, CODEC_PCMU, CODEC_PCMA,
    };
    struct channel *ch = e->channel;
    bool storage = ch->camera.storage;
    struct channel_errand *publish;

    ch->camera.making = false;

    if (e->reply.error != NULL) {
        log_warn(ch->channels->log, "channel \"%s\": no session for the "
                                    "master: %s", ch->key.name,
                 e->reply.detail);
        return;
    }

    drop_next(ch);
    publish = channel_errand_create(ch, SFU_REQUEST_PUBLISH, e->reply.session,
                                    offered);

    if (publish == NULL) {
        channel_errand_end(ch, e->reply.session);
        return;
    }

    snprintf(ch->camera.next, sizeof(ch->camera.next), "%s",
             e->reply.session);
    ch->camera.making = true;
    publish->tracks[0] = (struct sfu_request_track){
        .name = channel_track_name(1), .has_kind = true, .kind = MEDIA_AUDIO,
        .codecs = audio, .codec_count = storage ? 1 : 3,
    };
    publish->tracks[1] = (struct sfu_request_track){
        .name = channel_track_name(0), .has_kind = true, .kind = MEDIA_VIDEO,
        .codecs = video, .codec_count = storage ? 1 : 4,
    };
    publish->request.track_count = 2;
    channel_errand_send(publish);
}

void
channel_camera_offer(struct channel *ch, bool storage)
{
    struct channel_errand *e;

    if (ch->channels->sfu == NULL) {
        return;
    }

    ch->camera.storage = storage;
    ch->camera.offered = *ch->channels->now;
    drop_next(ch);

    if (ch->camera.making) {
        return;                 /* it goes to who is the master then */
    }

    e = channel_errand_create(ch, SFU_REQUEST_CREATE, "", created);

    if (e != NULL) {
        ch->camera.making = true;
        e->request.metadata = "channel";
        channel_errand_send(e);
    }
}


/* its answer */

static void
answered(struct channel_errand *e)
{
    struct channel *ch = e->channel;
    struct sfu_session *session = session_of(ch, e->session);
    bool video;

    if (e->reply.error != NULL || session == NULL) {
        channel_errand_refuse(e, "the session is over");
        return;
    }

    video = sfu_session_receives(session, MEDIA_VIDEO,
                                 ch->camera.storage ? CODEC_H264 : CODEC_NONE);

    if (!video
        && (ch->camera.storage
            || !sfu_session_receives(session, MEDIA_AUDIO, CODEC_NONE))) {
        if (strcmp(ch->camera.next, e->session) == 0) {
            drop_next(ch);
        }

        channel_errand_refuse(e, "no codec in common");
        return;
    }

    channel_answer(e->asker, &(struct channel_reply){ 0 });

    if (strcmp(ch->camera.next, e->session) != 0) {
        return;                 /* there is a newer offer */
    }

    ch->camera.answered = true;
    ch->camera.since = *ch->channels->now;
    look_at_next(ch);
    channel_camera_hurry(ch);
}

void
channel_camera_take(struct channel *ch, struct channel_request *r)
{
    if (ch->camera.next[0] == '\0' || ch->camera.making
        || ch->camera.answered) {
        channel_answer_error(ch->channels, r, SFU_IPC_ERR_SDP_UNACCEPTABLE,
                             "no offer of ours waits for an answer");
        return;
    }

    channel_errand_answer(ch, ch->camera.next, r, answered);
}
