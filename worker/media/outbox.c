/*
 * media/outbox.c - datagrams of a batch, collected before they are sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/outbox.h"

#include <stdlib.h>

#include "base/error.h"
#include "net/tcp.h"

int
outbox_init(struct outbox *outbox, size_t slots, struct udp_socket *udp,
            struct media_counters *counters)
{
    *outbox = (struct outbox){ .udp = udp, .counters = counters };
    list_init(&outbox->dirty);
    outbox->slots = malloc(slots * sizeof(outbox->slots[0]));

    if (outbox->slots == NULL) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; i < slots; i++) {
        outbox_return(outbox, &outbox->slots[i]);
    }

    return 0;
}

void
outbox_fini(struct outbox *outbox)
{
    free(outbox->slots);
    outbox->slots = NULL;
}

void
outbox_queue_init(struct outbox_queue *queue, struct ice_agent *ice)
{
    *queue = (struct outbox_queue){ .ice = ice };
    list_init(&queue->dirty);
}

void
outbox_queue_fini(struct outbox *outbox, struct outbox_queue *queue)
{
    struct outbox_slot *next;

    for (struct outbox_slot *slot = queue->first; slot != NULL; slot = next) {
        next = slot->next;
        outbox_return(outbox, slot);
    }

    queue->first = NULL;
    queue->count = 0;
    list_remove(&queue->dirty);
}

void
outbox_return(struct outbox *outbox, struct outbox_slot *slot)
{
    slot->next = outbox->free;
    outbox->free = slot;
}

/* from *slot on: as many as one system call can take */
static size_t
collect_run(struct outbox_slot **slot, struct iovec *run)
{
    struct outbox_slot *s = *slot;
    size_t size = s->len;
    size_t bytes = 0;
    size_t count = 0;

    while (s != NULL && count < UDP_RUN_MAX && s->len <= size
           && bytes + s->len <= UDP_TRAIN_MAX - 100) {
        bool last = s->len < size;

        run[count++] = (struct iovec){ s->data, s->len };
        bytes += s->len;
        s = s->next;

        if (last) {
            break;              /* only the last may be shorter */
        }
    }

    *slot = s;

    return count;
}

static void
send_udp(struct outbox *outbox, struct outbox_queue *queue,
         const struct ice_pair *pair)
{
    struct iovec run[UDP_RUN_MAX];

    for (struct outbox_slot *slot = queue->first; slot != NULL;) {
        size_t count = collect_run(&slot, run);

        udp_send_run(outbox->udp, &pair->local, &pair->remote, run, count);
        counter_add(&outbox->counters->runs_out, 1);
    }
}

static void
flush_queue(struct outbox *outbox, struct outbox_queue *queue)
{
    const struct ice_pair *pair = queue->ice->selected;
    struct outbox_slot *slot = queue->first;

    if (pair != NULL && pair->tcp == NULL) {
        send_udp(outbox, queue, pair);
    }

    queue->first = NULL;
    queue->last = NULL;
    queue->count = 0;
    list_remove(&queue->dirty);

    while (slot != NULL) {
        struct outbox_slot *next = slot->next;

        /* a failure may take the pair away */
        pair = queue->ice->selected;

        if (pair != NULL && pair->tcp != NULL) {
            tcp_connection_send(pair->tcp, span_of(slot->data, slot->len));
        }

        outbox_return(outbox, slot);
        slot = next;
    }
}

struct outbox_slot *
outbox_reserve(struct outbox *outbox)
{
    struct outbox_slot *slot;

    if (outbox->free == NULL) {
        outbox_flush(outbox);
    }

    slot = outbox->free;
    outbox->free = slot->next;
    slot->next = NULL;

    return slot;
}

void
outbox_commit(struct outbox *outbox, struct outbox_queue *queue,
              struct outbox_slot *slot, size_t len)
{
    slot->len = len;

    if (queue->first == NULL) {
        queue->first = slot;
        list_append(&outbox->dirty, &queue->dirty);
    } else {
        queue->last->next = slot;
    }

    queue->last = slot;
    queue->count++;
    counter_add(&outbox->counters->packets_out, 1);
    counter_add(&outbox->counters->bytes_out, len);

    if (queue->count >= OUTBOX_QUEUE_MAX) {
        flush_queue(outbox, queue);
    }
}

void
outbox_flush(struct outbox *outbox)
{
    while (!list_empty(&outbox->dirty)) {
        flush_queue(outbox, container_of(outbox->dirty.next,
                                         struct outbox_queue, dirty));
    }
}
