/*
 * store/channels.c - channels and their tags in SQLite.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <string.h>

#include "base/error.h"
#include "store/sqlite_priv.h"

#define KEY(key) (key)->app, (key)->scope, (key)->name

static int
set_tags(struct store *store, const struct store_key *key,
         const struct store_tag *tags, size_t count)
{
    int error = 0;

    for (size_t i = 0; !error && i < count; i++) {
        error = store_run(store, STORE_tag_set, "sssss", KEY(key),
                          tags[i].key, tags[i].value);
    }

    return error;
}

static int
insert(struct store *store, const struct store_channel *ch,
       const struct store_tag *tags, size_t tag_count, size_t max)
{
    int64_t count;
    int error = store_run(store, STORE_channel_insert, "sssisis",
                          KEY(&ch->key), ch->created, ch->version,
                          (int64_t)ch->ttl, ch->storage);

    if (error
        || (error = store_count(store, &count, STORE_channel_count, "ss",
                                ch->key.app, ch->key.scope))) {
        return error;
    }

    if ((uint64_t)count > max) {
        return SFU_ERR_LIMIT;
    }

    return set_tags(store, &ch->key, tags, tag_count);
}

int
store_channel_create(struct store *store, const struct store_channel *ch,
                     const struct store_tag *tags, size_t tag_count,
                     size_t max)
{
    int error = store_run(store, STORE_begin, "");

    return error ? error
                 : store_finish(store,
                                insert(store, ch, tags, tag_count, max));
}

static void
visit_row(sqlite3_stmt *row, const char *app, const char *scope,
          store_channel_visitor visit, void *context)
{
    struct store_channel ch = {
        .key = { app, scope, store_text(row, 0) },
        .created = sqlite3_column_int64(row, 1),
        .version = store_text(row, 2),
        .ttl = (unsigned)sqlite3_column_int64(row, 3),
        .storage = store_text(row, 4),
    };

    visit(context, &ch);
}

int
store_channel_get(struct store *store, const struct store_key *key,
                  store_channel_visitor visit, void *context)
{
    sqlite3_stmt *row = store_prepare(store, STORE_channel_get, "sss",
                                      KEY(key));
    int rc = row != NULL ? store_step(store, row) : SFU_ERR_SYSTEM;

    if (rc == 1) {
        visit_row(row, key->app, key->scope, visit, context);
        sqlite3_reset(row);
        return 0;
    }

    return rc ? rc : SFU_ERR_NOT_FOUND;
}

int
store_channel_list(struct store *store, const char *app, const char *scope,
                   const char *prefix, const char *after, size_t max,
                   store_channel_visitor visit, void *context)
{
    sqlite3_stmt *row;
    int rc = SFU_ERR_SYSTEM;

    prefix = prefix != NULL ? prefix : "";
    row = store_prepare(store, STORE_channel_list, "ssssi", app, scope,
                        prefix, after != NULL ? after : "", (int64_t)max);

    while (row != NULL && (rc = store_step(store, row)) == 1
           && strncmp(store_text(row, 0), prefix, strlen(prefix)) == 0) {
        visit_row(row, app, scope, visit, context);
    }

    sqlite3_reset(row);

    return rc == 1 ? 0 : rc;
}

int
store_channel_update(struct store *store, const struct store_channel *ch)
{
    return store_changed(store,
                         store_run(store, STORE_channel_update, "sissss",
                                   ch->version, (int64_t)ch->ttl,
                                   ch->storage, KEY(&ch->key)));
}

int
store_channel_delete(struct store *store, const struct store_key *key)
{
    int error = store_run(store, STORE_begin, "");

    if (error) {
        return error;
    }

    error = store_run(store, STORE_tags_delete, "sss", KEY(key));

    if (!error) {
        error = store_changed(store, store_run(store, STORE_channel_delete,
                                               "sss", KEY(key)));
    }

    return store_finish(store, error);
}

static int
change_tags(struct store *store, const struct store_key *key,
            const struct store_tag *set, size_t set_count,
            const char *const *remove, size_t remove_count, size_t max)
{
    int64_t count;
    int error = 0;

    for (size_t i = 0; !error && i < remove_count; i++) {
        error = store_run(store, STORE_tag_remove, "ssss", KEY(key),
                          remove[i]);
    }

    if (error || (error = set_tags(store, key, set, set_count))
        || (error = store_count(store, &count, STORE_tag_count, "sss",
                                KEY(key)))) {
        return error;
    }

    return set_count && (uint64_t)count > max ? SFU_ERR_LIMIT : 0;
}

int
store_tags_change(struct store *store, const struct store_key *key,
                  const struct store_tag *set, size_t set_count,
                  const char *const *remove, size_t remove_count, size_t max)
{
    int error = store_run(store, STORE_begin, "");

    return error ? error
                 : store_finish(store, change_tags(store, key, set, set_count,
                                                   remove, remove_count,
                                                   max));
}

int
store_tags_each(struct store *store, const struct store_key *key,
                store_tag_visitor visit, void *context)
{
    sqlite3_stmt *row = store_prepare(store, STORE_tags_get, "sss", KEY(key));
    int rc = SFU_ERR_SYSTEM;

    while (row != NULL && (rc = store_step(store, row)) == 1) {
        struct store_tag tag = { store_text(row, 0), store_text(row, 1) };

        visit(context, &tag);
    }

    return rc;
}
