/*
 * room/room.h - rooms of an app, and what they are claimed for.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A room is the worker's own, or served by a foreign SFU, or neither: people
 * may come to one that is not there (yet).  It stays as long as it is one of
 * these.
 */

#ifndef SFU_ROOM_ROOM_H
#define SFU_ROOM_ROOM_H

#include "feed/connection.h"
#include "room/settings.h"
#include "sfu/sfu.h"
#include "sfu_ipc_room.h"
#include "store/store.h"

struct room_member;

struct rooms {
    const struct room_settings *settings;       /* borrowed */
    struct sfu *sfu;                            /* borrowed */
    struct feeds *feeds;                        /* borrowed */
    struct store *store;                        /* borrowed */
    struct log *log;                            /* borrowed */
    struct map apps;                    /* of struct room_app, by name */
    size_t own;                         /* rooms of the worker's own */
    size_t members;                     /* connections that have entered */
    size_t waiting;                     /* bytes of offers, in crowded.c */
    uint64_t relayed;                   /* texts of, and to, foreign SFUs */
};

struct room_app {
    struct map_entry by_name;
    struct rooms *rooms;                /* borrowed */
    char name[SFU_IPC_APP_ID_MAX + 1];
    struct map by_id;
    struct map by_path;
    struct list unclaimed;              /* of rooms; the oldest first */
    size_t unclaimed_count;
    size_t own;
};

struct room {
    struct map_entry by_id;
    struct map_entry by_path;
    struct room_app *app;               /* borrowed */
    struct list in_unclaimed;
    uint64_t number;                    /* of no other room */
    char *id;                           /* owned */
    char *path;                         /* owned; NULL: not claimed */
    bool own;
    struct room_member *server;         /* a foreign SFU, or NULL */
    struct list participants;           /* of struct room_member */
    size_t participant_count;
};

/*
 * With the rooms that the store has; one that cannot be read has none.
 * SFU_ERR_NOMEM
 */
int rooms_init(struct rooms *rooms, const struct room_settings *settings,
               struct sfu *sfu, struct feeds *feeds, struct store *store,
               struct log *log);
/* after the feeds: nobody is in a room any more */
void rooms_fini(struct rooms *rooms);

/*
 * All: the room, or NULL and *error is SFU_IPC_ERR_*.  "ready": unclaimed
 * rooms there are to be afterwards, while the worker's own are less than max.
 */
struct room *room_create(struct rooms *rooms, const char *app, size_t max,
                         const char **error);
struct room *room_find(struct rooms *rooms, const char *app, const char *path,
                       size_t ready, size_t max, const char **error);
struct room *room_claim(struct rooms *rooms, const char *app,
                        const char *path, size_t ready, size_t max,
                        const char **error);

/* there is something in it, or behind it */
bool room_is_served(const struct room *room);

/* for member.c; NULL: out of memory, or there is none */
struct room_app *room_app_ensure(struct rooms *rooms, const char *name);
struct room *room_ensure(struct room_app *app, const char *id);
struct room *room_by_id(const struct room_app *app, const char *id);
/* a foreign SFU serves it from now on, or does so no more */
void room_serve(struct room *room, struct room_member *server);
/* unless it is something */
void room_drop(struct room *room);

#endif
