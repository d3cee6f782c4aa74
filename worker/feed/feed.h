/*
 * feed/feed.h - what waits for nginx processes, one feed each.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The cursor of include/sfu_ipc_events.h.  An event stays until the next
 * request for events acknowledges it, so a reply that is lost loses nothing.
 */

#ifndef SFU_FEED_FEED_H
#define SFU_FEED_FEED_H

#include "base/log.h"
#include "base/map.h"
#include "base/timer.h"
#include "feed/event.h"
#include "feed/settings.h"
#include "sfu_ipc_events.h"

enum {
    FEEDS_MAX = 1024,           /* nginx processes */
    FEED_WAIT_MAX = 10 * USEC_PER_SEC,
    /* of a reply: escaped, each byte may be six in JSON */
    FEED_BATCH_BYTES = 512 * 1024,
};

struct feeds {
    const struct feed_settings *settings;       /* borrowed */
    struct log *log;                            /* borrowed */
    struct timer_wheel *wheel;                  /* borrowed */
    const usec_t *now;                          /* borrowed */
    struct map by_id;
    struct list due;            /* feeds with events for who waits */
    struct list overflowed;     /* connections whose owners do not know yet */
    uint64_t made;              /* feeds ever */
    size_t connections;
    size_t bytes;               /* of all events that wait */
    uint64_t events;            /* ever */
    uint64_t overflows;         /* connections that ended so */
    uint64_t expired;           /* feeds that nobody asked for */
};

/* one request for events; strings of events are the feed's */
struct feed_query {
    uint64_t since;
    usec_t wait;
    /*
     * Called exactly once; then the query is the asker's again.  Its events are
     * read in there, with feed_query_next().
     */
    void (*done)(struct feed_query *query);

    /* the answer */
    uint64_t epoch;
    uint64_t last;
    struct feed *feed;          /* NULL: no events */
};

struct feed {
    struct map_entry by_id;
    struct feeds *feeds;        /* borrowed */
    char id[SFU_IPC_FEED_ID_LEN + 1];
    uint64_t epoch;
    struct map connections;     /* by number */
    struct list events;         /* of struct feed_event, not acknowledged */
    uint64_t last;              /* number of the newest event */
    uint64_t told;              /* of the newest that was in a reply */
    uint64_t acknowledged;
    struct feed_query *waiting; /* borrowed; NULL: nobody waits */
    struct timer timer;         /* the end of the wait, or of the feed */
    struct list in_due;
};

/* SFU_ERR_NOMEM */
int feeds_init(struct feeds *feeds, const struct feed_settings *settings,
               struct log *log, struct timer_wheel *wheel,
               const usec_t *now);
/* ends all feeds; who waits is answered */
void feeds_fini(struct feeds *feeds);

/*
 * Answers who waits, and tells owners what became of their connections: at
 * the end of each turn of the control thread.
 */
void feeds_run(struct feeds *feeds);

/* SFU_ERR_MALFORMED: no feed id; SFU_ERR_LIMIT, SFU_ERR_NOMEM */
int feeds_ask(struct feeds *feeds, const char *id, struct feed_query *query);
/* the process is gone, or says so; an unknown feed is none */
void feeds_end(struct feeds *feeds, const char *id);

/* the event after this one, or the first; NULL: that was all */
const struct feed_event *feed_query_next(const struct feed_query *query,
                                         const struct feed_event *event);

/* for connection.c: the feed with this id, made when there is none */
int feed_find_or_create(struct feeds *feeds, const char *id,
                        struct feed **feed);
struct feed *feed_find(const struct feeds *feeds, const char *id);
/* the event is the feed's from now on */
void feed_push(struct feed *feed, struct feed_event *event);
void feed_drop_event(struct feeds *feeds, struct feed_event *event);

#endif
