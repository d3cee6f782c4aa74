/*
 * room/member.c - a connection in a room: a participant, or a foreign SFU.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "room/member.h"

#include <stdlib.h>

#include "base/error.h"

const char *
room_member_name(const struct room_member *member)
{
    return member->alias != NULL ? member->alias : member->id;
}

void
room_member_tell(struct room_member *member, const char *event,
                 const struct feed_member *members, size_t count)
{
    feed_connection_tell(member->connection, event, members, count);
}

/* by its id, or else by what somebody calls himself */
struct room_member *
room_participant(const struct room *room, const char *id)
{
    struct room_member *alias = NULL;

    list_each(node, next, &room->participants) {
        struct room_member *m = container_of(node, struct room_member,
                                             in_room);

        if (strcmp(m->id, id) == 0) {
            return m;
        }

        if (m->alias != NULL && strcmp(m->alias, id) == 0) {
            alias = m;
        }
    }

    return alias;
}


/* coming */

static void
gone(struct feed_owner *owner)
{
    struct room_member *m = container_of(owner, struct room_member, owner);

    m->connection = NULL;
    room_leave(m);
}

struct room_member *
room_member_find(const struct rooms *rooms, const char *feed,
                 uint64_t connection)
{
    struct feed_connection *c = feed_connection_find(rooms->feeds, feed,
                                                     connection);

    return c != NULL && c->owner != NULL && c->owner->gone == gone
               ? container_of(c->owner, struct room_member, owner)
               : NULL;
}

/* somebody who was here before under this id makes room */
static void
put_out(struct room *room, const char *id)
{
    struct room_member *old = room_participant(room, id);

    if (old != NULL && strcmp(old->id, id) == 0) {
        feed_connection_end(old->connection, "replaced");
        old->connection = NULL;
        room_leave(old);
    }
}

static const char *
join(struct room_member *m, struct room *room)
{
    struct rooms *rooms = room->app->rooms;
    const struct room_settings *settings = rooms->settings;

    put_out(room, m->id);

    /* only in a room of ours each costs sessions */
    if (room->participant_count >= (room->own ? settings->participants_max
                                              : settings->foreign_max)) {
        log_warn(rooms->log, "room \"%s\": full, participant \"%s\" was "
                             "refused", room->id, m->id);
        return SFU_IPC_ERR_LIMIT;
    }

    m->room = room;
    list_append(&room->participants, &m->in_room);
    room->participant_count++;
    log_info(rooms->log, "room \"%s\": participant \"%s\" came", room->id,
             m->id);

    return NULL;
}

/*
 * Only one may be, and the youngest is; what it had goes on with it.  Who is
 * new is the youngest; who comes again has its time, which says more than the
 * order in which all come.
 */
static const char *
replace(struct rooms *rooms, struct room_member *old,
        const struct room_enter *enter)
{
    struct feed_connection *before = old->connection;
    struct feed_connection *after;

    if (enter->again && before->born > enter->born) {
        /* this one came before, and only said so later */
        struct feed_owner nobody = { NULL };

        if (feed_connection_enter(rooms->feeds, enter->feed,
                                  enter->connection, enter->born, &nobody,
                                  &after) == 0) {
            feed_connection_end(after, "replaced");
        }

        return NULL;
    }

    if (feed_connection_enter(rooms->feeds, enter->feed, enter->connection,
                              enter->born, &old->owner, &after)) {
        return SFU_IPC_ERR_LIMIT;
    }

    old->connection = after;
    old->connections++;
    feed_connection_end(before, "replaced");

    return NULL;
}

static struct room_member *
make(struct room_app *app, const struct room_enter *enter)
{
    struct room_member *m = calloc(1, sizeof(*m));

    if (m == NULL) {
        return NULL;
    }

    m->owner.gone = gone;
    m->app = app;
    m->serves = enter->serves;
    m->numeric = enter->numeric;
    m->id = strdup(enter->serves ? enter->room : enter->participant);
    list_init(&m->in_room);
    room_media_init(&m->media);

    if (m->id == NULL
        || feed_connection_enter(app->rooms->feeds, enter->feed,
                                 enter->connection, enter->born, &m->owner,
                                 &m->connection)) {
        free(m->id);
        free(m);
        return NULL;
    }

    app->rooms->members++;

    return m;
}

const char *
room_enter(struct rooms *rooms, const struct room_enter *enter)
{
    struct room_member *m = room_member_find(rooms, enter->feed,
                                             enter->connection);
    struct room_app *app = room_app_ensure(rooms, enter->app);
    struct room *room = NULL;
    struct room_member *old = NULL;
    struct bucket offers = { 0 };
    const char *error = NULL;

    if (m != NULL) {
        offers = m->offers;
        room_leave(m);
    }

    if (app != NULL && enter->room != NULL) {
        room = room_ensure(app, enter->room);
    }

    if (app == NULL || (enter->room != NULL && room == NULL)) {
        return SFU_IPC_ERR_INTERNAL;
    }

    if (enter->serves && room->own) {
        return SFU_IPC_ERR_EXISTS;
    }

    if (room != NULL) {
        old = enter->serves ? room->server
                            : room_participant(room, enter->participant);
    }

    if (old != NULL && (enter->serves
                        || strcmp(old->id, enter->participant) == 0)) {
        return replace(rooms, old, enter);
    }

    m = make(app, enter);

    if (m == NULL) {
        error = SFU_IPC_ERR_LIMIT;
    } else if (enter->serves) {
        m->room = room;
        room_serve(room, m);
    } else {
        /* what a connection has taken it has taken under any name */
        m->offers = offers;
        error = room != NULL ? join(m, room) : NULL;
    }

    if (error != NULL && m != NULL) {
        room_leave(m);
    }

    if (room != NULL) {
        room_drop(room);
    }

    return error;
}


