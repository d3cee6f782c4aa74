/*
 * room/fixture.h - rooms over the whole model, and people in them.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Nginx is played here: a person has a connection of one feed, and what it
 * is told is taken from there.
 */

#ifndef SFU_ROOM_FIXTURE_H
#define SFU_ROOM_FIXTURE_H

#include "room/member.h"
#include "room/room.h"
#include "test/model.h"
#include "test/tap.h"

enum { SEEN_MAX = 256, CONSUMERS_MAX = 4 };

#define FEED "00112233aabbccdd"

struct seen {
    uint64_t connection;
    char name[16];
    char to[32], about[32], participant[32], text[64], reason[16];
    char *sdp;
    bool audio, video;
    int64_t id;
};

struct world {
    struct model model;
    struct feed_settings feed_settings;
    struct room_settings room_settings;
    struct feeds feeds;
    struct store *store;
    struct rooms rooms;
    struct seen seen[SEEN_MAX];
    size_t count;
    uint64_t since;
};

struct person {
    struct world *world;
    const char *id;
    uint64_t connection;
    struct fake_client producer;
    struct {
        char about[32];
        struct fake_client sdp;
    } consumers[CONSUMERS_MAX];
    size_t consumer_count;
};

static inline void
world_begin(struct world *w, uint16_t port)
{
    memset(w, 0, sizeof(*w));
    w->feed_settings = (struct feed_settings){
        .time = 600 * USEC_PER_SEC, .connections_max = 1000,
        .events_max = 1000, .bytes_max = 1 << 20, .memory_max = 1 << 24,
    };
    w->room_settings.participants_max = 4;
    w->room_settings.foreign_max = 6;
    w->room_settings.waiting_max = 1 << 20;
    model_defaults(&w->model, port);
    w->model.data_settings.sctp.streams = 1024;
    model_start(&w->model, 1);
    tap_is_int(feeds_init(&w->feeds, &w->feed_settings, &w->model.log,
                          &w->model.sfu.wheel, &w->model.sfu.now), 0, "feeds");
    tap_is_int(store_open(&w->store, NULL, &w->model.log), 0, "a store");
    tap_is_int(rooms_init(&w->rooms, &w->room_settings, &w->model.sfu,
                          &w->feeds, w->store, &w->model.log), 0, "rooms");
}

static inline void
world_forget(struct world *w)
{
    for (size_t i = 0; i < w->count; i++) {
        free(w->seen[i].sdp);
    }

    w->count = 0;
}

static inline void
world_end(struct world *w)
{
    feeds_fini(&w->feeds);
    tap_is_int((long long)w->rooms.members, 0, "nobody is in a room");
    tap_is_int((long long)w->rooms.waiting, 0, "and nothing waits for one");
    rooms_fini(&w->rooms);
    store_close(w->store);
    world_forget(w);
    model_end(&w->model);
}

static inline void
take_member(struct seen *s, const struct feed_member *m)
{
    const struct {
        const char *name;
        char *to;
        size_t size;
    } texts[] = {
        { "to", s->to, sizeof(s->to) },
        { "about", s->about, sizeof(s->about) },
        { "participant", s->participant, sizeof(s->participant) },
        { "text", s->text, sizeof(s->text) },
        { "reason", s->reason, sizeof(s->reason) },
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(m->name, texts[i].name) == 0 && m->text != NULL) {
            snprintf(texts[i].to, texts[i].size, "%s", m->text);
        }
    }

    s->sdp = strcmp(m->name, "sdp") == 0 ? strdup(m->text) : s->sdp;
    s->audio = strcmp(m->name, "audio") == 0 ? m->number != 0 : s->audio;
    s->video = strcmp(m->name, "video") == 0 ? m->number != 0 : s->video;
    s->id = strcmp(m->name, "id") == 0 ? m->number : s->id;
}

/* what nginx would have been told since it asked last */
struct world_query {
    struct feed_query query;
    struct world *world;
};

static inline void
world_told(struct feed_query *query)
{
    struct world *w = container_of(query, struct world_query, query)->world;
    const struct feed_event *e = NULL;

    while ((e = feed_query_next(query, e)) != NULL && w->count < SEEN_MAX) {
        struct seen *s = &w->seen[w->count++];

        *s = (struct seen){ .connection = e->connection };
        snprintf(s->name, sizeof(s->name), "%s", e->name);

        for (size_t i = 0; i < e->count; i++) {
            take_member(s, &e->members[i]);
        }
    }

    w->since = query->last;
}

