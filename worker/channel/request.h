/*
 * channel/request.h - what may be asked of channels, and the answers.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The meaning of each request is told in include/sfu_ipc_channel.h; here it
 * is without JSON.
 */

#ifndef SFU_CHANNEL_REQUEST_H
#define SFU_CHANNEL_REQUEST_H

#include <stdbool.h>

#include "base/list.h"
#include "base/timer.h"
#include "sfu_ipc.h"
#include "sfu_ipc_channel.h"
#include "store/store.h"

struct channel;
struct channel_reply;

enum channel_request_type {
    CHANNEL_CREATE,
    CHANNEL_GET,
    CHANNEL_LIST,
    CHANNEL_UPDATE,
    CHANNEL_DELETE,
    CHANNEL_TAG,
    CHANNEL_CONNECT,
    CHANNEL_DISCONNECT,
    CHANNEL_SEND,
    CHANNEL_CALL,
    CHANNEL_JOIN,
};

enum channel_kind {
    CHANNEL_OFFER,
    CHANNEL_ANSWER,
    CHANNEL_CANDIDATE,
};

/* who is at the other end of a connection */
enum channel_mode {
    CHANNEL_RELAY,              /* the other clients */
    CHANNEL_FANOUT,             /* the worker, for master and viewers */
    CHANNEL_STORAGE,            /* the worker, who records */
};

/* as nginx is configured; 0: no limit */
struct channel_limits {
    size_t viewers;
    size_t rate;                /* connects a second, of each role */
    size_t messages;            /* that wait for one client */
    size_t bytes;               /* the same in bytes of their payloads */
    size_t clients;             /* for whom something waits */
};

struct channel_candidate {
    const char *candidate;
    const char *mid;            /* NULL: not told */
    long index;                 /* of its m-section; -1: not told */
    const char *ufrag;          /* NULL: not told */
};

/* strings are borrowed from whoever asks, until done(); NULL: not given */
struct channel_request {
    enum channel_request_type type;
    const char *id;             /* for log lines */
    usec_t timeout;             /* for which the asker waits; 0: not told */

    struct store_key key;       /* name NULL: LIST */
    int64_t created;            /* 0: any */

    const char *version;        /* UPDATE, DELETE */
    unsigned ttl;               /* CREATE, UPDATE: seconds; 0: not told */
    const char *storage;        /* UPDATE: "" for none */
    const struct store_tag *tags;       /* CREATE, TAG */
    size_t tag_count;
    const char *const *remove;          /* TAG */
    size_t remove_count;
    size_t max;                 /* CREATE, LIST, TAG */
    const char *prefix;         /* LIST */
    const char *after;

    const char *feed;           /* CONNECT, DISCONNECT, SEND */
    uint64_t connection;
    int64_t born;
    bool master;                /* CONNECT */
    const char *client;         /* CONNECT, JOIN: NULL for the master */
    bool again;
    bool fanout;
    const char *as;             /* what the worker is called at this master */
    struct channel_limits limits;

    enum channel_kind kind;     /* SEND */
    const char *to;
    const char *from;           /* CALL */
    const char *payload;        /* SEND, CALL */
    const char *sdp;            /* SEND, where the worker is the other side */
    struct channel_candidate candidate;

    /* called exactly once; then the request is the asker's again */
    void (*done)(struct channel_request *request,
                 const struct channel_reply *reply);

    /* CALL: the channel's, while it waits for the answer */
    struct list node;
    struct timer timer;
    struct channel *channel;
    unsigned heard_by;          /* the master it is for: channel.masters */
};

/* strings live until done() returns */
struct channel_record {
    const char *name;
    int64_t created;
    const char *version;
    unsigned ttl;
    const char *storage;        /* NULL: none */
};

struct channel_reply {
    const char *error;          /* SFU_IPC_ERR_*, or NULL */
    const char *detail;         /* static */
    const struct channel_record *records;       /* LIST; else one, or none */
    size_t record_count;
    bool more;                  /* LIST */
    const struct store_tag *tags;       /* GET */
    size_t tag_count;
    enum channel_mode mode;     /* CONNECT */
    const char *payload;        /* CALL */
};

#endif
