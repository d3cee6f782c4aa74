/*
 * channel/fixture.h - channels with a clock that the test winds.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_CHANNEL_FIXTURE_H
#define SFU_CHANNEL_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "channel/channel.h"
#include "channel/client.h"
#include "channel/mailbox.h"
#include "test/tap.h"

#define FEED "00000000000000fe"

static usec_t now;
static struct timer_wheel wheel;
static struct log quiet = { .fd = -1, .level = LOG_ERROR };
static struct feed_settings feed_settings;
static struct channel_settings settings;
static struct feeds feeds;
static struct store *store;
static struct channels channels;

static int
begin(void)
{
    int error;

    feed_settings = (struct feed_settings){
        .time = 600 * USEC_PER_SEC, .connections_max = 2000,
        .events_max = 1024, .bytes_max = 1 << 20, .memory_max = 1 << 24,
    };
    settings = (struct channel_settings){ .memory_max = 1 << 20,
                                          .questions_max = 64,
                                          .all_questions_max = 1000 };
    now = 1000 * (usec_t)USEC_PER_SEC;
    timer_wheel_init(&wheel, now);
    store = NULL;
    error = feeds_init(&feeds, &feed_settings, &quiet, &wheel, &now);

    if (error) {
        return error;
    }

    error = store_open(&store, NULL, &quiet);
    error = error ? error : channels_init(&channels, &settings, &quiet, store,
                                          &feeds, NULL, &wheel, &now);

    if (error) {
        store_close(store);
        feeds_fini(&feeds);
    }

    return error;
}

static inline void
finish(void)
{
    channels_fini(&channels);
    feeds_fini(&feeds);
    store_close(store);
}

static inline void
end(const char *name)
{
    finish();
    tap_ok(channels.bytes == 0 && channels.calls == 0
               && channels.figures.waiting == 0
               && channels.figures.masters == 0
               && channels.figures.viewers == 0 && wheel.armed == 0,
           "nothing is left of %s", name);
}

/* what the control thread does in a turn */
static inline void
pass(double seconds)
{
    usec_t until = now + (usec_t)(seconds * USEC_PER_SEC);

    while (now < until) {
        usec_t step = until - now;

        now += step < USEC_PER_SEC ? step : USEC_PER_SEC;
        timer_wheel_run(&wheel, now);
        feeds_run(&feeds);
    }

    timer_wheel_run(&wheel, now);
    feeds_run(&feeds);
}


/* one request, and what it was answered with */
struct question {
    struct channel_request request;
    bool done;
    const char *error;
    char payload[256];
    enum channel_mode mode;
    bool more;
    char text[8192];            /* records and tags, in words */
};

static inline void
questioned(struct channel_request *request, const struct channel_reply *reply)
{
    struct question *q = container_of(request, struct question, request);
    size_t len = 0;

    q->done = true;
    q->error = reply->error;
    q->mode = reply->mode;
    q->more = reply->more;
    snprintf(q->payload, sizeof(q->payload), "%s",
             reply->payload != NULL ? reply->payload : "");
    q->text[0] = '\0';

    for (size_t i = 0; i < reply->record_count && len < 8000; i++) {
        const struct channel_record *c = &reply->records[i];

        len += (size_t)snprintf(q->text + len, sizeof(q->text) - len,
                                "%s%s %u %s", len ? ", " : "", c->name, c->ttl,
                                c->storage != NULL ? c->storage : "-");
    }

    for (size_t i = 0; i < reply->tag_count && len < 8000; i++) {
        len += (size_t)snprintf(q->text + len, sizeof(q->text) - len,
                                " %s=%s", reply->tags[i].key,
                                reply->tags[i].value);
    }
}

static struct question
question(enum channel_request_type type, const char *name)
{
    return (struct question){
        .request = {
            .type = type, .id = "test", .key = { "app", "scope", name },
            .done = questioned, .candidate.index = -1,
        },
    };
}

/* "" where all is well; the question is its caller's until done */
static const char *
put_question(struct question *q)
{
    q->done = false;
    q->request.candidate.index = -1;
    channels_ask(&channels, &q->request);

    return q->error != NULL ? q->error : "";
}

static const char *
make(const char *name, unsigned ttl)
{
    struct question q = question(CHANNEL_CREATE, name);

    q.request.ttl = ttl;

    return put_question(&q);
}

/* with limits as kvs.md has them; id NULL: the master */
static inline struct question
connection(const char *name, uint64_t number, const char *id)
{
    struct question q = question(CHANNEL_CONNECT, name);

    q.request.feed = FEED;
    q.request.connection = number;
    q.request.born = (int64_t)number;
    q.request.master = id == NULL;
    q.request.client = id;
    q.request.limits = (struct channel_limits){ 10, 0, 64, 262144, 1024 };

    return q;
}

static inline const char *
join(const char *name, uint64_t number, const char *id)
{
    struct question q = connection(name, number, id);

    return put_question(&q);
}

static inline const char *
leave(uint64_t number)
{
    struct question q = question(CHANNEL_DISCONNECT, NULL);

    q.request.feed = FEED;
    q.request.connection = number;

    return put_question(&q);
}

static inline const char *
say(uint64_t number, enum channel_kind kind, const char *to,
    const char *payload)
{
    struct question q = question(CHANNEL_SEND, NULL);

    q.request.feed = FEED;
    q.request.connection = number;
    q.request.kind = kind;
    q.request.to = to;
    q.request.payload = payload;

    return put_question(&q);
}


/* what connections were told since the last time: "2 offer<v:text ..." */
static char told[65536];

static void
take_told(struct feed_query *query)
{
    size_t len = 0;

    for (const struct feed_event *e = feed_query_next(query, NULL); e != NULL;
         e = feed_query_next(query, e)) {
        len += (size_t)snprintf(told + len, sizeof(told) - len, "%s%llu",
                                len ? " " : "",
                                (unsigned long long)e->connection);

        for (size_t i = 0; i < e->count && len < sizeof(told); i++) {
            if (e->members[i].text != NULL) {
                len += (size_t)snprintf(told + len, sizeof(told) - len,
                                        "%c%s", i ? ':' : ' ',
                                        e->members[i].text);
            }
        }

        if (len >= sizeof(told)) {
            break;
        }
    }
}

/* kind, payload and, at a master, the sender, of each message */
static inline const char *
hear(void)
{
    static uint64_t last;
    struct feed_query q = { .since = last, .done = take_told };

    told[0] = '\0';

    if (feeds_ask(&feeds, FEED, &q)) {
        return "no feed";
    }

    last = q.last;
    q = (struct feed_query){ .since = last, .done = take_told };

    return told;
}

#endif
