/*
 * media/command_priv.h - what handles and changes are made of.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A handle holds the object, the facts that the control thread may read (they
 * never change, or are its own), and the tasks that begin and end it.
 */

#ifndef SFU_MEDIA_COMMAND_PRIV_H
#define SFU_MEDIA_COMMAND_PRIV_H

#include "media/command.h"
#include "media/loop.h"

struct media_peer_handle {
    struct task begin;
    struct task end;
    struct media_loop *loop;
    struct media_peer_params params;
    /* owned; written once, before the loop is told; NULL: it checks us */
    struct ice_remote_params *checks;
    struct media_peer peer;             /* the loop's */
};

struct media_source_handle {
    struct task begin;
    struct task end;
    struct media_loop *loop;
    struct media_peer_handle *peer;     /* NULL for a replica */
    struct media_loop *origin;          /* of a replica: the source's loop */
    struct media_source_params params;  /* to begin with */
    struct media_source_params latest;  /* the control thread's */
    struct media_source source;         /* the loop's */
};

struct media_sink_handle {
    struct task begin;
    struct task end;
    struct media_loop *loop;
    struct media_peer_handle *peer;
    struct media_sink_params params;
    struct media_sink sink;             /* the loop's */
};

/* a change of something that exists, with a copy of what is new */
struct change {
    struct task task;
    void (*apply)(struct change *change, struct media_loop *loop);
    void *target;
    union {
        struct {
            bool dtls_active;
            struct dtls_fingerprint fingerprint;
        } remote;
        struct rtp_extension_map extensions;
        struct ice_credentials credentials;
        struct media_source_params source;
        struct media_sink_params sink;
        uint64_t token;
        struct {
            uint64_t source;
            struct media_loop *to;
        } relay;
    };
};

/* NULL: out of memory */
struct change *command_change(void (*apply)(struct change *,
                                            struct media_loop *),
                              void *target);
/* always 0, to be returned */
int command_post(struct media_loop *loop, struct change *change);

#endif
