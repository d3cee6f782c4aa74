/*
 * media/command.c - what the control thread tells loops.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A handle holds the object, the facts that the control thread may read (they
 * never change), and the task that ends it.
 */

#include "media/command.h"

#include <stdlib.h>

#include "base/error.h"
#include "media/figures.h"
#include "media/loop.h"
#include "media/relay.h"

struct media_peer_handle {
    struct task begin;
    struct task end;
    struct media_loop *loop;
    struct media_peer_params params;
    struct media_peer peer;             /* the loop's */
};

struct media_source_handle {
    struct task begin;
    struct task end;
    struct media_loop *loop;
    struct media_peer_handle *peer;     /* NULL for a replica */
    struct media_loop *origin;          /* of a replica: the source's loop */
    struct media_source_params params;
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

struct media_loop *
media_peer_loop(const struct media_peer_handle *peer)
{
    return peer->loop;
}

static void
run_change(struct task *task, void *owner)
{
    struct change *change = container_of(task, struct change, task);

    if (owner != NULL) {
        change->apply(change, owner);
    }

    free(change);
}

static struct change *
new_change(void (*apply)(struct change *, struct media_loop *), void *target)
{
    struct change *change = calloc(1, sizeof(*change));

    if (change != NULL) {
        change->task.run = run_change;
        change->apply = apply;
        change->target = target;
    }

    return change;
}

static int
post_change(struct media_loop *loop, struct change *change)
{
    mailbox_post(&loop->mailbox, &change->task);

    return 0;
}


/* peers */

static void
begin_peer(struct task *task, void *owner)
{
    struct media_peer_handle *h = container_of(task, struct media_peer_handle,
                                               begin);

    if (owner != NULL
        && media_peer_init(&h->peer, h->loop, &h->params)) {
        log_error(h->loop->log, "loop %u: cannot begin a session",
                  h->loop->index);
    }
}

static void
end_peer(struct task *task, void *owner)
{
    struct media_peer_handle *h = container_of(task, struct media_peer_handle,
                                               end);

    if (owner != NULL) {
        media_peer_fini(&h->peer);
    }

    free(h);
}

int
media_peer_create(struct media_peer_handle **peer, struct media_loop *loop,
                  const struct media_peer_params *params)
{
    struct media_peer_handle *h = calloc(1, sizeof(*h));

    *peer = h;

    if (h == NULL) {
        return SFU_ERR_NOMEM;
    }

    h->begin.run = begin_peer;
    h->end.run = end_peer;
    h->loop = loop;
    h->params = *params;
    mailbox_post(&loop->mailbox, &h->begin);

    return 0;
}

void
media_peer_destroy(struct media_peer_handle *peer)
{
    if (peer != NULL) {
        mailbox_post(&peer->loop->mailbox, &peer->end);
    }
}

static void
apply_remote(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    media_transport_set_remote(&h->peer.transport, change->remote.dtls_active,
                               &change->remote.fingerprint);
}

int
media_peer_set_remote(struct media_peer_handle *peer, bool dtls_active,
                      const struct dtls_fingerprint *fingerprint)
{
    struct change *change = new_change(apply_remote, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->remote.dtls_active = dtls_active;
    change->remote.fingerprint = *fingerprint;

    return post_change(peer->loop, change);
}

static void
apply_extensions(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    h->peer.extensions = change->extensions;
}

int
media_peer_set_extensions(struct media_peer_handle *peer,
                          const struct rtp_extension_map *extensions)
{
    struct change *change = new_change(apply_extensions, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->extensions = *extensions;

    return post_change(peer->loop, change);
}

static void
apply_restart(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    ice_agent_restart(&h->peer.transport.ice, &change->credentials);
}

int
media_peer_restart_ice(struct media_peer_handle *peer,
                       const struct ice_credentials *credentials)
{
    struct change *change = new_change(apply_restart, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->credentials = *credentials;

    return post_change(peer->loop, change);
}

static void
apply_figures(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    figures_answer(&h->peer, change->token);
}

int
media_peer_figures(struct media_peer_handle *peer, uint64_t token)
{
    struct change *change = new_change(apply_figures, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->token = token;

    return post_change(peer->loop, change);
}


/* sources, and their replicas on other loops */

static void
begin_source(struct task *task, void *owner)
{
    struct media_source_handle *h = container_of(task,
                                                 struct media_source_handle,
                                                 begin);
    struct media_peer *peer = h->peer != NULL ? &h->peer->peer : NULL;

    if (owner == NULL) {
        return;
    }

    if (media_source_init(&h->source, h->loop, peer,
                          h->origin != NULL ? &h->origin->mailbox : NULL,
                          &h->params)) {
        log_error(h->loop->log, "loop %u: out of memory for a track",
                  h->loop->index);
    }

    if (peer != NULL) {
        list_append(&peer->sources, &h->source.node);
        media_peer_expect(peer, &h->source);
    }
}

static void
end_source(struct task *task, void *owner)
{
    struct media_source_handle *h = container_of(task,
                                                 struct media_source_handle,
                                                 end);

    if (owner != NULL) {
        if (h->peer != NULL) {
            media_peer_forget(&h->peer->peer, &h->source);
            list_remove(&h->source.node);
        }

        media_source_fini(&h->source);
    }

    free(h);
}

static struct media_source_handle *
new_source(struct media_loop *loop, const struct media_source_params *params)
{
    struct media_source_handle *h = calloc(1, sizeof(*h));

    if (h != NULL) {
        h->begin.run = begin_source;
        h->end.run = end_source;
        h->loop = loop;
        h->params = *params;
    }

    return h;
}

int
media_source_create(struct media_source_handle **source,
                    struct media_peer_handle *peer,
                    const struct media_source_params *params)
{
    struct media_source_handle *h = new_source(peer->loop, params);

    *source = h;

    if (h == NULL) {
        return SFU_ERR_NOMEM;
    }

    h->peer = peer;
    mailbox_post(&h->loop->mailbox, &h->begin);

    return 0;
}

static void
apply_source(struct change *change, struct media_loop *loop)
{
    struct media_source_handle *h = change->target;

    (void)loop;
    media_source_update(&h->source, &change->source);

    if (h->peer != NULL) {
        media_peer_expect(&h->peer->peer, &h->source);
    }
}

int
media_source_set(struct media_source_handle *source,
                 const struct media_source_params *params)
{
    struct change *change = new_change(apply_source, source);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->source = *params;
    source->params = *params;

    return post_change(source->loop, change);
}

void
media_source_destroy(struct media_source_handle *source)
{
    if (source != NULL) {
        mailbox_post(&source->loop->mailbox, &source->end);
    }
}

static void
apply_relay(struct change *change, struct media_loop *loop)
{
    struct media_source *source = media_source_find(loop,
                                                    change->relay.source);

    if (source != NULL) {
        relay_create(source, change->relay.to);
        media_source_want_keyframe(source);
    }
}

static void
apply_relay_end(struct change *change, struct media_loop *loop)
{
    struct media_source *source = media_source_find(loop,
                                                    change->relay.source);

    if (source == NULL) {
        return;
    }

    list_each(node, next, &source->relays) {
        struct relay *relay = container_of(node, struct relay, node);

        if (relay->to == change->relay.to) {
            relay_destroy(relay);
        }
    }
}

int
media_replica_create(struct media_source_handle **replica,
                     struct media_source_handle *source,
                     struct media_loop *loop)
{
    struct media_source_handle *h = new_source(loop, &source->params);
    struct change *change = new_change(apply_relay, NULL);

    *replica = NULL;

    if (h == NULL || change == NULL
        || media_loop_connect(source->loop, loop)) {
        free(h);
        free(change);
        return SFU_ERR_NOMEM;
    }

    h->origin = source->loop;
    mailbox_post(&loop->mailbox, &h->begin);
    change->relay.source = source->params.id;
    change->relay.to = loop;
    *replica = h;

    return post_change(source->loop, change);
}

void
media_replica_destroy(struct media_source_handle *replica)
{
    struct change *change;

    if (replica == NULL) {
        return;
    }

    change = new_change(apply_relay_end, NULL);

    /* without it the relay goes on in vain until its source ends */
    if (change != NULL) {
        change->relay.source = replica->params.id;
        change->relay.to = replica->loop;
        post_change(replica->origin, change);
    }

    mailbox_post(&replica->loop->mailbox, &replica->end);
}


/* sinks */

static void
begin_sink(struct task *task, void *owner)
{
    struct media_sink_handle *h = container_of(task, struct media_sink_handle,
                                               begin);
    struct media_source *source;

    if (owner == NULL) {
        return;
    }

    media_sink_init(&h->sink, &h->peer->peer, &h->params);
    source = media_source_find(h->loop, h->params.source);

    if (source != NULL) {
        media_sink_attach(&h->sink, source);
    }
}

static void
end_sink(struct task *task, void *owner)
{
    struct media_sink_handle *h = container_of(task, struct media_sink_handle,
                                               end);

    if (owner != NULL) {
        media_sink_fini(&h->sink);
    }

    free(h);
}

int
media_sink_create(struct media_sink_handle **sink,
                  struct media_peer_handle *peer,
                  const struct media_sink_params *params)
{
    struct media_sink_handle *h = calloc(1, sizeof(*h));

    *sink = h;

    if (h == NULL) {
        return SFU_ERR_NOMEM;
    }

    h->begin.run = begin_sink;
    h->end.run = end_sink;
    h->loop = peer->loop;
    h->peer = peer;
    h->params = *params;
    mailbox_post(&h->loop->mailbox, &h->begin);

    return 0;
}

static void
apply_sink(struct change *change, struct media_loop *loop)
{
    struct media_sink_handle *h = change->target;

    (void)loop;
    media_sink_activate(&h->sink, &change->sink);
}

int
media_sink_set(struct media_sink_handle *sink,
               const struct media_sink_params *params)
{
    struct change *change = new_change(apply_sink, sink);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->sink = *params;

    return post_change(sink->loop, change);
}

void
media_sink_destroy(struct media_sink_handle *sink)
{
    if (sink != NULL) {
        mailbox_post(&sink->loop->mailbox, &sink->end);
    }
}
