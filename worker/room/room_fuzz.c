/*
 * room/room_fuzz.c - people who come, talk and go in any order.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each byte is a step of a person, of media, or of time.  Whatever happens,
 * who sees whom is the same seen from either side, nobody is told of somebody
 * who has left, and a client that was not damaged understands what it is
 * offered.
 */

#include "room/member.h"
#include "sdp/fake_client.h"
#include "sfu/channel.h"
#include "sfu/fuzz_invariants.h"
#include "sfu/fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEOPLE = 4, ROOMS = 2, SESSIONS = 20 };

#define FEED "00112233aabbccdd"

struct person {
    uint64_t connection;        /* 0: not here */
    struct fake_client producer;
    bool lost_track;            /* it sent damaged SDP: expects nothing */
    char *offers[PEOPLE];       /* of others, not answered yet */
    struct fake_client consumers[PEOPLE];
    bool lost_consumer[PEOPLE];
    bool knows[PEOPLE];         /* was told of, and not that they left */
};

struct game {
    struct sfu sfu;
    struct feeds feeds;
    struct rooms rooms;
    struct store *store;
    struct person people[PEOPLE];
    uint64_t connections;
    uint64_t since;
    bool was_crowded;           /* answers come late: there are newer offers */
    const uint8_t *next;
    const uint8_t *end;
};

static const char *const names[] = { "a", "b", "c", "d" };
static const char *const room_ids[] = { "R", "S" };

static const struct feed_settings feed_settings = {
    60 * USEC_PER_SEC, 1000, 200, 1 << 20, 1 << 22,
};

static const struct room_settings room_settings = { 3, 5, 4096 };

static uint8_t
byte(struct game *g)
{
    return g->next < g->end ? *g->next++ : 0;
}

static struct room_member *
member_of(const struct game *g, size_t i)
{
    return room_member_find(&g->rooms, FEED, g->people[i].connection);
}

/* they forget all when they go */
static void
forget(struct person *p)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        free(p->offers[i]);
    }

    *p = (struct person){ 0 };
}


/* what nginx is told */

static size_t
index_of(const char *name)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }

    assert(!"nobody is called so");

    return 0;
}

static const char *
text_of(const struct feed_event *e, const char *name)
{
    for (size_t i = 0; i < e->count; i++) {
        if (strcmp(e->members[i].name, name) == 0) {
            return e->members[i].text;
        }
    }

    return NULL;
}

static void
take_answer(const struct game *g, struct person *p, const char *sdp)
{
    if (!p->lost_track) {
        const char *why = fake_apply_answer(&p->producer, sdp);

        assert(why == NULL || g->was_crowded);
        p->lost_track = why != NULL;
    }
}

static void
take_offer(struct person *p, const struct feed_event *e)
{
    size_t about = index_of(text_of(e, "about"));

    assert(p->offers[about] == NULL);   /* one at a time */
    p->offers[about] = strdup(text_of(e, "sdp"));
    p->knows[about] = true;
}

static void
take_event(struct game *g, const struct feed_event *e)
{
    struct person *p = NULL;

    for (size_t i = 0; i < PEOPLE; i++) {
        if (g->people[i].connection == e->connection) {
            p = &g->people[i];
        }
    }

    if (p == NULL) {
        return;                 /* it was on its way */
    }

    if (strcmp(e->name, SFU_IPC_EVENT_END) == 0) {
        forget(p);
    } else if (strcmp(e->name, SFU_IPC_EVENT_ANSWER) == 0) {
        take_answer(g, p, text_of(e, "sdp"));
    } else if (strcmp(e->name, SFU_IPC_EVENT_OFFER) == 0) {
        take_offer(p, e);
    } else if (strcmp(e->name, SFU_IPC_EVENT_LEFT) == 0) {
        size_t who = index_of(text_of(e, "participant"));

        free(p->offers[who]);
        p->offers[who] = NULL;
        p->consumers[who] = (struct fake_client){ 0 };
        p->lost_consumer[who] = p->knows[who] = false;
    }
}

struct listener {
    struct feed_query query;
    struct game *game;
};

static void
told(struct feed_query *query)
{
    struct listener *l = container_of(query, struct listener, query);
    const struct feed_event *e = NULL;

    while ((e = feed_query_next(query, e)) != NULL) {
        take_event(l->game, e);
    }

    l->game->since = query->last;
}

static void
hear(struct game *g)
{
    struct listener l = { { .since = g->since, .done = told }, g };

    feeds_run(&g->feeds);
    assert(feeds_ask(&g->feeds, FEED, &l.query) == 0);
}


/* steps */

static void
enter(struct game *g, size_t i, uint8_t how)
{
    struct person *p = &g->people[i];
    struct room_enter enter = {
        .app = "app", .feed = FEED, .born = how & 3, .again = how & 64,
        .room = how & 16 ? NULL : room_ids[how >> 2 & 1],
        .participant = names[i],
    };

    /* who enters again on the same connection has left before */
    if (p->connection == 0 || how & 32) {
        forget(p);
        p->connection = ++g->connections;
    } else {
        uint64_t same = p->connection;

        forget(p);
        p->connection = same;
    }

    enter.connection = p->connection;
    (void)room_enter(&g->rooms, &enter);
}

