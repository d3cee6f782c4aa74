/*
 * ipc/connection.h - which client of nginx a request is about.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_CONNECTION_H
#define SFU_IPC_CONNECTION_H

#include "ipc/ipc_priv.h"
#include "sfu_ipc_events.h"

struct ipc_connection {
    const char *feed;
    uint64_t number;
    int64_t born;               /* ms since 1970 */
};

/* NULL: not there, or no such id */
static inline const char *
ipc_take_feed(struct fields *f)
{
    const char *feed = take_string(f, "feed", SFU_IPC_FEED_ID_LEN,
                                   "\"feed\"");

    if (feed != NULL
        && (strlen(feed) != SFU_IPC_FEED_ID_LEN
            || strspn(feed, "0123456789abcdef") != SFU_IPC_FEED_ID_LEN)) {
        f->wrong = f->wrong != NULL ? f->wrong : "\"feed\"";
        return NULL;
    }

    return feed;
}

/* whether there is one */
static inline bool
ipc_take_connection(struct fields *f, struct ipc_connection *c)
{
    c->feed = ipc_take_feed(f);
    c->number = (uint64_t)take_integer(f, "connection", INT64_MAX,
                                       "\"connection\"");
    c->born = take_integer(f, "born", INT64_MAX, "\"born\"");

    return c->feed != NULL && c->number != 0;
}

#endif
