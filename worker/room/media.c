/*
 * room/media.c - what a participant sends, and what it sees of each other.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "room/media.h"

#include <stdlib.h>

#include "room/consumer.h"
#include "room/member.h"
#include "sfu/channel.h"
#include "sfu/create.h"
#include "sfu/operation.h"

static struct room_member *
member_of(struct sfu_observer *observer)
{
    return container_of(observer, struct room_member, media.observer);
}

static void
each_other(struct room_member *m, void (*what)(struct room_member *m,
                                               struct room_member *other))
{
    list_each(node, next, &m->room->participants) {
        struct room_member *other = container_of(node, struct room_member,
                                                 in_room);

        if (other != m) {
            what(m, other);
        }
    }
}

static bool
sends(const struct room_member *m, enum media_kind kind)
{
    const struct sfu_session *producer = m->media.producer;

    if (producer == NULL) {
        return false;
    }

    list_each(node, next, &producer->publications) {
        if (container_of(node, struct sfu_publication, node)->kind == kind) {
            return true;
        }
    }

    return false;
}

static bool
has_tracks(const struct room_member *m)
{
    return m->media.producer != NULL
           && !list_empty(&m->media.producer->publications);
}


/* what participants say of their media */

bool
room_media_has_state(const struct room_member *member)
{
    return member->media.says || has_tracks(member);
}

void
room_media_introduce(struct room_member *member,
                     const struct room_member *other)
{
    const struct sfu_session *producer = member->media.producer;
    const struct room_media *media = &other->media;
    struct feed_member state[] = {
        feed_text("participant", other->id),
        feed_bool("audio", media->says ? media->audio
                                       : sends(other, MEDIA_AUDIO)),
        feed_bool("video", media->says ? media->video
                                       : sends(other, MEDIA_VIDEO)),
    };

    if (producer != NULL && producer->data != NULL && producer->data->up) {
        room_member_tell(member, SFU_IPC_EVENT_STATE, state, 3);
    }
}

static void
introduce_other(struct room_member *m, struct room_member *other)
{
    if (room_media_has_state(other)) {
        room_media_introduce(m, other);
    }
}

static void
introduce_to_other(struct room_member *m, struct room_member *other)
{
    room_media_introduce(other, m);
}

static void
data_is_up(struct sfu_observer *observer)
{
    struct room_member *m = member_of(observer);

    each_other(m, introduce_other);
}

static void
was_told(struct sfu_observer *observer, uint16_t stream, const char *text)
{
    struct feed_member said[] = {
        feed_number("id", stream), feed_text("text", text),
    };

    room_member_tell(member_of(observer), SFU_IPC_EVENT_TOLD, said, 2);
}

const char *
room_media_say(struct room_member *member, uint16_t channel, const char *text)
{
    const struct sfu_session *producer = member->media.producer;
    const struct sfu_channel *ch =
        producer != NULL && producer->data != NULL
            ? sfu_data_channel(producer->data, channel)
            : NULL;

    if (ch == NULL || ch->closing) {
        return SFU_IPC_ERR_TARGET_GONE;
    }

    return data_channel_say(ch->handle, span_str(text)) ? SFU_IPC_ERR_INTERNAL
                                                        : NULL;
}


/* the session that a participant offers */

/* media is lost; who is in the room is signaling's affair */
static void
producer_ended(struct sfu_observer *observer)
{
    member_of(observer)->media.producer = NULL;
}

void
room_media_init(struct room_media *media)
{
    *media = (struct room_media){
        .observer = { .data_up = data_is_up, .told = was_told,
                      .ended = producer_ended },
    };
    list_init(&media->seen);
    list_init(&media->seen_by);
    room_crowded_init(&media->crowded);
}

void
room_media_fini(struct room_member *member)
{
    struct room_media *media = &member->media;

    room_crowded_fini(member);

    list_each(node, next, &media->seen) {
        room_consumer_destroy(container_of(node, struct room_consumer,
                                           in_viewer));
    }

    list_each(node, next, &media->seen_by) {
        room_consumer_destroy(container_of(node, struct room_consumer,
                                           in_subject));
    }

    if (media->producer != NULL) {
        sfu_session_end(media->producer, SFU_END_deleted, "left its room");
    }
}

/* they have their ids from the client's program, not from a negotiation */
static void
agree_on_channels(struct room_member *m, const struct room_agreed *agreed,
                  size_t count)
{
    struct sfu_data *data = m->media.producer->data;

    if (data == NULL || data->peer == NULL) {
        return;
    }

    for (size_t i = 0; i < count; i++) {
        struct sfu_channel_params params = {
            .stream = agreed[i].id,
            .tells = agreed[i].tells,
            .group = agreed[i].tells ? 0 : m->room->number << 16
                                               | agreed[i].id,
        };

        if (agreed[i].id >= data->streams
            || sfu_data_channel(data, agreed[i].id) != NULL) {
            continue;
        }

        if (sfu_channel_create(data, &params) == NULL) {
            log_error(m->app->rooms->log, "room \"%s\": out of memory for a "
                                          "data channel", m->room->id);
        }
    }
}

