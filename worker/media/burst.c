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
    burst->added = 0;
    burst->resent = 0;
    burst->work = 0;
    list_init(&burst->sources);
    list_init(&burst->waiting);
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

static void
append(struct media_burst *burst, struct media_source *source,
       const struct media_packet *packet)
{
    struct media_packet *p = &burst->packets[burst->count++];

    burst->added++;
    burst->work += source->sink_count;
    *p = *packet;
    p->next = NULL;

    if (list_empty(&source->in_burst)) {
        source->due = p;
        source->due_count = 0;
        join(burst, source);
    } else {
        source->last_due->next = p;
    }

    source->last_due = p;
    source->due_count++;
}

/* a packet takes about a microsecond to be sent, to each viewer */
static size_t
share(const struct media_source *source)
{
    size_t packets = source->loop->settings->burst_share
                     / (source->sink_count ? source->sink_count : 1);

    return packets > MEDIA_BURST_SHARE_MIN ? packets : MEDIA_BURST_SHARE_MIN;
}

void
burst_add(struct media_loop *loop, struct media_source *source,
          const struct media_packet *packet)
{
    struct media_burst *burst = &loop->burst;

    if (burst->count == MEDIA_BURST_MAX) {
        burst_run(loop);
    }

    if (source->backlog.count == 0
        && (list_empty(&source->in_burst)
            || source->due_count < share(source))) {
        append(burst, source, packet);
        return;
    }

    if (!media_backlog_put(&source->backlog, packet->seq, loop->now)) {
        media_drop(&loop->counters, MEDIA_DROP_source_limit);
        return;
    }

    if (list_empty(&source->waiting)) {
        list_append(&burst->waiting, &source->waiting);
    }
}

/* their share of this burst, for those that had more before */
static void
add_waiting(struct media_loop *loop)
{
    struct media_burst *burst = &loop->burst;

    list_each(n, next, &burst->waiting) {
        struct media_source *source = container_of(n, struct media_source,
                                                   waiting);
        size_t due = list_empty(&source->in_burst) ? 0 : source->due_count;
        struct media_backlog_entry entry;
        struct media_packet packet;

        while (due < share(source) && burst->count < MEDIA_BURST_MAX
               && media_backlog_take(&source->backlog, &entry)) {
            if (loop->now - entry.since > MEDIA_BACKLOG_AGE
                || media_source_recall(source, entry.seq, &packet)) {
                media_drop(&loop->counters, MEDIA_DROP_source_limit);
            } else {
                append(burst, source, &packet);
                due++;
            }
        }

        if (source->backlog.count == 0) {
            list_remove(n);
        }
    }
}

bool
burst_waits(const struct media_loop *loop)
{
    return !list_empty(&loop->burst.waiting);
}

void
burst_forget(struct media_source *source)
{
    struct media_backlog_entry entry;

    burst_run(source->loop);
    list_remove(&source->waiting);

    while (media_backlog_take(&source->backlog, &entry)) {
        media_drop(&source->loop->counters, MEDIA_DROP_source_limit);
    }
}

/* the viewers of a burst, in the order in which they are served */
struct viewers {
    struct media_peer *first;
    struct media_peer *last;
};

/*
 * Sound decides who is served first; among what one viewer gets it goes last,
 * since the end of a run of pictures has room for something shorter.
 */
static void
note_due(struct viewers *viewers, struct media_sink *sink)
{
    struct media_peer *peer = sink->peer;

    if (peer->due != NULL && sink->source->params.kind == MEDIA_VIDEO) {
        sink->next_due = peer->due;
        peer->due = sink;
        return;
    }

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
    struct media_sink *before = NULL;

    /* each step asks the memory for what the next one will look at */
    list_each(s, next_source, &burst->sources) {
        struct media_source *source = container_of(s, struct media_source,
                                                   in_burst);

        list_each(n, next, &source->sinks) {
            struct media_sink *sink = container_of(n, struct media_sink,
                                                   in_source);

            __builtin_prefetch(next);
            __builtin_prefetch(sink->peer);

            if (before != NULL) {
                note_due(&viewers, before);
            }

            before = sink;
        }
    }

    if (before != NULL) {
        note_due(&viewers, before);
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

    burst->resent = 0;
    add_waiting(loop);

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

            if (next->next_due != NULL) {
                media_peer_prefetch_first(next->next_due);
            }
        }

        serve(loop, peer);
    }

    train_send(&loop->train);

    list_each(s, next, &burst->sources) {
        list_remove(s);
    }

    burst->count = 0;
    burst->work = 0;
}
