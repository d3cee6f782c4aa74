/*
 * load/dialect.h - how a server is asked to take and to give media.
 * Copyright (C) the ngx_sfu_module authors
 *
 * All calls return at once.  How it went is told by load_peer_connect() or
 * load_peer_fail(), later or before the call is over.
 */

#ifndef SFU_LOAD_DIALECT_H
#define SFU_LOAD_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

struct load;
struct load_peer;

struct load_dialect {
    const char *name;
    /* a peer that publishes can watch others on the same PeerConnection */
    bool one_connection;
    /* a peer can watch several publishers */
    bool many_feeds;

    /* before all else; load_dialect_ready() follows.  May be NULL */
    void (*begin)(struct load *load);
    void (*publish)(struct load_peer *p);
    /* its publishers are up; it is either new or up itself */
    void (*watch)(struct load_peer *p);
    /* the transport ends afterwards */
    void (*leave)(struct load_peer *p);
    /* when all have left; and, when no request is out, the very end.  NULL */
    void (*end)(struct load *load);
    void (*fini)(struct load *load);
};

extern const struct load_dialect load_cloudflare;
extern const struct load_dialect load_whip;
extern const struct load_dialect load_janus;

/* NULL: there is none of this name */
const struct load_dialect *load_dialect_find(const char *name);

/* why: NULL when all is well */
void load_dialect_ready(struct load *load, const char *why);

#endif