static struct sfu_session *
ensure_producer(struct room_member *m, struct sfu_reply *reply)
{
    struct sfu_request create = {
        .type = SFU_REQUEST_CREATE,
        .app = m->app->name,
        .by_name = true,
    };

    if (m->media.producer == NULL) {
        m->media.producer = sfu_create(m->app->rooms->sfu, &create, reply);

        if (m->media.producer != NULL) {
            m->media.producer->observer = &m->media.observer;
            log_info(m->app->rooms->log,
                     "room \"%s\": participant \"%s\" is session %s",
                     m->room->id, m->id, m->media.producer->id);
        }
    }

    return m->media.producer;
}

static void
publish(struct room_member *m, const char *sdp, struct sfu_reply *reply)
{
    struct sfu_session *producer = ensure_producer(m, reply);
    struct sfu_request request = {
        .type = SFU_REQUEST_PUBLISH,
        .by_name = true,
        .discover = true,
        .offer = sdp,
    };

    if (producer != NULL) {
        operation_run(producer, &request, reply);
    }
}

/* what was made for this offer */
static void
refuse(struct room_member *m, const struct sfu_reply *reply)
{
    if (m->media.producer != NULL) {
        sfu_session_end(m->media.producer, SFU_END_refused, reply->detail);
    }
}

/*
 * What the page made anew is no continuation of what it had, which goes on
 * where that cannot be used.
 */
static void
publish_anew(struct room_member *m, const char *sdp, struct sfu_reply *reply)
{
    struct sfu_session *before = m->media.producer;

    before->observer = NULL;
    m->media.producer = NULL;
    sfu_reply_fini(reply);
    publish(m, sdp, reply);

    if (reply->error == NULL) {
        sfu_session_end(before, SFU_END_replaced,
                        "its participant began anew");
        return;
    }

    refuse(m, reply);
    before->observer = &m->media.observer;
    m->media.producer = before;
}

/* NULL: the reply has the answer */
static const char *
negotiate(struct room_member *m, const char *sdp, struct sfu_reply *reply)
{
    bool before = m->media.producer != NULL;

    publish(m, sdp, reply);

    if (reply->error != NULL && before && m->media.producer != NULL) {
        publish_anew(m, sdp, reply);
    } else if (reply->error != NULL) {
        refuse(m, reply);
    }

    return reply->error;
}

/*
 * Who came over another connection, and has made anew what it sends, has
 * nothing left of what it was offered over the one before.
 */
static void
look_anew(struct room_member *m, uint64_t before)
{
    bool anew = m->media.producer->number != before;

    list_each(node, next, &m->media.seen) {
        struct room_consumer *c = container_of(node, struct room_consumer,
                                               in_viewer);
        bool known = c->over == m->connections;

        c->over = m->connections;

        if (anew && !known && c->session != NULL) {
            sfu_session_end(c->session, SFU_END_replaced,
                            "its participant began anew");
        }
    }
}

static void
see_each_other(struct room_member *m, struct room_member *other)
{
    if (other->media.takes_part) {
        room_consumer_update(other, m);
        room_consumer_update(m, other);
    }
}

const char *
room_media_try(struct room_member *member, const char *sdp,
               const struct room_agreed *channels, size_t channel_count,
               const char **detail)
{
    struct room_member *m = member;
    uint64_t before = m->media.producer != NULL ? m->media.producer->number
                                                : 0;
    struct feed_member answer[3];
    const char *error;
    struct sfu_reply reply;

    sfu_reply_init(&reply);
    error = negotiate(m, sdp, &reply);
    *detail = reply.detail;

    if (error != NULL) {
        sfu_reply_fini(&reply);
        return error;
    }

    m->media.takes_part = true;
    look_anew(m, before);
    agree_on_channels(m, channels, channel_count);
    answer[0] = feed_text("sdp", reply.answer);
    answer[1] = feed_text("to", room_member_name(m));
    answer[2] = feed_text("room", m->room->id);
    room_member_tell(m, SFU_IPC_EVENT_ANSWER, answer, 3);
    sfu_reply_fini(&reply);
    each_other(m, see_each_other);

    if (has_tracks(m)) {
        each_other(m, introduce_to_other);
    }

    return NULL;
}

const char *
room_media_offer(struct room_member *member, const char *sdp,
                 const struct room_agreed *channels, size_t channel_count,
                 const char **detail)
{
    const char *error;

    room_crowded_drop(member);
    error = room_media_try(member, sdp, channels, channel_count, detail);

    if (error == NULL || strcmp(error, SFU_IPC_ERR_LIMIT) != 0) {
        return error;
    }

    return room_crowded_keep(member, sdp, channels, channel_count) ? error
                                                                   : NULL;
}
