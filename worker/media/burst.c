/*
 * media/burst.c - the packets that came at once, sent viewer by viewer.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/burst.h"

#include "media/forward.h"
#include "media/loop.h"
#include "media/peer.h"

void
burst_init(struct media_burst *burst)
{
    burst->count = 0;
    list_init(&burst->sources);
}

/*
 * Sound before pictures, and a few viewers before many: those are done soon,
 * and must not wait for a crowd.
 */
static bool
goes_before(const struct media_source *a, const struct media_source *b)
{
    bool a_video = a->params.kind == MEDIA_VIDEO;
    bool b_video = b->params.kind == MEDIA_VIDEO;

    return a_video != b_video ? b_video : a->sink_count < b->sink_count;
}

static void
join(struct media_burst *burst, struct media_source *source)
{
    struct list *after = burst->sources.prev;

    while (after != &burst->sources
           && goes_before(source, container_of(after, struct media_source,
                                               in_burst))) {
        after = after->prev;
    }

    /* a list ends before the node that it is appended to */
    list_append(after->next, &source->in_burst);
}

void
burst_add(struct media_loop *loop, struct media_source *source,
          const struct media_packet *packet)
{
    struct media_burst *burst = &loop->burst;
    struct media_packet *p;

    if (burst->count == MEDIA_BURST_MAX) {
        burst_run(loop);
    }

    p = &burst->packets[burst->count++];
    *p = *packet;
    p->next = NULL;

    if (list_empty(&source->in_burst)) {
        source->due = p;
        join(burst, source);
    } else {
        source->last_due->next = p;
    }

    source->last_due = p;
}

/* the viewers of a burst, in the order in which they are served */
struct viewers {
    struct media_peer *first;
    struct media_peer *last;
};

static void
note_due(struct viewers *viewers, struct media_sink *sink)
{
    struct media_peer *peer = sink->peer;

    sink->next_due = NULL;

    if (peer->due != NULL) {
        peer->last_due->next_due = sink;
        peer->last_due = sink;
        return;
    }

    peer->due = peer->last_due = sink;
    peer->next_due = NULL;

    if (viewers->first == NULL) {
        viewers->first = peer;
    } else {
        viewers->last->next_due = peer;
    }

    viewers->last = peer;
}

static struct viewers
find_viewers(struct media_burst *burst)
{
    struct viewers viewers = { NULL, NULL };

    list_each(s, next_source, &burst->sources) {
        struct media_source *source = container_of(s, struct media_source,
                                                   in_burst);

        list_each(n, next, &source->sinks) {
            struct media_sink *sink = container_of(n, struct media_sink,
                                                   in_source);

            __builtin_prefetch(next);
            note_due(&viewers, sink);
        }
    }

    return viewers;
}

static void
serve(struct media_loop *loop, struct media_peer *peer)
{
    struct train *train = &loop->train;
    struct media_transport *t = &peer->transport;

    if (media_transport_connected(t)) {
        train_begin(train, &t->ice);

        for (struct media_sink *sink = peer->due; sink != NULL;
             sink = sink->next_due) {
            forward_burst(sink, sink->source->due);
        }

        if (train->packets >= srtp_sealer_batch(t->sealer)) {
            train_send(train);
        }
    }

    peer->due = NULL;
}

void
burst_run(struct media_loop *loop)
{
    struct media_burst *burst = &loop->burst;
    struct viewers viewers;

    if (burst->count == 0) {
        return;
    }

    /* what is answered (a resend) took its numbers before */
    outbox_flush(&loop->outbox);
    viewers = find_viewers(burst);

    for (struct media_peer *peer = viewers.first, *next; peer != NULL;
         peer = next) {
        next = peer->next_due;

        if (next != NULL) {
            media_peer_prefetch(next);
        }

        serve(loop, peer);
    }

    train_send(&loop->train);

    list_each(s, next, &burst->sources) {
        list_remove(s);
    }

    burst->count = 0;
}
