/*
 * store/schema.c - the tables, and how older files become like them.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A step that was released is never changed again: a new one follows it.  The
 * file knows how many it has seen ("user_version"), and that it is ours
 * ("application_id").
 */

#include <stdio.h>

#include "base/error.h"
#include "store/sqlite_priv.h"

enum { APPLICATION_ID = 0x53465557 };   /* "SFUW" */

static const char *const steps[] = {
    "CREATE TABLE channels ("
    "  app TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL,"
    "  created INTEGER NOT NULL, version TEXT NOT NULL,"
    "  ttl INTEGER NOT NULL, storage TEXT,"
    "  PRIMARY KEY (app, scope, name)) WITHOUT ROWID;"
    "CREATE TABLE tags ("
    "  app TEXT NOT NULL, scope TEXT NOT NULL, channel TEXT NOT NULL,"
    "  key TEXT NOT NULL, value TEXT NOT NULL,"
    "  PRIMARY KEY (app, scope, channel, key)) WITHOUT ROWID;"
    "CREATE TABLE rooms ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  app TEXT NOT NULL, room TEXT NOT NULL, path TEXT,"
    "  UNIQUE (app, room));"
    "CREATE UNIQUE INDEX rooms_by_path ON rooms (app, path)"
    "  WHERE path IS NOT NULL;",
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static int
pragma(struct store *store, const char *sql, int *value)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

    rc = rc == SQLITE_OK ? sqlite3_step(statement) : rc;
    *value = rc == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);

    return rc;
}

/* what cannot be read at all is told here, the rest by store_open() */
static int
of_sqlite(struct store *store, int rc)
{
    if (rc != SQLITE_NOTADB && rc != SQLITE_CORRUPT) {
        return SFU_ERR_SYSTEM;
    }

    log_error(store->log, "store: %s: %s", store->path,
              sqlite3_errmsg(store->db));

    return SFU_ERR_MALFORMED;
}

static int
take_step(struct store *store, int step)
{
    char end[128];
    int rc = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(store->db, steps[step], NULL, NULL, NULL);
    }

    if (rc == SQLITE_OK) {
        snprintf(end, sizeof(end), "PRAGMA application_id = %d; "
                                   "PRAGMA user_version = %d; COMMIT",
                 APPLICATION_ID, step + 1);
        rc = sqlite3_exec(store->db, end, NULL, NULL, NULL);
    }

    return rc;
}

int
store_migrate(struct store *store)
{
    int application = 0;
    int version = 0;
    int tables = 0;
    int rc = pragma(store, "PRAGMA application_id", &application);

    if (rc == SQLITE_ROW) {
        rc = pragma(store, "PRAGMA user_version", &version);
    }

    if (rc == SQLITE_ROW) {
        rc = pragma(store, "SELECT count(*) FROM sqlite_schema", &tables);
    }

    if (rc != SQLITE_ROW) {
        return of_sqlite(store, rc);
    }

    if (application != APPLICATION_ID
        && (application != 0 || version != 0 || tables != 0)) {
        log_error(store->log, "store: %s is a database of something else",
                  store->path);
        return SFU_ERR_MALFORMED;
    }

    if (version > STEPS) {
        log_error(store->log, "store: %s has version %d, this worker knows "
                              "%d: it was written by a newer one",
                  store->path, version, (int)STEPS);
        return SFU_ERR_UNSUPPORTED;
    }

    for (int step = version; step < STEPS; step++) {
        rc = take_step(store, step);

        if (rc != SQLITE_OK) {
            return of_sqlite(store, rc);
        }
    }

    return 0;
}
