/*
 * store/rooms.c - rooms and their claims in SQLite.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "store/sqlite_priv.h"

int
store_room_insert(struct store *store, const struct store_room *room)
{
    return store_run(store, STORE_room_insert, "sss", room->app, room->room,
                     room->path);
}

int
store_room_claim(struct store *store, const struct store_room *room)
{
    return store_changed(store, store_run(store, STORE_room_claim, "sss",
                                          room->path, room->app,
                                          room->room));
}

int
store_room_delete(struct store *store, const char *app, const char *room)
{
    return store_changed(store, store_run(store, STORE_room_delete, "ss", app,
                                          room));
}

int
store_rooms_each(struct store *store, const char *app,
                 store_room_visitor visit, void *context)
{
    sqlite3_stmt *row = store_prepare(store, STORE_rooms_get, "s", app);
    int rc = SFU_ERR_SYSTEM;

    while (row != NULL && (rc = store_step(store, row)) == 1) {
        struct store_room room = {
            store_text(row, 0), store_text(row, 1), store_text(row, 2),
        };

        visit(context, &room);
    }

    return rc;
}
