/*
 * feed/feed.c - what waits for nginx processes, one feed each.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "feed/feed.h"

#include <stdlib.h>

#include "base/error.h"
#include "feed/connection.h"

int
feeds_init(struct feeds *feeds, const struct feed_settings *settings,
           struct log *log, struct timer_wheel *wheel, const usec_t *now)
{
    *feeds = (struct feeds){
        .settings = settings, .log = log, .wheel = wheel, .now = now,
    };
    list_init(&feeds->due);
    list_init(&feeds->overflowed);

    return map_init(&feeds->by_id);
}

static void
arm(struct feed *feed, usec_t after)
{
    timer_arm(feed->feeds->wheel, &feed->timer, *feed->feeds->now + after);
}

/* up to this event, or empty: what is there then comes with the next one */
static void
answer(struct feed *feed, uint64_t last)
{
    struct feed_query *q = feed->waiting;

    if (q == NULL) {
        return;
    }

    feed->waiting = NULL;
    list_remove(&feed->in_due);
    arm(feed, feed->feeds->settings->time);
    feed->told = last > feed->told ? last : feed->told;
    q->epoch = feed->epoch;
    q->last = last;
    q->feed = feed;
    q->done(q);
}

/* as much as a reply may have; one event always has room */
static uint64_t
end_of_batch(const struct feed *feed)
{
    uint64_t last = feed->acknowledged;
    size_t bytes = 0;

    list_each(node, next, &feed->events) {
        struct feed_event *e = container_of(node, struct feed_event, in_feed);

        bytes += e->bytes;

        if (bytes > FEED_BATCH_BYTES && last != feed->acknowledged) {
            break;
        }

        last = e->number;
    }

    return last;
}

void
feed_drop_event(struct feeds *feeds, struct feed_event *event)
{
    if (event->from != NULL) {
        event->from->event_count--;
        event->from->bytes -= event->bytes;
    }

    feeds->bytes -= event->bytes;
    list_remove(&event->in_feed);
    list_remove(&event->in_connection);
    free(event);
}

void
feed_push(struct feed *feed, struct feed_event *event)
{
    struct feeds *feeds = feed->feeds;

    event->number = ++feed->last;
    list_append(&feed->events, &event->in_feed);
    feeds->bytes += event->bytes;
    feeds->events++;

    if (feed->waiting != NULL) {
        list_remove(&feed->in_due);
        list_append(&feeds->due, &feed->in_due);
    }
}

/* owners may tell others of this feed while it goes, so it goes last */
static void
destroy(struct feed *feed)
{
    struct feeds *feeds = feed->feeds;
    struct map_entry *e;

    answer(feed, feed->acknowledged);

    while ((e = map_next(&feed->connections, NULL)) != NULL) {
        feed_connection_leave(container_of(e, struct feed_connection,
                                           by_number));
    }

    while (!list_empty(&feed->events)) {
        feed_drop_event(feeds, container_of(feed->events.next,
                                            struct feed_event, in_feed));
    }

    timer_disarm(feeds->wheel, &feed->timer);
    list_remove(&feed->in_due);
    map_remove(&feeds->by_id, &feed->by_id);
    map_fini(&feed->connections);
    free(feed);
}

static void
time_is_up(struct timer *timer, usec_t now)
{
    struct feed *feed = container_of(timer, struct feed, timer);

    (void)now;

    if (feed->waiting != NULL) {
        answer(feed, end_of_batch(feed));
        return;
    }

    log_warn(feed->feeds->log, "feed: \"%s\": nobody asks any more, %zu "
                               "connections are gone", feed->id,
             feed->connections.count);
    feed->feeds->expired++;
    destroy(feed);
}

static bool
is_id(const char *id)
{
    return id != NULL && strlen(id) == SFU_IPC_FEED_ID_LEN
           && strspn(id, "0123456789abcdef") == SFU_IPC_FEED_ID_LEN;
}

struct feed *
feed_find(const struct feeds *feeds, const char *id)
{
    struct map_entry *e = map_find(&feeds->by_id, span_str(id));

    return e != NULL ? container_of(e, struct feed, by_id) : NULL;
}

int
feed_find_or_create(struct feeds *feeds, const char *id, struct feed **feed)
{
    struct feed *f;

    if (!is_id(id)) {
        return SFU_ERR_MALFORMED;
    }

    *feed = feed_find(feeds, id);

    if (*feed != NULL) {
        return 0;
    }

    if (feeds->by_id.count >= FEEDS_MAX) {
        return SFU_ERR_LIMIT;
    }

    f = calloc(1, sizeof(*f));

    if (f == NULL || map_init(&f->connections)) {
        free(f);
        return SFU_ERR_NOMEM;
    }

    f->feeds = feeds;
    f->epoch = ++feeds->made;
    memcpy(f->id, id, SFU_IPC_FEED_ID_LEN);
    list_init(&f->events);
    list_init(&f->in_due);
    timer_init(&f->timer, time_is_up);
    map_insert(&feeds->by_id, &f->by_id, span_str(f->id));
    arm(f, feeds->settings->time);
    *feed = f;

    return 0;
}

int
feeds_ask(struct feeds *feeds, const char *id, struct feed_query *query)
{
    struct feed *feed;
    int error = feed_find_or_create(feeds, id, &feed);

    if (error) {
        return error;
    }

    answer(feed, feed->acknowledged);

    /* what was never told is of an earlier feed with this id */
    if (query->since > feed->acknowledged && query->since <= feed->told) {
        feed->acknowledged = query->since;
    }

    while (!list_empty(&feed->events)) {
        struct feed_event *e = container_of(feed->events.next,
                                            struct feed_event, in_feed);

        if (e->number > feed->acknowledged) {
            break;
        }

        feed_drop_event(feeds, e);
    }

    feed->waiting = query;

    if (!list_empty(&feed->events) || query->wait <= 0) {
        answer(feed, end_of_batch(feed));
        return 0;
    }

    arm(feed, query->wait < FEED_WAIT_MAX ? query->wait : FEED_WAIT_MAX);

    return 0;
}

void
feeds_end(struct feeds *feeds, const char *id)
{
    struct feed *feed = feed_find(feeds, id);

    if (feed != NULL) {
        destroy(feed);
    }
}

void
feeds_run(struct feeds *feeds)
{
    struct list *node;

    /* what owners tell then may make more feeds due */
    while ((node = list_shift(&feeds->overflowed)) != NULL) {
        feed_connection_forget(container_of(node, struct feed_connection,
                                            in_overflowed));
    }

    while ((node = list_shift(&feeds->due)) != NULL) {
        struct feed *feed = container_of(node, struct feed, in_due);

        answer(feed, end_of_batch(feed));
    }
}

void
feeds_fini(struct feeds *feeds)
{
    struct map_entry *e;

    while ((e = map_next(&feeds->by_id, NULL)) != NULL) {
        destroy(container_of(e, struct feed, by_id));
    }

    feeds_run(feeds);
    map_fini(&feeds->by_id);
}

const struct feed_event *
feed_query_next(const struct feed_query *query, const struct feed_event *event)
{
    const struct list *node = event != NULL ? event->in_feed.next
                                            : query->feed->events.next;
    const struct feed_event *e = container_of(node, struct feed_event,
                                              in_feed);

    return node != &query->feed->events && e->number <= query->last ? e
                                                                    : NULL;
}
