/*
 * feed/feed_test.c - events as a cursor, and what becomes of connections.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "feed/feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "feed/connection.h"
#include "test/tap.h"

#define A "000000000000000a"
#define B "000000000000000b"

static usec_t now;
static struct timer_wheel wheel;
static struct log quiet = { .fd = -1, .level = LOG_ERROR };
static struct feed_settings settings;
static struct feeds feeds;

/* the asker: what its query was answered with, "3:x 3:y ..." */
struct asker {
    struct feed_query query;
    int answers;
    uint64_t last;
    uint64_t epoch;
    char events[4096];
};

static void
answered(struct feed_query *query)
{
    struct asker *a = container_of(query, struct asker, query);
    size_t len = 0;

    a->answers++;
    a->last = query->last;
    a->epoch = query->epoch;
    a->events[0] = '\0';

    for (const struct feed_event *e = feed_query_next(query, NULL); e != NULL;
         e = feed_query_next(query, e)) {
        len += (size_t)snprintf(a->events + len, sizeof(a->events) - len,
                                "%s%llu:%s", len ? " " : "",
                                (unsigned long long)e->connection,
                                e->count ? e->members[0].text : e->name);

        if (len >= sizeof(a->events)) {
            break;
        }
    }
}

/* somebody who cares for a connection */
struct guest {
    struct feed_owner owner;
    struct feed_connection *connection;
    int gone;
    struct guest *told;         /* is told when this one goes */
};

static void
tell(struct guest *g, const char *text)
{
    struct feed_member member = feed_text("text", text);

    feed_connection_tell(g->connection, "text", &member, 1);
}

static void
guest_gone(struct feed_owner *owner)
{
    struct guest *g = container_of(owner, struct guest, owner);

    g->gone++;
    g->connection = NULL;

    if (g->told != NULL && g->told->connection != NULL) {
        tell(g->told, "left");
    }
}

static int
enter(struct guest *g, const char *feed, uint64_t number)
{
    *g = (struct guest){ .owner.gone = guest_gone };

    return feed_connection_enter(&feeds, feed, number, 0, &g->owner,
                                 &g->connection);
}

static int
ask(struct asker *a, const char *feed, uint64_t since, usec_t wait)
{
    *a = (struct asker){
        .query = { .since = since, .wait = wait, .done = answered },
    };

    return feeds_ask(&feeds, feed, &a->query);
}

/* what the control thread does in a turn */
static void
pass(usec_t time)
{
    now += time;
    timer_wheel_run(&wheel, now);
    feeds_run(&feeds);
}

static int
begin(void)
{
    settings = (struct feed_settings){
        .time = 5 * USEC_PER_SEC, .connections_max = 8, .events_max = 4,
        .bytes_max = 4096, .memory_max = 16384,
    };
    timer_wheel_init(&wheel, now);

    return feeds_init(&feeds, &settings, &quiet, &wheel, &now);
}

static void
end(const char *name)
{
    feeds_fini(&feeds);
    tap_ok(feeds.connections == 0 && feeds.bytes == 0 && wheel.armed == 0,
           "nothing is left of %s", name);
}

static void
cursor(void)
{
    struct asker a, b;
    struct guest g, h;

    begin();
    enter(&g, A, 1);
    enter(&h, A, 2);
    ask(&a, A, 0, USEC_PER_SEC);
    tap_is_int(a.answers, 0, "nothing to tell: it waits");
    tell(&g, "a");
    tell(&h, "b");
    tell(&g, "c");
    tap_is_int(a.answers, 0, "all of one turn is told at once");
    pass(0);
    tap_is_str(a.events, "1:a 2:b 1:c", "in order");
    tap_is_int((long long)a.last, 3, "up to this number");
    tap_is_int(a.answers, 1, "in one answer");

    ask(&b, A, 0, 0);
    tap_is_str(b.events, "1:a 2:b 1:c", "a reply that was lost is said again");
    tell(&h, "d");
    ask(&a, A, 2, 0);
    tap_is_str(a.events, "1:c 2:d", "what was taken is not, the rest is");
    ask(&a, A, 2, 0);
    tap_is_str(a.events, "1:c 2:d", "as often as it is asked");
    ask(&a, A, 4, 0);
    tap_is_str(a.events, "", "until all is taken");
    tap_is_int((long long)a.last, 4, "and the number stays");
    ask(&a, A, 99, 0);
    tell(&g, "e");
    ask(&a, A, 99, 0);
    tap_is_str(a.events, "1:e", "what was never told cannot be taken");
    tap_is_int((long long)feeds.events, 5, "events are counted");
    end("a cursor");
}

static void
two_polls(void)
{
    struct asker a, b, other;
    struct guest g;

    begin();
    enter(&g, A, 1);
    ask(&a, A, 0, USEC_PER_SEC);
    ask(&other, B, 0, USEC_PER_SEC);
    ask(&b, A, 0, USEC_PER_SEC);
    tap_ok(a.answers == 1 && a.events[0] == '\0' && a.last == 0,
           "a second request answers the first");
    tell(&g, "x");
    pass(0);
    tap_is_str(b.events, "1:x", "and gets the events");
    tap_is_int(other.answers, 0, "another process has none of it");
    tap_ok(a.epoch == b.epoch && a.epoch != 0, "it is the same feed");
    end("two polls");
    tap_is_int(other.answers, 1, "who waits to the end is answered then");
}

