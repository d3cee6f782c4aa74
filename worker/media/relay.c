/*
 * media/relay.c - a source carried to another loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/relay.h"

#include <stdlib.h>

#include "base/error.h"
#include "media/loop.h"
#include "media/source.h"

enum record_type {
    RECORD_PACKET,
    RECORD_SENDER_REPORT,
};

/* in the ring; a packet's bytes follow it */
struct record {
    uint64_t source;
    uint64_t seq;
    usec_t time;
    uint32_t timestamp;
    uint32_t generation;
    enum record_type type;
};

struct relay *
relay_create(struct media_source *source, struct media_loop *to)
{
    struct relay *relay = malloc(sizeof(*relay));

    if (relay != NULL) {
        relay->source = source;
        relay->to = to;
        list_append(&source->relays, &relay->node);
    }

    return relay;
}

void
relay_destroy(struct relay *relay)
{
    list_remove(&relay->node);
    free(relay);
}

bool
relay_exists(const struct media_source *source, const struct media_loop *to)
{
    for (const struct list *n = source->relays.next; n != &source->relays;
         n = n->next) {
        if (container_of(n, struct relay, node)->to == to) {
            return true;
        }
    }

    return false;
}

static void
push(struct media_loop *from, struct media_loop *to,
     const struct record *record, struct span bytes)
{
    struct ring *ring = atomic_load_explicit(&to->rings[from->index],
                                             memory_order_acquire);
    size_t len = sizeof(*record) + bytes.len;
    uint8_t *p = ring != NULL ? ring_reserve(ring, len) : NULL;

    if (p == NULL) {
        media_drop(&from->counters, MEDIA_DROP_ring_full);
        return;
    }

    memcpy(p, record, sizeof(*record));

    if (bytes.len) {
        memcpy(p + sizeof(*record), bytes.data, bytes.len);
    }

    ring_commit(ring, len);
    from->wake[to->index] = &to->mailbox;
}

void
relay_packet(struct relay *relay, const struct media_packet *packet)
{
    struct record record = {
        .type = RECORD_PACKET,
        .source = relay->source->params.id,
        .seq = packet->seq,
        .generation = relay->source->generation,
    };

    push(relay->source->loop, relay->to, &record, packet->bytes);
}

void
relay_sender_report(struct relay *relay)
{
    struct record record = {
        .type = RECORD_SENDER_REPORT,
        .source = relay->source->params.id,
        .time = relay->source->clock.time,
        .timestamp = relay->source->clock.timestamp,
    };

    push(relay->source->loop, relay->to, &record, span_of(NULL, 0));
}


/* the other way there may be no ring, and it is rare: a task will do */

struct keyframe_task {
    struct task task;
    uint64_t source;
};

static void
run_keyframe_task(struct task *task, void *owner)
{
    struct keyframe_task *k = container_of(task, struct keyframe_task, task);
    struct media_source *source = owner != NULL
                                  ? media_source_find(owner, k->source)
                                  : NULL;

    if (source != NULL) {
        media_source_want_keyframe(source);
    }

    free(k);
}

void
relay_want_keyframe(struct media_source *replica)
{
    struct keyframe_task *k = malloc(sizeof(*k));

    /* the replica's own timer asks again */
    if (k != NULL) {
        k->task.run = run_keyframe_task;
        k->source = replica->params.id;
        mailbox_post(replica->origin, &k->task);
    }
}

static void
receive(struct media_loop *loop, const struct record *record,
        struct span bytes)
{
    struct media_source *source = media_source_find(loop, record->source);
    struct media_packet packet;

    if (source == NULL) {
        return;         /* its last subscriber on this loop left meanwhile */
    }

    switch (record->type) {

    case RECORD_PACKET:
        if (media_source_parse(source, bytes, &packet) == 0) {
            packet.seq = record->seq;
            media_source_packet(source, &packet, record->generation);
        }

        return;

    case RECORD_SENDER_REPORT:
        media_source_sender_report(source, record->time, record->timestamp);
        return;
    }
}

/*
 * Not what comes meanwhile, though there is always something when the other
 * loop is the faster one: it wakes us for that again.
 */
static void
drain(struct media_loop *loop, struct ring *ring)
{
    size_t end = ring_end(ring);
    struct record record;
    size_t count = 0;
    uint8_t *p;
    size_t len;

    while (ring_is_before(ring, end) && (p = ring_peek(ring, &len)) != NULL) {
        memcpy(&record, p, sizeof(record));
        receive(loop, &record, span_of(p + sizeof(record),
                                       len - sizeof(record)));
        ring_advance(ring);

        /* a packet of the burst lies in the ring */
        if (++count % MEDIA_BURST_MAX == 0) {
            burst_run(loop);
            ring_release(ring);
        }
    }

    burst_run(loop);
    ring_release(ring);
}

void
relay_receive(struct media_loop *loop)
{
    loop->now = clock_now();

    for (int i = 0; i < MEDIA_LOOPS_MAX; i++) {
        struct ring *ring = atomic_load_explicit(&loop->rings[i],
                                                 memory_order_acquire);

        if (ring != NULL) {
            drain(loop, ring);
        }
    }

    outbox_flush(&loop->outbox);
}

void
relay_wake(struct media_loop *loop)
{
    for (int i = 0; i < MEDIA_LOOPS_MAX; i++) {
        if (loop->wake[i] != NULL) {
            mailbox_wake(loop->wake[i]);
            loop->wake[i] = NULL;
        }
    }
}