static void
serve(struct game *g, uint8_t how)
{
    (void)room_enter(&g->rooms, &(struct room_enter){
                                    .app = "app", .feed = FEED,
                                    .connection = 1000 + (how & 1),
                                    .born = how & 3, .room = room_ids[1],
                                    .serves = true });

    if (how & 4) {
        struct room_member *m = room_member_find(&g->rooms, FEED,
                                                 1000 + (how & 1));

        if (m != NULL) {
            room_leave(m);
        }
    }
}

static void
say(struct game *g, size_t i, const struct room_message *message)
{
    struct room_member *m = member_of(g, i);
    const char *detail = NULL;

    if (m != NULL) {
        (void)room_send(&g->rooms, m, message, &detail);
    }
}

static void
offer(struct game *g, size_t i, uint8_t how)
{
    static const struct room_agreed agreed[] = {
        { "chat", 3, false }, { "features", 5, true }, { "high", 99, true },
    };
    struct person *p = &g->people[i];
    struct room_message message = {
        .sender = how & 1 ? names[i] : NULL, .channels = agreed,
        .channel_count = 3, .room = how & 2 ? room_ids[how >> 2 & 1] : NULL,
    };
    char *sdp;

    if (p->producer.count < 4 && !p->producer.waiting) {
        static const enum sdp_kind kinds[] = { SDP_AUDIO, SDP_VIDEO,
                                               SDP_APPLICATION, SDP_VIDEO };

        fake_add(&p->producer, kinds[how >> 3 & 3], SDP_SENDRECV);
    }

    p->producer.ice += how >> 5 & 1;
    sdp = fake_offer(&p->producer);

    if (how & 128) {
        sdp[byte(g) % strlen(sdp)] ^= 1;
        p->lost_track = true;
    }

    message.offer = sdp;
    say(g, i, &message);
    free(sdp);
}

static void
answer(struct game *g, size_t i, uint8_t how)
{
    struct person *p = &g->people[i];
    size_t about = how & 3;
    struct room_message message = { .about = names[about] };
    const char *why = NULL;
    char *sdp = NULL;

    if (p->offers[about] != NULL && !p->lost_consumer[about]) {
        sdp = fake_answer(&p->consumers[about], p->offers[about], &why);
        assert(sdp != NULL && why == NULL);
        free(p->offers[about]);
        p->offers[about] = NULL;
    }

    if (sdp != NULL && how & 128) {
        sdp[byte(g) % strlen(sdp)] ^= 1;
        p->lost_consumer[about] = true;
    }

    message.answer = sdp != NULL ? sdp : "v=0";
    say(g, i, &message);
    free(sdp);
}

/* the session of a person, or what it sees of another, ends by itself */
static void
lose(struct game *g, size_t i, uint8_t how)
{
    struct room_member *m = member_of(g, i);

    if (m == NULL) {
        return;
    }

    if (how & 1 && m->media.producer != NULL) {
        sfu_session_end(m->media.producer, SFU_END_expired, "fuzz");
    } else if (!list_empty(&m->media.seen)) {
        struct room_consumer *c = container_of(m->media.seen.next,
                                               struct room_consumer,
                                               in_viewer);

        if (c->session != NULL) {
            sfu_session_end(c->session, SFU_END_expired, "fuzz");
        }
    }
}

/* too many join, or not any more */
static void
crowd(struct game *g, bool crowded)
{
    fuzz_model.settings.join_wait = crowded ? 0 : 10 * USEC_PER_SEC;
    g->was_crowded = g->was_crowded || crowded;
}

/* a browser notices when its transport is gone, and begins anew */
static void
notice_ends(struct game *g, size_t i)
{
    struct person *p = &g->people[i];
    struct room_member *m = member_of(g, i);

    if (m == NULL) {
        return;
    }

    if (m->media.producer == NULL) {
        p->producer = (struct fake_client){ 0 };
        p->lost_track = false;
    }

    list_each(node, next, &m->media.seen) {
        struct room_consumer *c = container_of(node, struct room_consumer,
                                               in_viewer);
        size_t about = index_of(c->subject->id);

        if (c->session == NULL) {
            free(p->offers[about]);
            p->offers[about] = NULL;
            p->consumers[about] = (struct fake_client){ 0 };
            p->lost_consumer[about] = false;
        }
    }
}

