/*
 * feed/connection.c - one client at nginx, and who cares for it here.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "feed/connection.h"

#include <stdlib.h>

#include "base/error.h"

static struct span
key_of(const uint64_t *number)
{
    return span_of(number, sizeof(*number));
}

static int
create(struct feed *feed, uint64_t number, struct feed_connection **out)
{
    struct feed_member reason = feed_text("reason", "");
    struct feed_connection *c;

    if (feed->feeds->connections >= feed->feeds->settings->connections_max) {
        return SFU_ERR_LIMIT;
    }

    c = calloc(1, sizeof(*c));

    if (c == NULL) {
        return SFU_ERR_NOMEM;
    }

    c->end = feed_event_create(SFU_IPC_EVENT_END, &reason, 1);

    if (c->end == NULL) {
        free(c);
        return SFU_ERR_NOMEM;
    }

    c->feed = feed;
    c->number = number;
    list_init(&c->events);
    list_init(&c->in_overflowed);
    map_insert(&feed->connections, &c->by_number, key_of(&c->number));
    feed->feeds->connections++;
    *out = c;

    return 0;
}

int
feed_connection_enter(struct feeds *feeds, const char *feed_id,
                      uint64_t number, int64_t born, struct feed_owner *owner,
                      struct feed_connection **connection)
{
    struct feed_owner *before;
    struct feed_connection *c;
    struct feed *feed;
    int error = feed_find_or_create(feeds, feed_id, &feed);

    if (error) {
        return error;
    }

    c = feed_connection_find(feeds, feed_id, number);

    if (c == NULL && (error = create(feed, number, &c))) {
        return error;
    }

    before = c->owner;
    c->owner = owner;
    c->born = born;
    *connection = c;

    if (before != NULL) {
        before->gone(before);
    }

    return 0;
}

struct feed_connection *
feed_connection_find(const struct feeds *feeds, const char *feed_id,
                     uint64_t number)
{
    struct feed *feed = feed_find(feeds, feed_id);
    struct map_entry *e = feed != NULL ? map_find(&feed->connections,
                                                  key_of(&number))
                                       : NULL;

    return e != NULL ? container_of(e, struct feed_connection, by_number)
                     : NULL;
}

/* the events stay in the feed, and are nobody's */
static void
let_events_go(struct feed_connection *c)
{
    list_each(node, next, &c->events) {
        struct feed_event *e = container_of(node, struct feed_event,
                                            in_connection);

        e->from = NULL;
        list_remove(node);
    }
}

static void
drop_events(struct feed_connection *c)
{
    while (!list_empty(&c->events)) {
        feed_drop_event(c->feed->feeds,
                        container_of(c->events.next, struct feed_event,
                                     in_connection));
    }
}

static void
say_end(struct feed_connection *c, const char *reason)
{
    struct feed_event *e = c->end;

    c->end = NULL;
    e->members[0].text = reason;
    e->connection = c->number;
    feed_push(c->feed, e);
}

static void
take_out(struct feed_connection *c)
{
    map_remove(&c->feed->connections, &c->by_number);
    c->feed->feeds->connections--;
}

static void
overflow(struct feed_connection *c)
{
    struct feeds *feeds = c->feed->feeds;

    log_warn(feeds->log, "feed: \"%s\" connection %llu: overflow, it has not "
                         "taken %zu events of %zu bytes", c->feed->id,
             (unsigned long long)c->number, c->event_count, c->bytes);
    feeds->overflows++;
    drop_events(c);
    say_end(c, "overflow");
    take_out(c);
    c->feed = NULL;
    list_append(&feeds->overflowed, &c->in_overflowed);
}

void
feed_connection_tell(struct feed_connection *c, const char *event,
                     const struct feed_member *members, size_t count)
{
    const struct feed_settings *s;
    struct feed_event *e;

    if (c->feed == NULL) {
        return;
    }

    s = c->feed->feeds->settings;
    e = feed_event_create(event, members, count);

    if (e == NULL || c->event_count >= s->events_max
        || c->bytes + e->bytes > s->bytes_max
        || c->feed->feeds->bytes + e->bytes > s->memory_max) {
        free(e);
        overflow(c);
        return;
    }

    e->from = c;
    e->connection = c->number;
    list_append(&c->events, &e->in_connection);
    c->event_count++;
    c->bytes += e->bytes;
    feed_push(c->feed, e);
}

static void
destroy(struct feed_connection *c)
{
    free(c->end);
    free(c);
}

void
feed_connection_end(struct feed_connection *c, const char *reason)
{
    if (c->feed == NULL) {
        c->owner = NULL;        /* freed by feeds_run() */
        return;
    }

    let_events_go(c);
    say_end(c, reason);
    take_out(c);
    destroy(c);
}

void
feed_connection_forget(struct feed_connection *c)
{
    struct feed_owner *owner = c->owner;

    destroy(c);

    if (owner != NULL) {
        owner->gone(owner);
    }
}

void
feed_connection_leave(struct feed_connection *c)
{
    drop_events(c);
    take_out(c);
    feed_connection_forget(c);
}
