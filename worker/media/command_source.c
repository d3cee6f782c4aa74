/*
 * media/command_source.c - what the control thread tells loops of sources,
 * and of their replicas on other loops.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "media/command_priv.h"
#include "media/relay.h"
#include "media/report.h"

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
        log_error(h->loop->log, "loop %u: out of memory for the packets of a "
                                "track: losses are not repaired",
                  h->loop->index);
    }

    if (peer != NULL) {
        list_append(&peer->sources, &h->source.node);
        report_want(peer);
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
        h->latest = *params;
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
    struct change *change = command_change(apply_source, source);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->source = *params;
    source->latest = *params;

    return command_post(source->loop, change);
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

    /* one from before may be left, if there was no memory to end it */
    if (source != NULL && !relay_exists(source, change->relay.to)) {
        /*
         * No key frame yet: its sinks ask once they are connected, and
         * would have to wait if they had been asked for already.
         */
        relay_create(source, change->relay.to);
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
    struct media_source_handle *h = new_source(loop, &source->latest);
    struct change *change = command_change(apply_relay, NULL);

    *replica = NULL;

    if (h == NULL || change == NULL
        || media_loop_connect(source->loop, loop)) {
        free(h);
        free(change);
        return SFU_ERR_NOMEM;
    }

    h->origin = source->loop;
    mailbox_post(&loop->mailbox, &h->begin);
    change->relay.source = source->latest.id;
    change->relay.to = loop;
    *replica = h;

    return command_post(source->loop, change);
}

void
media_replica_destroy(struct media_source_handle *replica)
{
    struct change *change;

    if (replica == NULL) {
        return;
    }

    change = command_change(apply_relay_end, NULL);

    /* without it the relay goes on in vain until its source ends */
    if (change != NULL) {
        change->relay.source = replica->latest.id;
        change->relay.to = replica->loop;
        command_post(replica->origin, change);
    }

    mailbox_post(&replica->loop->mailbox, &replica->end);
}