/* going */

static void
tell_others(struct room *room, const struct room_member *but,
            const char *event, const struct feed_member *members,
            size_t count)
{
    list_each(node, next, &room->participants) {
        struct room_member *m = container_of(node, struct room_member,
                                             in_room);

        if (m != but) {
            room_member_tell(m, event, members, count);
        }
    }
}

static void
leave_room(struct room_member *m)
{
    struct room *room = m->room;
    struct feed_member who = feed_text("participant", m->id);

    m->room = NULL;

    if (m->serves) {
        room_serve(room, NULL);
        tell_others(room, NULL, SFU_IPC_EVENT_UNSERVED, NULL, 0);
        room_drop(room);
        return;
    }

    list_remove(&m->in_room);
    room->participant_count--;
    /* after the notice nothing may name it, so media stops first */
    room_media_fini(m);
    room_media_init(&m->media);
    log_info(m->app->rooms->log, "room \"%s\": participant \"%s\" left",
             room->id, m->id);
    tell_others(room, NULL, SFU_IPC_EVENT_LEFT, &who, 1);

    if (room->server != NULL) {
        room_member_tell(room->server, SFU_IPC_EVENT_LEFT, &who, 1);
    }

    room_drop(room);
}

void
room_leave(struct room_member *member)
{
    struct room_member *m = member;

    if (m->room != NULL) {
        leave_room(m);
    }

    if (m->connection != NULL) {
        m->connection->owner = NULL;
        feed_connection_leave(m->connection);
    }

    m->app->rooms->members--;
    free(m->alias);
    free(m->id);
    free(m);
}


/* talking */

static const char *
relay(struct rooms *rooms, struct room_member *target,
      const struct room_message *message)
{
    struct feed_member text = feed_text("text", message->text);

    if (target == NULL) {
        return SFU_IPC_ERR_TARGET_GONE;
    }

    if (message->text == NULL) {
        return SFU_IPC_ERR_MALFORMED;
    }

    rooms->relayed++;
    room_member_tell(target, SFU_IPC_EVENT_TEXT, &text, 1);

    return NULL;
}

static const char *
call_by(struct room_member *m, const char *sender)
{
    char *alias;

    if (sender == NULL || strcmp(sender, room_member_name(m)) == 0) {
        return NULL;
    }

    alias = strdup(sender);

    if (alias == NULL) {
        return SFU_IPC_ERR_INTERNAL;
    }

    free(m->alias);
    m->alias = alias;

    return NULL;
}

static bool
may_offer(struct room_member *m)
{
    const struct sfu *sfu = m->app->rooms->sfu;

    return bucket_take(&m->offers, sfu->settings->requests_per_second,
                       sfu->now);
}

static const char *
negotiate(struct room_member *m, const struct room_message *message,
          const char **detail)
{
    if (message->about == NULL && message->offer != NULL) {
        if (!may_offer(m)) {
            *detail = "too many offers in the last second";
            return SFU_IPC_ERR_RATE;
        }

        return room_media_offer(m, message->offer, message->channels,
                                message->channel_count, detail);
    }

    if (message->about != NULL && message->answer != NULL) {
        return room_media_answer(m, message->about, message->answer, detail);
    }

    if (message->offer != NULL || message->answer != NULL) {
        *detail = "participants offer what they send, and answer what they "
                  "are sent";
        return SFU_IPC_ERR_INVALID;
    }

    /* a candidate: we are ICE-lite, and learn addresses from checks */
    return NULL;
}

const char *
room_send(struct rooms *rooms, struct room_member *member,
          const struct room_message *message, const char **detail)
{
    struct room_member *m = member;
    struct room *room = message->room != NULL
                            ? room_by_id(m->app, message->room)
                            : m->room;
    const char *error;

    *detail = "nobody is there";

    if (m->serves) {
        return message->to == NULL
                   ? SFU_IPC_ERR_TARGET_GONE
                   : relay(rooms, room_participant(m->room, message->to),
                           message);
    }

    if (room == NULL || !room_is_served(room)) {
        return SFU_IPC_ERR_TARGET_GONE;
    }

    error = call_by(m, message->sender);

    if (error == NULL && m->room == NULL) {
        error = join(m, room);
    }

    if (error != NULL) {
        return error;
    }

    if (!room->own) {
        return relay(rooms, room->server, message);
    }

    if (room != m->room) {
        *detail = "it is in another room";
        return SFU_IPC_ERR_TARGET_GONE;
    }

    return negotiate(m, message, detail);
}

const char *
room_state(struct room_member *member, bool audio, bool video, bool introduce)
{
    struct room *room = member->room;

    if (member->serves || room == NULL || !room->own) {
        return NULL;
    }

    member->media.says = true;
    member->media.audio = audio;
    member->media.video = video;

    list_each(node, next, &room->participants) {
        struct room_member *other = container_of(node, struct room_member,
                                                 in_room);

        if (other == member) {
            continue;
        }

        room_media_introduce(other, member);

        if (introduce && room_media_has_state(other)) {
            room_media_introduce(member, other);
        }
    }

    return NULL;
}

const char *
room_tell(struct room_member *member, uint16_t channel, const char *text,
          const char *about)
{
    if (about != NULL && member->room != NULL
        && room_participant(member->room, about) == NULL) {
        return NULL;
    }

    return room_media_say(member, channel, text);
}