static void
times(void)
{
    struct asker a;
    struct guest g;
    uint64_t epoch;

    begin();
    enter(&g, A, 1);
    ask(&a, A, 0, 3 * USEC_PER_SEC);
    pass(2900 * USEC_PER_MS);
    tap_is_int(a.answers, 0, "it waits");
    pass(200 * USEC_PER_MS);
    tap_ok(a.answers == 1 && a.events[0] == '\0', "as long as it wants");
    ask(&a, A, 0, 600 * USEC_PER_SEC);
    pass(FEED_WAIT_MAX + 10 * USEC_PER_MS);
    tap_is_int(a.answers, 1, "or as it may");
    epoch = a.epoch;
    pass(4900 * USEC_PER_MS);
    tap_is_int(g.gone, 0, "a process may be busy for a while");
    tell(&g, "x");
    pass(200 * USEC_PER_MS);
    tap_is_int(g.gone, 1, "not longer: its connections are gone");
    tap_is_int((long long)feeds.expired, 1, "which is counted");
    tap_is_int((long long)feeds.bytes, 0, "and nothing is kept for it");
    ask(&a, A, 0, 0);
    tap_ok(a.epoch != epoch, "who comes back is told that it is a new feed");
    tap_ok(feed_connection_find(&feeds, A, 1) == NULL, "with no connections");
    end("a feed that died");
}

static void
ends(void)
{
    struct asker a;
    struct guest g, h, again;

    begin();
    enter(&g, A, 1);
    enter(&h, A, 2);
    tell(&g, "x");
    feed_connection_end(g.connection, "replaced");
    tap_ok(g.gone == 0 && feed_connection_find(&feeds, A, 1) == NULL,
           "who ends a connection is not told so");
    ask(&a, A, 0, 0);
    tap_is_str(a.events, "1:x 1:replaced", "its events come before its end");
    tell(&h, "y");
    feed_connection_leave(h.connection);
    tap_is_int(h.gone, 1, "who leaves is gone");
    ask(&a, A, a.last, 0);
    tap_is_str(a.events, "", "and is told nothing more");

    enter(&g, A, 3);
    tell(&g, "z");
    enter(&again, A, 3);
    tap_ok(g.gone == 1 && again.connection != NULL,
           "a connection has one owner at most");
    feeds_end(&feeds, A);
    feeds_end(&feeds, A);
    tap_is_int(again.gone, 1, "a process that ends takes its connections");
    end("ends");
}

static void
overflow(void)
{
    struct asker a;
    struct guest g, h;
    char text[4096];

    begin();
    enter(&g, A, 1);
    enter(&h, A, 2);
    g.told = &h;

    for (int i = 0; i < 5; i++) {
        tell(&g, "x");
        tap_is_int(g.gone, 0, "its owner is not told while it tells");
    }

    tell(&g, "nothing any more");
    tap_is_int((long long)feeds.overflows, 1, "an event too many");
    pass(0);
    tap_is_int(g.gone, 1, "the connection is over");
    ask(&a, A, 0, 0);
    tap_is_str(a.events, "1:overflow 2:left", "and keeps nobody up");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    tell(&h, text);
    feed_connection_end(h.connection, "deleted");
    pass(0);
    tap_is_int(h.gone, 0, "who ended it meanwhile is not told");
    ask(&a, A, a.last, 0);
    tap_is_str(a.events, "2:overflow", "bytes too many, said once");
    end("an overflow");

    begin();
    settings.bytes_max = 1 << 20;
    enter(&g, A, 1);
    enter(&h, B, 2);

    for (int i = 0; i < 3; i++) {
        tell(&g, text);
    }

    tell(&h, text);
    pass(0);
    tap_ok(h.gone == 1 && g.gone == 0, "more than all may have");
    end("too much for all");
}

static void
limits(void)
{
    struct asker a;
    struct guest g[9];
    char id[32];
    int error = 0;

    begin();
    tap_is_int(ask(&a, "nonsense", 0, 0), SFU_ERR_MALFORMED, "no feed id");

    for (int i = 0; i < 9; i++) {
        error = enter(&g[i], i < 5 ? A : B, 1 + (uint64_t)i);
    }

    tap_is_int(error, SFU_ERR_LIMIT, "more connections than there may be");

    for (int i = 0; i <= FEEDS_MAX && error != SFU_ERR_NOMEM; i++) {
        snprintf(id, sizeof(id), "%016x", 0x1000 + i);
        error = ask(&a, id, 0, 0);
    }

    tap_is_int(error, SFU_ERR_LIMIT, "more feeds than there may be");
    pass(6 * USEC_PER_SEC);
    tap_is_int((long long)feeds.by_id.count, 0, "all of which are forgotten");
    end("limits");
}

/* a reply has its limit; what is over comes with the next one */
static void
batches(void)
{
    static char text[200 * 1024];
    struct asker a;
    struct guest g;
    uint64_t last = 0;

    begin();
    settings.bytes_max = 1 << 23;
    settings.memory_max = 1 << 23;
    memset(text, 'x', sizeof(text) - 1);
    enter(&g, A, 1);

    for (int i = 0; i < 4; i++) {
        tell(&g, text);
    }

    for (int i = 0; i < 2; i++) {
        ask(&a, A, last, USEC_PER_SEC);
        tap_is_int((long long)(a.last - last), 2, "two of four in a reply");
        last = a.last;
    }

    end("batches");
}

static int
life(void)
{
    struct asker a;
    struct guest g, h;
    int error = begin();

    if (error) {
        return error;
    }

    error = enter(&g, A, 1);
    error = error ? error : enter(&h, A, 2);
    error = error ? error : ask(&a, A, 0, USEC_PER_SEC);

    if (!error) {
        tell(&g, "x");
        pass(0);
        error = strcmp(a.events, "1:x") == 0 ? 0 : SFU_ERR_NOMEM;
    }

    feeds_fini(&feeds);

    return error;
}

int
main(void)
{
    cursor();
    two_polls();
    times();
    ends();
    overflow();
    limits();
    batches();
    tap_each_allocation_fails(life);

    return tap_done();
}
