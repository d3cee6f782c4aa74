/*
 * store/sqlite_priv.h - statements, bound and stepped.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_STORE_SQLITE_PRIV_H
#define SFU_STORE_SQLITE_PRIV_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/clock.h"
#include "store/store.h"

#define STORE_STATEMENTS(X)                                                   \
    X(begin, "BEGIN IMMEDIATE")                                               \
    X(commit, "COMMIT")                                                       \
    X(rollback, "ROLLBACK")                                                   \
    X(channel_count,                                                          \
      "SELECT count(*) FROM channels WHERE app = ? AND scope = ?")            \
    X(channel_insert,                                                         \
      "INSERT INTO channels (app, scope, name, created, version, ttl, "       \
      "storage) VALUES (?, ?, ?, ?, ?, ?, ?)")                                \
    X(channel_get,                                                            \
      "SELECT name, created, version, ttl, storage FROM channels "            \
      "WHERE app = ? AND scope = ? AND name = ?")                             \
    X(channel_list,                                                           \
      "SELECT name, created, version, ttl, storage FROM channels "            \
      "WHERE app = ? AND scope = ? AND name >= ? AND name > ? "               \
      "ORDER BY name LIMIT ?")                                                \
    X(channel_update,                                                         \
      "UPDATE channels SET version = ?, ttl = ?, storage = ? "                \
      "WHERE app = ? AND scope = ? AND name = ?")                             \
    X(channel_delete,                                                         \
      "DELETE FROM channels WHERE app = ? AND scope = ? AND name = ?")        \
    X(tag_set,                                                                \
      "INSERT OR REPLACE INTO tags (app, scope, channel, key, value) "        \
      "VALUES (?, ?, ?, ?, ?)")                                               \
    X(tag_remove,                                                             \
      "DELETE FROM tags WHERE app = ? AND scope = ? AND channel = ? "         \
      "AND key = ?")                                                          \
    X(tag_count,                                                              \
      "SELECT count(*) FROM tags "                                            \
      "WHERE app = ? AND scope = ? AND channel = ?")                          \
    X(tags_get,                                                               \
      "SELECT key, value FROM tags "                                          \
      "WHERE app = ? AND scope = ? AND channel = ? ORDER BY key")             \
    X(tags_delete,                                                            \
      "DELETE FROM tags WHERE app = ? AND scope = ? AND channel = ?")         \
    X(room_insert, "INSERT INTO rooms (app, room, path) VALUES (?, ?, ?)")    \
    X(room_claim, "UPDATE rooms SET path = ? WHERE app = ? AND room = ?")     \
    X(room_delete, "DELETE FROM rooms WHERE app = ? AND room = ?")            \
    X(rooms_get,                                                              \
      "SELECT app, room, path FROM rooms "                                    \
      "WHERE app = ?1 OR ?1 IS NULL ORDER BY number")

enum store_statement {
#define X(name, sql) STORE_##name,
    STORE_STATEMENTS(X)
#undef X
    STORE_STATEMENT_COUNT,
};

struct store {
    struct log *log;            /* borrowed */
    char *path;                 /* owned; NULL: in memory */
    sqlite3 *db;                /* owned; NULL: it cannot be opened now */
    usec_t tried;               /* to open it */
    sqlite3_stmt *statements[STORE_STATEMENT_COUNT];    /* owned */
    uint64_t failures;
};

/*
 * The statement with its parameters bound, "s" a text (NULL: NULL) and "i" an
 * int64_t; NULL: see store_failed(), which was called.
 */
sqlite3_stmt *store_prepare(struct store *store, enum store_statement which,
                            const char *types, ...);
/* 1: a row; 0: no more; SFU_ERR_EXISTS, SFU_ERR_SYSTEM */
int store_step(struct store *store, sqlite3_stmt *statement);
/* prepares, steps once and resets: for what has no rows */
int store_run(struct store *store, enum store_statement which,
              const char *types, ...);
/* the number in the only row; SFU_ERR_SYSTEM */
int store_count(struct store *store, int64_t *count,
                enum store_statement which, const char *types, ...);
/* of a store_run() that names one row: SFU_ERR_NOT_FOUND if there was none */
int store_changed(const struct store *store, int error);

/*
 * Ends a transaction that store_run(store, STORE_begin) began: by COMMIT after
 * 0, else by ROLLBACK; the error, or that of COMMIT.
 */
int store_finish(struct store *store, int error);

static inline const char *
store_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

/* for schema.c, and store_open() */
int store_migrate(struct store *store);

#endif
