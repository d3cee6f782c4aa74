/*
 * ipc/rooms.c - room.*: who is in which room, and what they say.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/rooms.h"

#include "base/list.h"
#include "ipc/connection.h"
#include "ipc/object.h"
#include "ipc/server.h"
#include "room/member.h"

enum {
    ROOMS_MAX = 1000000,        /* what nginx may allow */
};

/* as it came; the strings are the message's */
struct asked {
    struct ipc_pending pending;
    const struct kind *kind;
    struct ipc_connection connection;
    const char *path;
    size_t ready;
    size_t max;
    struct room_enter enter;
    struct room_message message;
    struct room_agreed agreed[ROOM_AGREED_MAX];
    bool audio, video, introduce;
    uint16_t channel;
};

struct kind {
    const char *type;
    bool is_connected;          /* it has a feed and a connection */
    /* NULL, or what is missing */
    const char *(*take)(struct asked *a, struct fields *f);
    void (*ask)(struct asked *a);
};

static struct rooms *
rooms_of(const struct asked *a)
{
    return a->pending.server->serves.rooms;
}

/* error NULL: all is well */
static void
answer(struct asked *a, const char *error, const char *detail)
{
    if (error == NULL) {
        ipc_answer(&a->pending, json_object());
        return;
    }

    log_info(rooms_of(a)->log, "room: %s: %s (%s), request %s",
             a->kind->type, error, detail, a->pending.message.id);
    ipc_answer_error(&a->pending, error, detail);
}


/* rooms */

static const char *
take_room(struct asked *a, struct fields *f)
{
    a->path = take_string(f, "path", SFU_IPC_ROOM_PATH_MAX, "\"path\"");
    a->ready = (size_t)take_integer(f, "ready", ROOMS_MAX, "\"ready\"");
    a->max = (size_t)take_integer(f, "max", ROOMS_MAX, "\"max\"");

    return a->pending.message.app == NULL ? "\"app\" is missing" : NULL;
}

static const char *
take_path(struct asked *a, struct fields *f)
{
    const char *missing = take_room(a, f);

    return missing != NULL ? missing
           : a->path == NULL ? "\"path\" is missing" : NULL;
}

static void
answer_room(struct asked *a, const struct room *room, const char *error)
{
    struct object o;

    if (room == NULL) {
        answer(a, error, "no such room, or no more of them");
        return;
    }

    o = object_new();
    put_string(&o, "room", room->id);
    put_string(&o, "path", room->path);
    put_bool(&o, "foreign", !room->own);
    put_bool(&o, "numeric", room->server != NULL && room->server->numeric);
    ipc_answer(&a->pending, finish(&o));
}

static void
ask_create(struct asked *a)
{
    const char *error = NULL;
    struct room *room = room_create(rooms_of(a), a->pending.message.app,
                                    a->max, &error);

    answer_room(a, room, error);
}

static void
ask_find(struct asked *a)
{
    const char *error = NULL;
    struct room *room = room_find(rooms_of(a), a->pending.message.app,
                                  a->path, a->ready, a->max, &error);

    answer_room(a, room, error);
}

static void
ask_claim(struct asked *a)
{
    const char *error = NULL;
    struct room *room = room_claim(rooms_of(a), a->pending.message.app,
                                   a->path, a->ready, a->max, &error);

    answer_room(a, room, error);
}


/* who is in them */

static const char *
take_enter(struct asked *a, struct fields *f)
{
    a->enter = (struct room_enter){
        .app = a->pending.message.app,
        .feed = a->connection.feed,
        .connection = a->connection.number,
        .born = a->connection.born,
        .room = take_string(f, "room", SFU_IPC_ROOM_ID_MAX, "\"room\""),
        .participant = take_string(f, "participant",
                                   SFU_IPC_PARTICIPANT_ID_MAX,
                                   "\"participant\""),
        .serves = take_bool(f, "serves", "\"serves\""),
        .numeric = take_bool(f, "numeric", "\"numeric\""),
        .again = take_bool(f, "again", "\"again\""),
    };

    if (a->enter.app == NULL) {
        return "\"app\" is missing";
    }

    return a->enter.serves
               ? a->enter.room == NULL ? "\"room\" is missing" : NULL
               : a->enter.participant == NULL ? "\"participant\" is missing"
                                              : NULL;
}

static void
ask_enter(struct asked *a)
{
    answer(a, room_enter(rooms_of(a), &a->enter), "cannot enter");
}

static struct room_member *
member_of(const struct asked *a)
{
    return room_member_find(rooms_of(a), a->connection.feed,
                            a->connection.number);
}

static void
ask_leave(struct asked *a)
{
    struct room_member *m = member_of(a);

    if (m != NULL) {
        room_leave(m);
    }

    answer(a, NULL, NULL);
}

static void
answer_unknown(struct asked *a)
{
    answer(a, SFU_IPC_ERR_NOT_CONNECTED, "the connection entered no room");
}


/* what they say */