static inline void
world_listen(struct world *w)
{
    struct world_query q = { { .since = w->since, .done = world_told }, w };

    world_forget(w);
    feeds_run(&w->feeds);
    tap_is_int(feeds_ask(&w->feeds, FEED, &q.query), 0, "events");
}

/* the nth of what was told to the person under this name, or NULL */
static inline const struct seen *
saw(const struct person *p, const char *name, size_t nth)
{
    const struct world *w = p->world;

    for (size_t i = 0; i < w->count; i++) {
        if (w->seen[i].connection == p->connection
            && strcmp(w->seen[i].name, name) == 0 && nth-- == 0) {
            return &w->seen[i];
        }
    }

    return NULL;
}

static inline size_t
how_often(const struct person *p, const char *name)
{
    size_t n = 0;

    while (saw(p, name, n) != NULL) {
        n++;
    }

    return n;
}

static inline struct room_member *
member_of(const struct person *p)
{
    return room_member_find(&p->world->rooms, FEED, p->connection);
}

static inline const char *
person_enter(struct person *p, struct world *w, uint64_t connection,
             const char *id, const char *room)
{
    *p = (struct person){ .world = w, .id = id, .connection = connection };

    return room_enter(&w->rooms, &(struct room_enter){
                                     .app = "app", .feed = FEED,
                                     .connection = connection, .born = 1000,
                                     .room = room, .participant = id });
}

static inline const char *
person_says(const struct person *p, const struct room_message *message)
{
    const char *detail;

    return room_send(&p->world->rooms, member_of(p), message, &detail);
}

/* an offer of these kinds: "a", "v" and "d"; then the answer is taken */
static inline const char *
person_offer(struct person *p, const char *kinds)
{
    static const struct room_agreed agreed[] = {
        { "chat", 100, false }, { "features", 110, true },
    };
    struct room_message message = {
        .sender = p->id, .channels = agreed, .channel_count = 2,
    };
    const struct seen *answer;
    const char *error;
    char *offer;

    for (; *kinds; kinds++) {
        fake_add(&p->producer,
                 *kinds == 'a' ? SDP_AUDIO
                 : *kinds == 'v' ? SDP_VIDEO : SDP_APPLICATION, SDP_SENDRECV);
    }

    offer = fake_offer(&p->producer);
    message.offer = offer;
    error = person_says(p, &message);
    free(offer);
    world_listen(p->world);
    answer = saw(p, "answer", 0);

    if (error == NULL) {
        const char *why = answer != NULL
                              ? fake_apply_answer(&p->producer, answer->sdp)
                              : "no answer";

        tap_ok(why == NULL && strcmp(answer->to, p->id) == 0,
               "%s is answered%s%s", p->id, why != NULL ? ": " : "",
               why != NULL ? why : "");
    }

    return error;
}

/* the answer to an offer that was seen, not sent yet */
static inline char *
person_answer_of(struct person *p, const struct seen *offer)
{
    const char *why = NULL;
    size_t i = 0;
    char *answer;

    while (i < p->consumer_count
           && strcmp(p->consumers[i].about, offer->about) != 0) {
        i++;
    }

    if (i == p->consumer_count) {
        snprintf(p->consumers[i].about, sizeof(p->consumers[i].about), "%s",
                 offer->about);
        p->consumer_count++;
    }

    answer = fake_answer(&p->consumers[i].sdp, offer->sdp, &why);
    tap_ok(answer != NULL, "%s can take the offer of \"%s\"%s%s", p->id,
           offer->about, why != NULL ? ": " : "", why != NULL ? why : "");

    return answer;
}

static inline const char *
person_answer(struct person *p, const struct seen *offer)
{
    char about[sizeof(offer->about)];
    char *answer = person_answer_of(p, offer);
    const char *error;

    snprintf(about, sizeof(about), "%s", offer->about);
    error = person_says(p, &(struct room_message){
                               .sender = p->id, .about = about,
                               .answer = answer });
    free(answer);

    return error;
}

static inline void
person_leave(struct person *p)
{
    room_leave(member_of(p));
    world_listen(p->world);
}

#endif
