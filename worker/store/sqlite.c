/*
 * store/sqlite.c - the file, opened when it can be, and its statements.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A write-ahead log with "synchronous = NORMAL": what a call has answered
 * survives the end of this process, however it ends, and costs the control
 * thread no fsync(); power that fails may take the last few calls along.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "store/sqlite_priv.h"

enum {
    BUSY_MS = 200,              /* a backup may hold it for a moment */
    RETRY = 2 * USEC_PER_SEC,   /* between two attempts to open it */
};

static const char *
name_of(const struct store *store)
{
    return store->path != NULL ? store->path : "memory";
}

static int
failed(struct store *store, const char *what)
{
    store->failures++;
    log_error(store->log, "store: %s: %s: %s", name_of(store), what,
              store->db != NULL ? sqlite3_errmsg(store->db) : "no memory");

    return SFU_ERR_SYSTEM;
}

static void
shut(struct store *store)
{
    for (int i = 0; i < STORE_STATEMENT_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }

    sqlite3_close(store->db);
    store->db = NULL;
}

/* on failure it is shut; the refusals of store_migrate() are final */
static int
try_open(struct store *store)
{
    const char *path = store->path != NULL ? store->path : ":memory:";
    int error = SFU_ERR_SYSTEM;
    int rc;

    store->tried = clock_now();
    rc = sqlite3_open_v2(path, &store->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                             | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(store->db, BUSY_MS);
        rc = sqlite3_exec(store->db,
                          "PRAGMA journal_mode = WAL; "
                          "PRAGMA synchronous = NORMAL;", NULL, NULL, NULL);
        /* damaged, or of something else: store_migrate() tells */
        error = rc == SQLITE_OK || rc == SQLITE_READONLY
                        || rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT
                    ? store_migrate(store)
                    : SFU_ERR_SYSTEM;
    }

    if (error == SFU_ERR_SYSTEM) {
        failed(store, "cannot be opened");
    }

    if (error) {
        shut(store);
    }

    return error;
}

int
store_open(struct store **out, const char *path, struct log *log)
{
    struct store *store = calloc(1, sizeof(*store));
    int error;

    if (store == NULL
        || (path != NULL && (store->path = strdup(path)) == NULL)) {
        free(store);
        return SFU_ERR_NOMEM;
    }

    store->log = log;
    error = try_open(store);

    if (error && error != SFU_ERR_SYSTEM) {
        store_close(store);
        return error;
    }

    *out = store;

    return 0;
}

void
store_close(struct store *store)
{
    if (store != NULL) {
        shut(store);
        free(store->path);
        free(store);
    }
}

uint64_t
store_failures(const struct store *store)
{
    return store->failures;
}

static const char *
sql_of(enum store_statement which)
{
    static const char *const texts[] = {
#define X(name, sql) sql,
        STORE_STATEMENTS(X)
#undef X
    };

    return texts[which];
}

static sqlite3_stmt *
prepare(struct store *store, enum store_statement which, const char *types,
        va_list args)
{
    sqlite3_stmt **statement = &store->statements[which];
    int rc = SQLITE_OK;

    if (store->db == NULL
        && (clock_now() - store->tried < RETRY || try_open(store))) {
        store->failures++;
        return NULL;
    }

    if (*statement == NULL) {
        rc = sqlite3_prepare_v3(store->db, sql_of(which), -1,
                                SQLITE_PREPARE_PERSISTENT, statement, NULL);
    }

    for (int i = 1; rc == SQLITE_OK && types[i - 1]; i++) {
        if (types[i - 1] == 'i') {
            rc = sqlite3_bind_int64(*statement, i, va_arg(args, int64_t));
        } else {
            rc = sqlite3_bind_text(*statement, i, va_arg(args, const char *),
                                   -1, SQLITE_TRANSIENT);
        }
    }

    if (rc != SQLITE_OK) {
        failed(store, "cannot be asked");
        return NULL;
    }

    return *statement;
}

sqlite3_stmt *
store_prepare(struct store *store, enum store_statement which,
              const char *types, ...)
{
    sqlite3_stmt *statement;
    va_list args;

    va_start(args, types);
    statement = prepare(store, which, types, args);
    va_end(args);

    return statement;
}

int
store_step(struct store *store, sqlite3_stmt *statement)
{
    switch (sqlite3_step(statement)) {

    case SQLITE_ROW:
        return 1;

    case SQLITE_DONE:
        sqlite3_reset(statement);
        return 0;

    case SQLITE_CONSTRAINT:
        sqlite3_reset(statement);
        return SFU_ERR_EXISTS;

    default:
        failed(store, sqlite3_sql(statement));
        sqlite3_reset(statement);
        return SFU_ERR_SYSTEM;
    }
}

int
store_run(struct store *store, enum store_statement which, const char *types,
          ...)
{
    sqlite3_stmt *statement;
    va_list args;
    int rc;

    va_start(args, types);
    statement = prepare(store, which, types, args);
    va_end(args);

    if (statement == NULL) {
        return SFU_ERR_SYSTEM;
    }

    rc = store_step(store, statement);
    sqlite3_reset(statement);

    return rc;
}

int
store_count(struct store *store, int64_t *count, enum store_statement which,
            const char *types, ...)
{
    sqlite3_stmt *statement;
    va_list args;
    int rc;

    va_start(args, types);
    statement = prepare(store, which, types, args);
    va_end(args);
    *count = 0;

    if (statement == NULL) {
        return SFU_ERR_SYSTEM;
    }

    rc = store_step(store, statement);

    if (rc == 1) {
        *count = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
        rc = 0;
    }

    return rc;
}

int
store_changed(const struct store *store, int error)
{
    if (error) {
        return error;
    }

    return sqlite3_changes(store->db) ? 0 : SFU_ERR_NOT_FOUND;
}

int
store_finish(struct store *store, int error)
{
    if (!error) {
        error = store_run(store, STORE_commit, "");
    }

    /* some errors have rolled it back already */
    if (error && store->db != NULL && !sqlite3_get_autocommit(store->db)) {
        store_run(store, STORE_rollback, "");
    }

    return error;
}