/* whether there are no more than fit, and each is whole */
static bool
take_agreed(struct asked *a, struct fields *f)
{
    const json_t *list = member(f, "channels");
    size_t count = json_array_size(list);

    if (list != NULL && (!json_is_array(list) || count > ROOM_AGREED_MAX)) {
        return false;
    }

    for (size_t i = 0; i < count; i++) {
        struct fields entry = { json_array_get(list, i), NULL };
        struct room_agreed *agreed = &a->agreed[i];
        const char *use = take_string(&entry, "use", 16, "\"use\"");

        agreed->name = take_string(&entry, "name", SFU_IPC_TRACK_NAME_MAX,
                                   "\"name\"");
        agreed->id = (uint16_t)take_integer(&entry, "id", UINT16_MAX - 1,
                                            "\"id\"");
        agreed->tells = use != NULL && strcmp(use, "tell") == 0;

        if (entry.wrong != NULL || agreed->name == NULL || use == NULL) {
            return false;
        }
    }

    a->message.channels = a->agreed;
    a->message.channel_count = count;

    return true;
}

static const char *
take_send(struct asked *a, struct fields *f)
{
    a->message = (struct room_message){
        .room = take_string(f, "room", SFU_IPC_ROOM_ID_MAX, "\"room\""),
        .text = take_string(f, "text", SFU_IPC_ROOM_TEXT_MAX, "\"text\""),
        .to = take_string(f, "to", SFU_IPC_PARTICIPANT_ID_MAX, "\"to\""),
        .sender = take_string(f, "sender", SFU_IPC_PARTICIPANT_ID_MAX,
                              "\"sender\""),
        .about = take_string(f, "about", SFU_IPC_PARTICIPANT_ID_MAX,
                             "\"about\""),
        .offer = take_string(f, "offer", 0, "\"offer\""),
        .answer = take_string(f, "answer", 0, "\"answer\""),
    };

    return take_agreed(a, f) ? NULL : "\"channels\"";
}

static void
ask_send(struct asked *a)
{
    struct room_member *m = member_of(a);
    const char *detail = NULL;
    const char *error;

    if (m == NULL) {
        answer_unknown(a);
        return;
    }

    error = room_send(rooms_of(a), m, &a->message, &detail);
    answer(a, error, detail);
}

static const char *
take_state(struct asked *a, struct fields *f)
{
    a->audio = take_bool(f, "audio", "\"audio\"");
    a->video = take_bool(f, "video", "\"video\"");
    a->introduce = take_bool(f, "introduce", "\"introduce\"");

    return NULL;
}

static void
ask_state(struct asked *a)
{
    struct room_member *m = member_of(a);

    if (m == NULL) {
        answer_unknown(a);
    } else {
        answer(a, room_state(m, a->audio, a->video, a->introduce), "");
    }
}

static const char *
take_tell(struct asked *a, struct fields *f)
{
    a->channel = (uint16_t)take_integer(f, "id", UINT16_MAX - 1, "\"id\"");
    a->message.text = take_string(f, "text", SFU_IPC_ROOM_TEXT_MAX,
                                  "\"text\"");
    a->message.about = take_string(f, "about", SFU_IPC_PARTICIPANT_ID_MAX,
                                   "\"about\"");

    return a->message.text == NULL ? "\"text\" is missing" : NULL;
}

static void
ask_tell(struct asked *a)
{
    struct room_member *m = member_of(a);

    if (m == NULL) {
        answer_unknown(a);
    } else {
        answer(a, room_tell(m, a->channel, a->message.text, a->message.about),
               "it has no such data channel");
    }
}

static const struct kind kinds[] = {
    { SFU_IPC_REQ_ROOM_CREATE, false, take_room, ask_create },
    { SFU_IPC_REQ_ROOM_FIND, false, take_path, ask_find },
    { SFU_IPC_REQ_ROOM_CLAIM, false, take_path, ask_claim },
    { SFU_IPC_REQ_ROOM_ENTER, true, take_enter, ask_enter },
    { SFU_IPC_REQ_ROOM_LEAVE, true, NULL, ask_leave },
    { SFU_IPC_REQ_ROOM_SEND, true, take_send, ask_send },
    { SFU_IPC_REQ_ROOM_STATE, true, take_state, ask_state },
    { SFU_IPC_REQ_ROOM_TELL, true, take_tell, ask_tell },
};

static const char *
take(struct ipc_pending *p, struct fields *f, const char **detail)
{
    struct asked *a = container_of(p, struct asked, pending);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(p->message.type, kinds[i].type) == 0) {
            a->kind = &kinds[i];
        }
    }

    *detail = "this worker knows no such request";

    if (a->kind == NULL) {
        return SFU_IPC_ERR_UNKNOWN_TYPE;
    }

    *detail = NULL;

    if (a->kind->is_connected && !ipc_take_connection(f, &a->connection)) {
        *detail = "\"feed\" or \"connection\" is missing";
    } else if (a->kind->take != NULL) {
        *detail = a->kind->take(a, f);
    }

    return *detail != NULL ? SFU_IPC_ERR_MALFORMED : NULL;
}

static void
ask(struct ipc_pending *p)
{
    struct asked *a = container_of(p, struct asked, pending);

    a->kind->ask(a);
}

const struct ipc_family *
ipc_rooms_family(void)
{
    static const struct ipc_family family = {
        "room.", sizeof(struct asked), take, ask,
    };

    return &family;
}
