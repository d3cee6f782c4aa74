/*
 * channel/audience.c - viewers whose master is the worker.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/audience.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "channel/errand.h"
#include "channel/mailbox.h"
#include "channel/watcher.h"

enum { CROWDED_TIME = 500 * USEC_PER_MS };

/* OFFER: the viewer's; ANSWER: it wants to give one, to an offer of ours */
static int
wait_for_turn(struct channel *ch, const struct channel_words *words)
{
    int error;

    channel_errands_outdate(ch, words->from);
    error = channel_mailbox_put(ch, CHANNEL_WORKER, words,
                                *ch->channels->now
                                    + (usec_t)ch->ttl * USEC_PER_SEC);

    if (!error) {
        channel_audience_serve(ch);
    }

    return error;
}

int
channel_audience_offer(struct channel *ch, const char *viewer,
                       const char *sdp)
{
    struct channel_words words = { CHANNEL_OFFER, true, viewer, sdp };

    return wait_for_turn(ch, &words);
}

int
channel_audience_invite(struct channel *ch, const char *viewer)
{
    struct channel_words words = { CHANNEL_ANSWER, true, viewer, "" };

    return wait_for_turn(ch, &words);
}


/* what became of it */

static void
refused(struct channel_errand *e)
{
    struct channel *ch = e->channel;
    struct channel_client *viewer = channel_client_find(ch, e->viewer);
    struct feed_member member = feed_text("detail", e->reply.detail);

    log_info(ch->channels->log, "channel \"%s\": viewer \"%s\" is refused: "
                                "%s (%s)", ch->key.name, e->viewer,
             e->reply.error != NULL ? e->reply.error : "",
             e->reply.detail != NULL ? e->reply.detail : "");

    if (viewer != NULL) {
        feed_connection_tell(viewer->connection, SFU_IPC_EVENT_REFUSED,
                             &member, 1);
    }
}

/* many join at once, or the worker is full */
static bool
is_crowded(const struct sfu_reply *reply)
{
    return reply->error != NULL
           && strcmp(reply->error, SFU_IPC_ERR_LIMIT) == 0;
}

/* the camera has sent nothing yet, or went away */
static bool
may_come_yet(const struct sfu_reply *reply)
{
    if (reply->error != NULL
        && strcmp(reply->error, SFU_IPC_ERR_STREAM_NOT_FOUND) != 0) {
        return false;
    }

    for (size_t i = 0; i < reply->track_count; i++) {
        const char *error = reply->tracks[i].error;

        if (error != NULL
            && (strcmp(error, SFU_IPC_TRACK_SILENT) == 0
                || strcmp(error, SFU_IPC_TRACK_NOT_FOUND) == 0)) {
            return true;
        }
    }

    return reply->track_count == 0;
}

/* back into the mailbox, unless the viewer has said something newer */
static void
failed(struct channel_errand *e, enum channel_kind kind)
{
    struct channel *ch = e->channel;
    struct channel_words words = {
        kind, true, e->viewer, e->sdp != NULL ? e->sdp : "",
    };

    channel_errand_end(ch, e->session);

    if (e->stale) {
        return;
    }

    if (is_crowded(&e->reply)) {
        ch->crowded = *ch->channels->now + CROWDED_TIME;
    } else if (!may_come_yet(&e->reply)) {
        refused(e);
        return;
    }

    if (e->expires <= *ch->channels->now) {
        refused(e);
        return;
    }

    if (!channel_mailbox_has(ch, CHANNEL_WORKER, e->viewer)) {
        channel_mailbox_put(ch, CHANNEL_WORKER, &words, e->expires);
        channel_camera_hurry(ch);
    }
}

/*
 * An offer of ours may wait for a viewer, an answer may not: a page that was
 * loaded again would take it for that to its next offer.
 */
static void
succeeded(struct channel_errand *e, const char *session,
          const struct channel_words *words)
{
    struct channel *ch = e->channel;
    const struct channel_client *viewer = channel_client_find(ch, e->viewer);
    bool late = words->kind == CHANNEL_ANSWER
                && (viewer == NULL || viewer->mode != CHANNEL_FANOUT);

    if (e->stale || late || channel_watcher_keep(e, session)) {
        channel_errand_end(ch, session);
        return;
    }

    channel_client_reach(ch, e->viewer, words);
    channel_watchers_move(ch);
}

