/*
 * room/consumer.c - what one participant sees of another.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "room/consumer.h"

#include <stdlib.h>

#include "room/member.h"
#include "sfu/create.h"
#include "sfu/operation.h"

static struct room_consumer *
find(const struct room_member *viewer, const struct room_member *subject)
{
    list_each(node, next, &viewer->media.seen) {
        struct room_consumer *c = container_of(node, struct room_consumer,
                                               in_viewer);

        if (c->subject == subject) {
            return c;
        }
    }

    return NULL;
}

static void
session_ended(struct sfu_observer *observer)
{
    struct room_consumer *c = container_of(observer, struct room_consumer,
                                           observer);

    c->session = NULL;
    c->offered = c->stale = false;
}

static struct room_consumer *
create(struct room_member *viewer, struct room_member *subject)
{
    struct room_consumer *c = calloc(1, sizeof(*c));

    if (c != NULL) {
        c->viewer = viewer;
        c->subject = subject;
        c->over = viewer->connections;
        c->observer.ended = session_ended;
        list_append(&viewer->media.seen, &c->in_viewer);
        list_append(&subject->media.seen_by, &c->in_subject);
    }

    return c;
}

void
room_consumer_destroy(struct room_consumer *consumer)
{
    if (consumer->session != NULL) {
        sfu_session_end(consumer->session, SFU_END_deleted,
                        "one of both left the room");
    }

    list_remove(&consumer->in_viewer);
    list_remove(&consumer->in_subject);
    free(consumer);
}

static struct sfu_session *
ensure_session(struct room_consumer *c, struct sfu_reply *reply)
{
    struct room_app *app = c->viewer->app;
    struct sfu_request request = {
        .type = SFU_REQUEST_CREATE,
        .app = app->name,
        .by_name = true,
    };

    if (c->session == NULL) {
        c->session = sfu_create(app->rooms->sfu, &request, reply);

        if (c->session != NULL) {
            c->session->observer = &c->observer;
        }
    }

    return c->session;
}

/* tracks of the subject that are agreed on, by name; how many */
static size_t
list_tracks(const struct room_consumer *c,
            struct sfu_request_track tracks[SFU_IPC_TRACKS_MAX])
{
    const struct sfu_session *producer = c->subject->media.producer;
    size_t count = 0;

    if (producer == NULL) {
        return 0;
    }

    list_each(node, next, &producer->publications) {
        const struct sfu_publication *p = container_of(node,
                                                       struct sfu_publication,
                                                       node);

        if (p->encoding_count && count < SFU_IPC_TRACKS_MAX) {
            tracks[count++] = (struct sfu_request_track){
                .publisher = producer->id, .name = p->name,
            };
        }
    }

    return count;
}

static size_t
count_offered(const struct room_consumer *c)
{
    size_t count = 0;

    if (c->session != NULL) {
        list_each(node, next, &c->session->subscriptions) {
            const struct sfu_subscription *s =
                container_of(node, struct sfu_subscription, in_session);

            count += s->publication != NULL;
        }
    }

    return count;
}

static void
offer(struct room_consumer *c, struct sfu_reply *reply)
{
    const struct room_member *viewer = c->viewer;
    struct feed_member members[] = {
        feed_text("sdp", reply->offer),
        feed_text("to", room_member_name(viewer)),
        feed_text("room", viewer->room->id),
        feed_text("about", c->subject->id),
    };

    c->offered = true;
    c->crowded = false;
    c->over = viewer->connections;
    log_info(viewer->app->rooms->log,
             "room \"%s\": participant \"%s\" is offered \"%s\", session %s",
             viewer->room->id, viewer->id, c->subject->id, c->session->id);
    room_member_tell(c->viewer, SFU_IPC_EVENT_OFFER, members, 4);
}

/* too many join at once */
static void
wait_for_room(struct room_consumer *c)
{
    if (!c->crowded) {
        log_info(c->viewer->app->rooms->log,
                 "room \"%s\": participant \"%s\" is offered \"%s\" later, "
                 "too many join at once", c->viewer->room->id, c->viewer->id,
                 c->subject->id);
    }

    c->crowded = true;
    room_crowded_wait(c->viewer);
}

static void
update(struct room_consumer *c)
{
    struct sfu_request_track tracks[SFU_IPC_TRACKS_MAX] = { { 0 } };
    struct sfu_request request = {
        .type = SFU_REQUEST_SUBSCRIBE, .by_name = true, .tracks = tracks,
    };
    struct sfu_session *session;
    struct sfu_reply reply;

    request.track_count = list_tracks(c, tracks);

    /* tracks never become fewer but with their session */
    if (request.track_count == 0
        || request.track_count == count_offered(c)) {
        return;
    }

    if (c->offered) {
        c->stale = true;
        return;
    }

    sfu_reply_init(&reply);
    session = ensure_session(c, &reply);

    if (session != NULL) {
        operation_run(session, &request, &reply);
    }

    if (room_is_crowded(&reply)) {
        wait_for_room(c);
    } else if (reply.error == NULL) {
        offer(c, &reply);
    } else {
        log_warn(c->viewer->app->rooms->log,
                 "room \"%s\": participant \"%s\" cannot be offered \"%s\": "
                 "%s (%s)", c->viewer->room->id, c->viewer->id, c->subject->id,
                 reply.error, reply.detail);
    }

    sfu_reply_fini(&reply);
}

void
room_consumer_update(struct room_member *viewer, struct room_member *subject)
{
    struct room_consumer *c = find(viewer, subject);

    if (c == NULL) {
        c = create(viewer, subject);
    }

    if (c != NULL) {
        update(c);
    } else {
        log_error(viewer->app->rooms->log, "room \"%s\": out of memory",
                  viewer->room->id);
    }
}

void
room_consumer_again(struct room_consumer *consumer)
{
    if (consumer->crowded) {
        update(consumer);
    }
}

const char *
room_media_answer(struct room_member *member, const char *about,
                  const char *sdp, const char **detail)
{
    struct room_member *subject = room_participant(member->room, about);
    struct room_consumer *c = subject != NULL ? find(member, subject) : NULL;
    struct sfu_request request = {
        .type = SFU_REQUEST_RENEGOTIATE, .by_name = true, .answer = sdp,
    };
    const char *error;
    struct sfu_reply reply;

    if (c == NULL || c->session == NULL) {
        *detail = "nothing of this participant was offered";
        return SFU_IPC_ERR_TARGET_GONE;
    }

    sfu_reply_init(&reply);
    operation_run(c->session, &request, &reply);
    error = reply.error;
    *detail = reply.detail;
    sfu_reply_fini(&reply);

    if (error == NULL && c->offered) {
        c->offered = false;

        if (c->stale) {
            c->stale = false;
            update(c);
        }
    }

    return error;
}
