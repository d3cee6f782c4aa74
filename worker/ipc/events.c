/*
 * ipc/events.c - events.*: what the worker tells by itself.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/events.h"

#include "base/error.h"
#include "base/list.h"
#include "feed/feed.h"
#include "ipc/connection.h"
#include "ipc/object.h"
#include "ipc/server.h"

enum { WAIT_MAX = 3600 * 1000 };

struct events {
    struct ipc_pending pending;
    const char *feed;
    bool ends;
    struct feed_query query;
};

static struct events *
of_pending(struct ipc_pending *p)
{
    return container_of(p, struct events, pending);
}

static json_t *
of_event(const struct feed_event *e)
{
    struct object o = object_new();

    put_number(&o, "connection", (int64_t)e->connection);
    put_string(&o, "event", e->name);

    for (size_t i = 0; i < e->count; i++) {
        const struct feed_member *m = &e->members[i];

        switch (m->type) {
        case FEED_TEXT:
            put_string(&o, m->name, m->text);
            break;
        case FEED_NUMBER:
            put_number(&o, m->name, m->number);
            break;
        case FEED_BOOL:
            put_bool(&o, m->name, m->number != 0);
            break;
        }
    }

    return finish(&o);
}

static void
events_done(struct feed_query *query)
{
    struct events *e = container_of(query, struct events, query);
    struct object o = object_new();
    json_t *list = json_array();

    for (const struct feed_event *event = feed_query_next(query, NULL);
         event != NULL; event = feed_query_next(query, event)) {
        json_t *one = of_event(event);

        /* what cannot be told must not keep back all that follows */
        if (one != NULL) {
            add_to(&o, list, one);
        }
    }

    put_number(&o, "epoch", (int64_t)query->epoch);
    put_number(&o, "last", (int64_t)query->last);
    put(&o, "events", list);
    ipc_answer(&e->pending, finish(&o));
}

static const char *
take(struct ipc_pending *p, struct fields *f, const char **detail)
{
    struct events *e = of_pending(p);

    e->ends = strcmp(p->message.type, SFU_IPC_REQ_EVENTS_END) == 0;

    if (!e->ends && strcmp(p->message.type, SFU_IPC_REQ_EVENTS_NEXT) != 0) {
        *detail = "this worker knows no such request";
        return SFU_IPC_ERR_UNKNOWN_TYPE;
    }

    e->feed = ipc_take_feed(f);
    e->query.since = (uint64_t)take_integer(f, "since", INT64_MAX,
                                            "\"since\"");
    e->query.wait = take_integer(f, "wait", WAIT_MAX, "\"wait\"")
                    * USEC_PER_MS;

    if (e->feed == NULL) {
        *detail = "\"feed\" is missing";
        return SFU_IPC_ERR_MALFORMED;
    }

    return NULL;
}

static void
ask(struct ipc_pending *p)
{
    struct events *e = of_pending(p);
    struct feeds *feeds = p->server->serves.feeds;
    int error;

    if (e->ends) {
        feeds_end(feeds, e->feed);
        ipc_answer(p, json_object());
        return;
    }

    e->query.done = events_done;
    error = feeds_ask(feeds, e->feed, &e->query);

    if (error) {
        ipc_answer_error(p, error == SFU_ERR_LIMIT ? SFU_IPC_ERR_LIMIT
                                                   : SFU_IPC_ERR_INTERNAL,
                         sfu_strerror(error));
    }
}

const struct ipc_family *
ipc_events_family(void)
{
    static const struct ipc_family family = {
        "events.", sizeof(struct events), take, ask,
    };

    return &family;
}