static void
watched(struct channel_errand *e)
{
    struct channel_words words = { CHANNEL_ANSWER, true, "", e->reply.answer };

    if (e->reply.error != NULL || e->reply.answer == NULL) {
        failed(e, CHANNEL_OFFER);
        return;
    }

    succeeded(e, e->reply.session, &words);
}

static void
subscribed(struct channel_errand *e)
{
    struct channel_words words = { CHANNEL_OFFER, true, "", e->reply.offer };

    if (e->reply.error != NULL || e->reply.offer == NULL) {
        failed(e, CHANNEL_ANSWER);
        return;
    }

    succeeded(e, e->session, &words);
}


/* asked for */

static struct channel_errand *
errand_for(struct channel *ch, enum sfu_request_type type, const char *session,
           const char *source, const char *viewer, usec_t expires,
           void (*finished)(struct channel_errand *))
{
    struct channel_errand *e = channel_errand_create(ch, type, session,
                                                     finished);

    if (e != NULL) {
        snprintf(e->source, sizeof(e->source), "%s", source);
        snprintf(e->viewer, sizeof(e->viewer), "%s", viewer);
        e->expires = expires;
        e->request.alone = true;
    }

    return e;
}

static void
want_tracks(struct channel_errand *e)
{
    for (int i = 0; i < ERRAND_TRACKS; i++) {
        e->tracks[i].publisher = e->source;
        e->tracks[i].name = channel_track_name(i);
    }

    e->request.track_count = ERRAND_TRACKS;
}

/* a session for one who wants an offer: now what it is offered */
static void
created(struct channel_errand *e)
{
    struct channel_errand *subscribe;

    if (e->reply.error != NULL) {
        failed(e, CHANNEL_ANSWER);
        return;
    }

    subscribe = e->stale ? NULL
                         : errand_for(e->channel, SFU_REQUEST_SUBSCRIBE,
                                      e->reply.session, e->source, e->viewer,
                                      e->expires, subscribed);

    if (subscribe == NULL) {
        channel_errand_end(e->channel, e->reply.session);
        return;
    }

    want_tracks(subscribe);
    channel_errand_send(subscribe);
}

static void
serve_one(struct channel *ch, const struct channel_message *m,
          const char *source)
{
    bool offers = m->words.kind == CHANNEL_OFFER;
    struct channel_errand *e = errand_for(ch, SFU_REQUEST_CREATE, "", source,
                                          m->words.from, m->expires,
                                          offers ? watched : created);

    if (e == NULL) {
        return;
    }

    if (offers) {
        if (channel_errand_say(e, m->words.payload)) {
            channel_errand_destroy(e);
            return;
        }

        e->request.offer = e->sdp;
        e->request.watch = e->source;
    }

    channel_errand_send(e);
}

void
channel_audience_serve(struct channel *ch)
{
    char source[SFU_IPC_SESSION_ID_LEN + 1];
    struct channel_message *m;
    const char *id;

    if (map_find(&ch->mailboxes, span_str(CHANNEL_WORKER)) == NULL) {
        return;
    }

    id = ch->crowded <= *ch->channels->now ? channel_camera_source(ch) : NULL;

    if (id == NULL) {
        channel_camera_hurry(ch);
        return;
    }

    snprintf(source, sizeof(source), "%s", id);

    while ((m = channel_mailbox_take(ch, CHANNEL_WORKER)) != NULL) {
        serve_one(ch, m, source);
        free(m);
    }
}


/* the answer of one who was invited */

static void
answered(struct channel_errand *e)
{
    if (e->reply.error == NULL) {
        channel_answer(e->asker, &(struct channel_reply){ 0 });
        return;
    }

    channel_errand_refuse(e, e->reply.detail);
}

void
channel_audience_take(struct channel_client *client,
                      struct channel_request *r)
{
    struct channel *ch = client->channel;
    struct channel_watcher *w = channel_watcher_find(ch, client->id);

    if (w == NULL) {
        channel_answer_error(ch->channels, r, SFU_IPC_ERR_SDP_UNACCEPTABLE,
                             "no offer of ours waits for an answer");
        return;
    }

    channel_errand_answer(ch, w->session, r, answered);
}