static void
data_event(struct game *g, size_t i, uint8_t how)
{
    struct room_member *m = member_of(g, i);
    struct sfu_session *s = m != NULL ? m->media.producer : NULL;
    struct data_event *e;

    if (s == NULL || s->data == NULL || s->data->peer == NULL) {
        return;
    }

    e = calloc(1, sizeof(*e));
    assert(e != NULL);
    e->type = how & 1 ? DATA_EVENT_UP : DATA_EVENT_TOLD;
    e->session = s->number;
    e->peer = s->data->id;
    e->streams = 8;

    if (!(how & 1) && !list_empty(&s->data->channels)) {
        e->channel = container_of(s->data->channels.next, struct sfu_channel,
                                  node)->id;
        e->text = strdup("{}");
    }

    sfu_data_event(&e->task, &g->sfu);
}

static void
claim(struct game *g, uint8_t how)
{
    const char *error = NULL;

    if (how & 1) {
        (void)room_create(&g->rooms, "app", 3, &error);
    } else {
        (void)room_claim(&g->rooms, "app", names[how >> 1 & 3], how >> 3 & 1,
                         3, &error);
    }
}

static void
step(struct game *g)
{
    uint8_t what = byte(g);
    uint8_t how = byte(g);
    size_t i = what >> 4 & 3;
    struct room_member *m = member_of(g, i);

    switch (what & 15) {
    case 0:
        enter(g, i, how);
        break;
    case 1:
        serve(g, how);
        break;
    case 2:
        claim(g, how);
        break;
    case 3:
        if (m != NULL) {
            room_leave(m);
        }

        forget(&g->people[i]);
        break;
    case 4:
        lose(g, i, how);
        break;
    case 5:
        data_event(g, i, how);
        break;
    case 6:
        if (m != NULL) {
            (void)room_state(m, how & 1, how & 2, how & 4);
            (void)room_tell(m, 5, "{}", how & 8 ? names[how & 3] : NULL);
        }

        break;
    case 7:
        crowd(g, how & 128);
        g->sfu.now += (usec_t)how * 100 * USEC_PER_MS;
        timer_wheel_run(&g->sfu.wheel, g->sfu.now);
        break;
    case 8:
        say(g, i, &(struct room_message){ .text = "{}", .to = names[how & 3],
                                          .room = room_ids[how >> 2 & 1],
                                          .sender = names[how >> 3 & 3] });
        break;
    case 9:
    case 10:
    case 11:
        answer(g, i, how);
        break;
    default:
        offer(g, i, how);
        break;
    }
}


/* what holds after each step */

static void
check_room(const struct room *room)
{
    size_t count = 0;

    assert(room_is_served(room) || !list_empty(&room->participants));
    assert((room->path != NULL) == list_empty(&room->in_unclaimed)
           || !room_is_served(room));

    list_each(node, next, &room->participants) {
        struct room_member *m = container_of(node, struct room_member,
                                             in_room);

        count++;
        assert(m->room == room && !m->serves && m->connection != NULL);
        assert(m->connection->owner == &m->owner);

        list_each(seen, after, &m->media.seen) {
            struct room_consumer *c = container_of(seen, struct room_consumer,
                                                   in_viewer);

            assert(c->viewer == m && c->subject != m);
            assert(c->subject->room == room && room->own);
            assert(c->session == NULL || c->session->observer == &c->observer);
        }

        assert(m->media.producer == NULL
               || m->media.producer->observer == &m->media.observer);
    }

    assert(count == room->participant_count
           && count <= (room->own ? room_settings.participants_max
                                  : room_settings.foreign_max));
}

static void
check(struct game *g)
{
    struct room_app *app = room_app_ensure(&g->rooms, "app");

    check_model(&g->sfu);

    for (struct map_entry *e = NULL;
         (e = map_next(&app->by_id, e)) != NULL;) {
        check_room(container_of(e, struct room, by_id));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct game g = { .next = data, .end = data + size };
    const char *error = NULL;

    fuzz_model_begin(&g.sfu, SESSIONS);
    assert(store_open(&g.store, NULL, &fuzz_model.log) == 0);
    assert(store_room_insert(g.store,
                             &(struct store_room){ "app", "R", NULL }) == 0);
    assert(feeds_init(&g.feeds, &feed_settings, &fuzz_model.log, &g.sfu.wheel,
                      &g.sfu.now) == 0);
    assert(rooms_init(&g.rooms, &room_settings, &g.sfu, &g.feeds, g.store,
                      &fuzz_model.log) == 0);
    assert(room_claim(&g.rooms, "app", "r", 0, 1, &error) != NULL);
    crowd(&g, false);

    for (int i = 0; i < 200 && g.next < g.end; i++) {
        step(&g);
        fuzz_model_turn(&g.sfu);

        for (size_t who = 0; who < PEOPLE; who++) {
            notice_ends(&g, who);
        }

        hear(&g);
        check(&g);
    }

    sfu_end_sessions(&g.sfu);
    feeds_fini(&g.feeds);
    assert(g.rooms.members == 0 && g.rooms.waiting == 0);
    rooms_fini(&g.rooms);
    store_close(g.store);
    fuzz_model_end(&g.sfu);

    for (size_t i = 0; i < PEOPLE; i++) {
        forget(&g.people[i]);
    }

    return 0;
}
