/*
 * room/room_test.c - rooms: made, found, claimed, and served by others.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "room/fixture.h"

enum { PORT = 21990, MAX = 10 };

static struct world w;

static const char *
claim(const char *path, const char **id)
{
    const char *error = "";
    struct room *room = room_claim(&w.rooms, "app", path, 0, MAX, &error);

    *id = room != NULL ? room->id : NULL;

    return room != NULL ? "" : error;
}

static const char *
find(const char *path, const char **id)
{
    const char *error = "";
    struct room *room = room_find(&w.rooms, "app", path, 0, MAX, &error);

    *id = room != NULL ? room->id : NULL;

    return room != NULL ? "" : error;
}

static void
test_claims(void)
{
    const char *error, *id, *other;

    world_begin(&w, PORT);
    tap_is_str(find("a", &id), SFU_IPC_ERR_ROOM_NOT_FOUND,
               "nobody claimed it (arbiter 1)");
    tap_is_str(claim("a", &id), SFU_IPC_ERR_ROOM_NOT_FOUND,
               "and there is none to claim (arbiter 2)");
    tap_ok(room_create(&w.rooms, "app", MAX, &error) != NULL, "one is made");
    tap_is_str(claim("a", &id), "", "and claimed (arbiter 4)");
    tap_ok(id != NULL && strlen(id) == 36 && id[14] == '4', "a UUID");
    tap_ok(strcmp(find("a", &other), "") == 0 && other == id, "is found");
    tap_ok(strcmp(claim("a", &other), "") == 0 && other == id,
           "a second claim is the same (arbiter 5)");
    tap_is_str(claim("b", &other), SFU_IPC_ERR_ROOM_NOT_FOUND,
               "another has none left (arbiter 6)");
    tap_is_str(find("/a", &other), SFU_IPC_ERR_ROOM_NOT_FOUND,
               "a slash makes another path (arbiter 10)");

    for (int i = 1; i < MAX; i++) {
        room_create(&w.rooms, "app", MAX, &error);
    }

    tap_ok(room_create(&w.rooms, "app", MAX, &error) == NULL
               && strcmp(error, SFU_IPC_ERR_LIMIT) == 0, "there is a limit");
    tap_ok(room_claim(&w.rooms, "other", "a", 0, MAX, &error) == NULL,
           "another app has other rooms");
    tap_ok(room_claim(&w.rooms, "other", "a", 2, MAX, &error) != NULL
               && room_app_ensure(&w.rooms, "other")->own == 3,
           "with rooms kept ready, one is claimed and one comes after");

    /* as when the worker comes again */
    rooms_fini(&w.rooms);
    rooms_init(&w.rooms, &w.room_settings, &w.model.sfu, &w.feeds, w.store,
               &w.model.log);
    tap_ok(strcmp(find("a", &id), "") == 0
               && room_app_ensure(&w.rooms, "app")->own == MAX
               && room_app_ensure(&w.rooms, "app")->unclaimed_count == MAX - 1,
           "rooms and claims outlive the worker");
    world_end(&w);
}

static const char *
serve(uint64_t connection, const char *room, int64_t born)
{
    return room_enter(&w.rooms, &(struct room_enter){
                                    .app = "app", .feed = FEED,
                                    .connection = connection, .born = born,
                                    .room = room, .serves = true });
}

static void
test_foreign(void)
{
    struct person sfu = { .world = &w, .id = "S", .connection = 1 };
    struct person again = { .world = &w, .id = "S", .connection = 7 };
    struct person c, d, q;
    const char *id;

    world_begin(&w, PORT);
    person_enter(&c, &w, 2, "c", "S");
    tap_is_str(person_says(&c, &(struct room_message){ .text = "{}" }),
               SFU_IPC_ERR_TARGET_GONE, "a room that is not there (arbiter "
                                        "20)");
    tap_ok(serve(1, "S", 1) == NULL, "an SFU makes it");
    tap_is_str(claim("p", &id), "", "which can be claimed (arbiter 17)");
    tap_is_str(id, "S", "under the id of the SFU");
    person_enter(&d, &w, 3, "d", "S");
    person_enter(&q, &w, 4, "q", "Q");
    person_says(&c, &(struct room_message){ .text = "hello", .room = "S",
                                            .sender = "C" });
    world_listen(&w);
    tap_is_str(saw(&sfu, "text", 0)->text, "hello",
               "it gets what is said to it (arbiter 18)");
    tap_ok(person_says(&sfu, &(struct room_message){ .text = "answer",
                                                     .to = "C" }) == NULL
               && person_says(&sfu, &(struct room_message){ .text = "more",
                                                            .to = "c" })
                      == NULL, "and answers by either name");
    tap_is_str(person_says(&sfu, &(struct room_message){ .text = "answer",
                                                         .to = "nobody" }),
               SFU_IPC_ERR_TARGET_GONE, "not to nobody (arbiter 20)");
    tap_is_str(person_says(&sfu, &(struct room_message){ .text = "answer",
                                                         .to = "q" }),
               SFU_IPC_ERR_TARGET_GONE, "nor to another room");
    world_listen(&w);
    tap_ok(how_often(&c, "text") == 2 && how_often(&d, "text") == 0
               && how_often(&q, "text") == 0, "one has it (arbiter 19)");

    person_leave(&d);
    tap_ok(strcmp(saw(&c, "left", 0)->participant, "d") == 0
               && strcmp(saw(&sfu, "left", 0)->participant, "d") == 0
               && how_often(&q, "left") == 0,
           "who leaves is told of in its room (arbiter 22)");

    for (uint64_t i = 0; i < 4; i++) {
        struct person more;
        char name[8];

        snprintf(name, sizeof(name), "m%d", (int)i);
        tap_ok(person_enter(&more, &w, 30 + i, name, "S") == NULL,
               "a room of others has another limit");
    }

    tap_ok(serve(7, "S", 2) == NULL, "the same SFU comes again");
    world_listen(&w);
    tap_is_str(saw(&sfu, "end", 0)->reason, "replaced", "the older goes");
    tap_is_str(find("p", &id), "", "the room keeps its claim");
    person_says(&c, &(struct room_message){ .text = "you" });
    world_listen(&w);
    tap_ok(how_often(&again, "text") == 1 && how_often(&sfu, "text") == 0,
           "the younger serves it");
    person_leave(&again);
    tap_is_int((long long)how_often(&c, "unserved"), 1, "and goes");
    tap_is_str(find("p", &id), SFU_IPC_ERR_ROOM_NOT_FOUND, "with the room");
    world_end(&w);
}

