/*
 * media/command_sink.c - what the control thread tells loops of sinks.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "media/command_priv.h"

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

    struct media_source *source;

    media_sink_activate(&h->sink, &change->sink);

    /* another track takes the place of the one before */
    if (change->sink.source && change->sink.source != h->sink.params.source) {
        source = media_source_find(loop, change->sink.source);
        h->sink.params.source = change->sink.source;

        if (source != NULL) {
            media_sink_attach(&h->sink, source);
        } else {
            media_sink_lose_source(&h->sink);
        }

        /* its payload types may have meant something else */
        h->sink.layers.prior_epoch = 0;
    }
}

int
media_sink_set(struct media_sink_handle *sink,
               const struct media_sink_params *params)
{
    struct change *change = command_change(apply_sink, sink);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->sink = *params;

    return command_post(sink->loop, change);
}

void
media_sink_destroy(struct media_sink_handle *sink)
{
    if (sink != NULL) {
        mailbox_post(&sink->loop->mailbox, &sink->end);
    }
}
