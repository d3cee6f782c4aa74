/*
 * feed/event.h - something that is told to a connection.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A name and a few flat members; what they mean is in include/sfu_ipc_*.h,
 * how they are written is ipc's affair.
 */

#ifndef SFU_FEED_EVENT_H
#define SFU_FEED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

enum feed_member_type {
    FEED_TEXT,
    FEED_NUMBER,
    FEED_BOOL,
};

struct feed_member {
    const char *name;           /* static */
    enum feed_member_type type;
    const char *text;           /* NULL: the member is left out */
    int64_t number;             /* of a bool: 0 or 1 */
};

static inline struct feed_member
feed_text(const char *name, const char *text)
{
    return (struct feed_member){ name, FEED_TEXT, text, 0 };
}

static inline struct feed_member
feed_number(const char *name, int64_t number)
{
    return (struct feed_member){ name, FEED_NUMBER, NULL, number };
}

static inline struct feed_member
feed_bool(const char *name, bool value)
{
    return (struct feed_member){ name, FEED_BOOL, NULL, value };
}

struct feed_connection;

struct feed_event {
    struct list in_feed;
    struct list in_connection;
    /* borrowed; NULL when the event outlives it */
    struct feed_connection *from;
    uint64_t number;            /* its place in the feed */
    uint64_t connection;
    const char *name;           /* static */
    size_t bytes;               /* of its texts, and of itself */
    size_t count;
    struct feed_member members[];
};

/*
 * The texts are copied, into the same piece of memory; freed with free().
 * NULL: out of memory
 */
struct feed_event *feed_event_create(const char *name,
                                     const struct feed_member *members,
                                     size_t count);

#endif
