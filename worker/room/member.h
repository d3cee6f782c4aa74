/*
 * room/member.h - a connection in a room: a participant, or a foreign SFU.
 * Copyright (C) the ngx_sfu_module authors
 *
 * It is there as long as its connection is.  What it wants is described in
 * include/sfu_ipc_room.h; errors are those of there, as names.
 */

#ifndef SFU_ROOM_MEMBER_H
#define SFU_ROOM_MEMBER_H

#include "base/bucket.h"
#include "room/media.h"
#include "room/room.h"

struct room_member {
    struct feed_owner owner;
    struct feed_connection *connection; /* borrowed */
    struct room_app *app;               /* borrowed */
    struct room *room;                  /* borrowed; NULL: in none so far */
    struct list in_room;                /* of a participant */
    bool serves;                        /* a foreign SFU */
    bool numeric;                       /* its id is a number elsewhere */
    unsigned connections;               /* that it had before this one */
    char *id;                           /* owned: of the participant */
    char *alias;                        /* owned; NULL: called by its id */
    struct bucket offers;               /* of its own media, a second */
    struct room_media media;            /* of a participant */
};

struct room_enter {
    const char *app;
    const char *feed;
    uint64_t connection;
    int64_t born;
    const char *room;                   /* NULL: none so far */
    const char *participant;
    bool serves;
    bool numeric;
    bool again;                         /* as before the worker forgot it */
};

struct room_message {
    const char *room;                   /* NULL: the one it is in */
    const char *text;
    const char *to;
    const char *sender;
    const char *about;
    const char *offer;
    const char *answer;
    const struct room_agreed *channels;
    size_t channel_count;
};

/* all: NULL, or SFU_IPC_ERR_* */
const char *room_enter(struct rooms *rooms, const struct room_enter *enter);
const char *room_send(struct rooms *rooms, struct room_member *member,
                      const struct room_message *message,
                      const char **detail);
const char *room_state(struct room_member *member, bool audio, bool video,
                       bool introduce);
/* about NULL: nobody; else it is not said any more when that one has left */
const char *room_tell(struct room_member *member, uint16_t channel,
                      const char *text, const char *about);

/* the connection is in no room any more */
void room_leave(struct room_member *member);

/* NULL: it did not enter */
struct room_member *room_member_find(const struct rooms *rooms,
                                     const char *feed, uint64_t connection);

/* for media.c */
struct room_member *room_participant(const struct room *room, const char *id);
/* what it calls itself */
const char *room_member_name(const struct room_member *member);
void room_member_tell(struct room_member *member, const char *event,
                      const struct feed_member *members, size_t count);

#endif
