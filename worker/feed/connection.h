/*
 * feed/connection.h - one client at nginx, and who cares for it here.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     struct viewer {
 *         struct feed_owner owner;             gone = viewer_gone
 *         struct feed_connection *connection;
 *     };
 *
 *     feed_connection_enter(feeds, feed, number, born, &viewer->owner,
 *                           &viewer->connection);
 *     feed_connection_tell(viewer->connection, SFU_IPC_EVENT_LEFT, members, 1);
 *     feed_connection_end(viewer->connection, "replaced");
 */

#ifndef SFU_FEED_CONNECTION_H
#define SFU_FEED_CONNECTION_H

#include "feed/feed.h"

/* what a connection is in: one thing at most */
struct feed_owner {
    /*
     * The connection left, its process died, or it did not take its events.
     * The pointer to it is void now.  Never called from within
     * feed_connection_tell() or _end().
     */
    void (*gone)(struct feed_owner *owner);
};

struct feed_connection {
    struct map_entry by_number;
    struct feed *feed;          /* borrowed; NULL: it overflowed */
    struct feed_owner *owner;   /* borrowed; NULL: nobody */
    uint64_t number;
    int64_t born;               /* ms since 1970 */
    struct list events;         /* of struct feed_event, that wait */
    size_t event_count;
    size_t bytes;
    struct feed_event *end;     /* owned: saying so must not need memory */
    struct list in_overflowed;
};

/*
 * The connection has this owner from now on; one that it had is told that it
 * is gone.  SFU_ERR_MALFORMED: no feed id; SFU_ERR_LIMIT, SFU_ERR_NOMEM
 */
int feed_connection_enter(struct feeds *feeds, const char *feed,
                          uint64_t number, int64_t born,
                          struct feed_owner *owner,
                          struct feed_connection **connection);

/* NULL: it never entered, or is gone */
struct feed_connection *feed_connection_find(const struct feeds *feeds,
                                             const char *feed,
                                             uint64_t number);

/*
 * An event for it.  When it cannot take more of them it is over: its owner is
 * told soon.
 */
void feed_connection_tell(struct feed_connection *c, const char *event,
                          const struct feed_member *members, size_t count);

/* for its owner, who is not told: SFU_IPC_EVENT_END is its last event */
void feed_connection_end(struct feed_connection *c, const char *reason);

/* it wants no events any more; its owner is told */
void feed_connection_leave(struct feed_connection *c);

/* for feed.c: the owner of one that overflowed is told */
void feed_connection_forget(struct feed_connection *c);

#endif
