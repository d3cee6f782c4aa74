/*
 * store/store.h - what outlives the worker: channels, their tags, rooms.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One file of SQLite, or memory.  Each call is one transaction: all of it
 * happened, or nothing.  SFU_ERR_SYSTEM is a store that cannot be read or
 * written now (disk full, no permission, damaged); the reason is logged, and
 * the next call may well succeed.
 */

#ifndef SFU_STORE_STORE_H
#define SFU_STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

struct store;

/*
 * Path NULL: in memory.  A file that cannot be written, or not even opened,
 * is a store all the same, whose calls fail until it can be.
 * SFU_ERR_MALFORMED: a file of something else; SFU_ERR_UNSUPPORTED: of a newer
 * version of ours; SFU_ERR_NOMEM.  The first two are logged.
 */
int store_open(struct store **store, const char *path, struct log *log);
void store_close(struct store *store);

/* calls that failed with SFU_ERR_SYSTEM, ever */
uint64_t store_failures(const struct store *store);


/* strings are borrowed; those given to a visitor are gone after it */
struct store_key {
    const char *app;
    const char *scope;
    const char *name;
};

struct store_channel {
    struct store_key key;
    int64_t created;            /* ms since 1970 */
    const char *version;
    unsigned ttl;               /* seconds */
    const char *storage;        /* NULL: none */
};

struct store_tag {
    const char *key;
    const char *value;
};

/* may not call the store */
typedef void (*store_channel_visitor)(void *context,
                                      const struct store_channel *channel);
typedef void (*store_tag_visitor)(void *context, const struct store_tag *tag);

/* SFU_ERR_EXISTS; SFU_ERR_LIMIT: there are max in its scope */
int store_channel_create(struct store *store,
                         const struct store_channel *channel,
                         const struct store_tag *tags, size_t tag_count,
                         size_t max);
/* visits one.  SFU_ERR_NOT_FOUND */
int store_channel_get(struct store *store, const struct store_key *key,
                      store_channel_visitor visit, void *context);
/*
 * Those of a scope whose names begin with a prefix and come after another, in
 * the order of bytes; at most max.  NULL is as good as "".
 */
int store_channel_list(struct store *store, const char *app, const char *scope,
                       const char *prefix, const char *after, size_t max,
                       store_channel_visitor visit, void *context);
/* version, ttl and storage.  SFU_ERR_NOT_FOUND */
int store_channel_update(struct store *store,
                         const struct store_channel *channel);
/* with its tags.  SFU_ERR_NOT_FOUND */
int store_channel_delete(struct store *store, const struct store_key *key);

/* the channel exists.  SFU_ERR_LIMIT: it would have more than max */
int store_tags_change(struct store *store, const struct store_key *key,
                      const struct store_tag *set, size_t set_count,
                      const char *const *remove, size_t remove_count,
                      size_t max);
/* in the order of their keys */
int store_tags_each(struct store *store, const struct store_key *key,
                    store_tag_visitor visit, void *context);


struct store_room {
    const char *app;
    const char *room;
    const char *path;           /* what it is claimed for; NULL: nothing */
};

typedef void (*store_room_visitor)(void *context,
                                   const struct store_room *room);

/* the youngest from now on.  SFU_ERR_EXISTS: the room, or the claim */
int store_room_insert(struct store *store, const struct store_room *room);
/* path NULL: none any more.  SFU_ERR_NOT_FOUND, SFU_ERR_EXISTS */
int store_room_claim(struct store *store, const struct store_room *room);
/* SFU_ERR_NOT_FOUND */
int store_room_delete(struct store *store, const char *app, const char *room);
/* all of an app, the oldest first; app NULL: of all apps */
int store_rooms_each(struct store *store, const char *app,
                     store_room_visitor visit, void *context);

#endif
