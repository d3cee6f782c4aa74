/*
 * room/room.c - rooms of an app, and what they are claimed for.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "room/room.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"

enum { UUID_SIZE = 37 };

struct room_app *
room_app_ensure(struct rooms *rooms, const char *name)
{
    struct map_entry *e = map_find(&rooms->apps, span_str(name));
    struct room_app *app;

    if (e != NULL) {
        return container_of(e, struct room_app, by_name);
    }

    app = calloc(1, sizeof(*app));

    if (app == NULL || map_init(&app->by_id)) {
        free(app);
        return NULL;
    }

    if (map_init(&app->by_path)) {
        map_fini(&app->by_id);
        free(app);
        return NULL;
    }

    app->rooms = rooms;
    snprintf(app->name, sizeof(app->name), "%s", name);
    list_init(&app->unclaimed);
    map_insert(&rooms->apps, &app->by_name, span_str(app->name));

    return app;
}

bool
room_is_served(const struct room *room)
{
    return room->own || room->server != NULL;
}

static void
offer_to_claim(struct room *room)
{
    list_append(&room->app->unclaimed, &room->in_unclaimed);
    room->app->unclaimed_count++;
}

static void
take_from_claim(struct room *room)
{
    if (!list_empty(&room->in_unclaimed)) {
        list_remove(&room->in_unclaimed);
        room->app->unclaimed_count--;
    }
}

struct room *
room_by_id(const struct room_app *app, const char *id)
{
    struct map_entry *e = map_find(&app->by_id, span_str(id));

    return e != NULL ? container_of(e, struct room, by_id) : NULL;
}

struct room *
room_ensure(struct room_app *app, const char *id)
{
    struct room *room = room_by_id(app, id);

    if (room != NULL) {
        return room;
    }

    room = calloc(1, sizeof(*room));

    if (room == NULL || (room->id = strdup(id)) == NULL) {
        free(room);
        return NULL;
    }

    room->app = app;
    room->number = app->rooms->sfu->next_number++;
    list_init(&room->participants);
    list_init(&room->in_unclaimed);
    map_insert(&app->by_id, &room->by_id, span_str(room->id));

    return room;
}

static void
give_up_claim(struct room *room)
{
    take_from_claim(room);
    map_remove(&room->app->by_path, &room->by_path);
    free(room->path);
    room->path = NULL;
}

void
room_drop(struct room *room)
{
    if (room_is_served(room) || !list_empty(&room->participants)) {
        return;
    }

    give_up_claim(room);
    map_remove(&room->app->by_id, &room->by_id);
    free(room->id);
    free(room);
}

void
room_serve(struct room *room, struct room_member *server)
{
    struct log *log = room->app->rooms->log;
    bool was = room->server != NULL;

    room->server = server;

    if (server == NULL) {
        log_info(log, "room \"%s\": served no more, app \"%s\"", room->id,
                 room->app->name);
        give_up_claim(room);
    } else if (!was) {
        log_info(log, "room \"%s\": served by a foreign SFU, app \"%s\"",
                 room->id, room->app->name);
        offer_to_claim(room);
    }
}

/* version 4, variant 1 (RFC 9562, 5.4) */
static void
make_uuid(char uuid[UUID_SIZE])
{
    uint8_t b[16];

    random_bytes(b, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    snprintf(uuid, UUID_SIZE,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
             b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* false: out of memory, and nothing is claimed */
static bool
set_path(struct room *room, const char *path)
{
    room->path = strdup(path);

    if (room->path == NULL) {
        return false;
    }

    take_from_claim(room);
    map_insert(&room->app->by_path, &room->by_path, span_str(room->path));

    return true;
}

/* path NULL: not claimed */
static bool
make_own(struct room *room, const char *path)
{
    room->own = true;
    room->app->own++;
    room->app->rooms->own++;
    offer_to_claim(room);

    return path == NULL || set_path(room, path);
}

static struct room *
create(struct room_app *app, size_t max, const char **error)
{
    char id[UUID_SIZE];
    struct room *room;

    if (app->own >= max) {
        *error = SFU_IPC_ERR_LIMIT;
        return NULL;
    }

    make_uuid(id);
    room = room_ensure(app, id);

    if (room == NULL) {
        *error = SFU_IPC_ERR_INTERNAL;
        return NULL;
    }

    if (store_room_insert(app->rooms->store,
                          &(struct store_room){ app->name, id, NULL })) {
        *error = SFU_IPC_ERR_STORE;
        room_drop(room);
        return NULL;
    }

    (void)make_own(room, NULL);
    log_info(app->rooms->log, "room \"%s\": created, app \"%s\"", room->id,
             app->name);

    return room;
}

/* claims and all, as they were when the worker ended */
static void
restore(void *context, const struct store_room *stored)
{
    struct rooms *rooms = context;
    struct room_app *app = room_app_ensure(rooms, stored->app);
    struct room *room = app != NULL ? room_ensure(app, stored->room) : NULL;

    if (room == NULL || !make_own(room, stored->path)) {
        log_error(rooms->log, "room \"%s\": out of memory", stored->room);
    }
}

int
rooms_init(struct rooms *rooms, const struct room_settings *settings,
           struct sfu *sfu, struct feeds *feeds, struct store *store,
           struct log *log)
{
    *rooms = (struct rooms){
        .settings = settings, .sfu = sfu, .feeds = feeds, .store = store,
        .log = log,
    };

    if (map_init(&rooms->apps)) {
        return SFU_ERR_NOMEM;
    }

    (void)store_rooms_each(store, NULL, restore, rooms);

    if (rooms->own) {
        log_notice(log, "room: %zu rooms of the store", rooms->own);
    }

    return 0;
}

static void
keep_ready(struct room_app *app, size_t ready, size_t max)
{
    const char *error;

    while (app->unclaimed_count < ready && create(app, max, &error) != NULL) {
    }
}

struct room *
room_create(struct rooms *rooms, const char *name, size_t max,
            const char **error)
{
    struct room_app *app = room_app_ensure(rooms, name);

    if (app == NULL) {
        *error = SFU_IPC_ERR_INTERNAL;
        return NULL;
    }

    return create(app, max, error);
}

struct room *
room_find(struct rooms *rooms, const char *name, const char *path,
          size_t ready, size_t max, const char **error)
{
    struct room_app *app = room_app_ensure(rooms, name);
    struct map_entry *e;

    if (app == NULL) {
        *error = SFU_IPC_ERR_INTERNAL;
        return NULL;
    }

    keep_ready(app, ready, max);
    e = map_find(&app->by_path, span_str(path));

    if (e == NULL) {
        *error = SFU_IPC_ERR_ROOM_NOT_FOUND;
        return NULL;
    }

    return container_of(e, struct room, by_path);
}

struct room *
room_claim(struct rooms *rooms, const char *name, const char *path,
           size_t ready, size_t max, const char **error)
{
    struct room *room = room_find(rooms, name, path, ready, max, error);
    struct room_app *app;

    if (room != NULL || strcmp(*error, SFU_IPC_ERR_ROOM_NOT_FOUND) != 0) {
        return room;
    }

    app = room_app_ensure(rooms, name);

    if (list_empty(&app->unclaimed)) {
        return NULL;
    }

    room = container_of(app->unclaimed.next, struct room, in_unclaimed);

    if (room->own
        && store_room_claim(rooms->store,
                            &(struct store_room){ name, room->id, path })) {
        *error = SFU_IPC_ERR_STORE;
        return NULL;
    }

    if (!set_path(room, path)) {
        *error = SFU_IPC_ERR_INTERNAL;
        return NULL;
    }

    keep_ready(app, ready, max);
    log_info(rooms->log, "room \"%s\": claimed for \"%s\", app \"%s\"",
             room->id, path, name);

    return room;
}

static void
destroy_app(struct room_app *app)
{
    struct map_entry *e;

    while ((e = map_next(&app->by_id, NULL)) != NULL) {
        struct room *room = container_of(e, struct room, by_id);

        room->own = false;
        room_drop(room);
    }

    map_remove(&app->rooms->apps, &app->by_name);
    map_fini(&app->by_id);
    map_fini(&app->by_path);
    free(app);
}

void
rooms_fini(struct rooms *rooms)
{
    struct map_entry *e;

    while ((e = map_next(&rooms->apps, NULL)) != NULL) {
        destroy_app(container_of(e, struct room_app, by_name));
    }

    map_fini(&rooms->apps);
}