static void
test_entering(void)
{
    struct person old, young, late, full;
    const char *error, *id;
    char name[8];

    world_begin(&w, PORT);
    room_create(&w.rooms, "app", MAX, &error);
    claim("p", &id);
    tap_is_str(serve(1, id, 1), SFU_IPC_ERR_EXISTS,
               "nobody else serves a room of ours");
    person_enter(&old, &w, 2, "c", id);
    person_enter(&young, &w, 3, "c", id);
    world_listen(&w);
    tap_ok(strcmp(saw(&old, "end", 0)->reason, "replaced") == 0
               && member_of(&old) == NULL && member_of(&young) != NULL,
           "the newest of the same name is it");
    late = (struct person){ .world = &w, .id = "c", .connection = 4 };
    tap_ok(room_enter(&w.rooms, &(struct room_enter){
                                    .app = "app", .feed = FEED,
                                    .connection = 4, .born = 1, .room = id,
                                    .participant = "c", .again = true })
               == NULL, "one that is older comes late");
    world_listen(&w);
    tap_ok(saw(&late, "end", 0) != NULL && member_of(&late) == NULL
               && member_of(&young) != NULL, "and goes at once");
    old = young;
    young = (struct person){ .world = &w, .id = "c", .connection = 5 };
    tap_ok(room_enter(&w.rooms, &(struct room_enter){
                                    .app = "app", .feed = FEED,
                                    .connection = 5, .born = 1, .room = id,
                                    .participant = "c" }) == NULL,
           "a new one that seems older, by a clock that was set back");
    world_listen(&w);
    tap_ok(saw(&old, "end", 0) != NULL && member_of(&old) == NULL
               && member_of(&young) != NULL, "takes the place all the same");

    for (uint64_t i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "n%d", (int)i);
        person_enter(&full, &w, 10 + i, name, id);
    }

    tap_is_str(person_enter(&full, &w, 20, "more", id), SFU_IPC_ERR_LIMIT,
               "a room has a limit");
    tap_ok(person_enter(&full, &w, 20, "more", NULL) == NULL
               && member_of(&full)->room == NULL, "one enters no room");
    tap_is_str(person_says(&full, &(struct room_message){ .room = id }),
               SFU_IPC_ERR_LIMIT, "and may still be too many");
    person_leave(&young);
    tap_ok(person_says(&full, &(struct room_message){ .room = id }) == NULL
               && member_of(&full)->room != NULL, "or comes with a message");
    person_enter(&late, &w, 21, "more", NULL);
    tap_ok(person_says(&late, &(struct room_message){ .room = id }) == NULL
               && member_of(&full) == NULL && member_of(&late)->room != NULL,
           "in the place of who is called the same");
    person_leave(&late);
    person_enter(&full, &w, 20, "more", id);
    tap_ok(person_enter(&full, &w, 20, "more", "elsewhere") == NULL
               && strcmp(member_of(&full)->room->id, "elsewhere") == 0,
           "who enters again leaves first");

    for (uint64_t i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "f%d", (int)i);
        person_enter(&late, &w, 30 + i, name, "elsewhere");
    }

    tap_is_str(person_enter(&young, &w, 40, "last", "elsewhere"),
               SFU_IPC_ERR_LIMIT, "one that is not ours has another limit");
    tap_is_str(serve(41, "elsewhere", 1), NULL, "which is not its server's");
    tap_is_str(person_enter(&young, &w, 40, "last", "elsewhere"),
               SFU_IPC_ERR_LIMIT, "but the same when it is served");
    person_leave(&late);
    tap_is_str(person_enter(&young, &w, 40, "last", "elsewhere"), NULL,
               "there is room again");
    world_end(&w);
}

int
main(void)
{
    test_claims();
    test_foreign();
    test_entering();

    return tap_done();
}
