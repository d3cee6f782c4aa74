/*
 * data/peer.c - a session inside the data loop.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/peer.h"

#include <stdlib.h>

#include "base/error.h"
#include "data/forward.h"
#include "data/loop.h"

struct data_event *
data_peer_event(struct data_peer *peer, enum data_event_type type)
{
    struct data_event *event = calloc(1, sizeof(*event));

    if (event == NULL) {
        log_error(peer->loop->log, "data: out of memory for an event");
        return NULL;
    }

    event->task.run = peer->params.on_event;
    event->type = type;
    event->session = peer->params.session;
    event->peer = peer->params.id;

    return event;
}

void
data_peer_post(struct data_peer *peer, struct data_event *event)
{
    mailbox_post(peer->loop->control, &event->task);
}

struct data_channel *
data_peer_channel(struct data_peer *peer, uint16_t stream)
{
    struct map_entry *e = map_find(&peer->channels,
                                   span_of(&stream, sizeof(stream)));

    return e != NULL ? container_of(e, struct data_channel, by_stream) : NULL;
}

void
data_peer_flush(struct data_peer *peer)
{
    struct list held;

    if (!peer->up) {
        return;
    }

    list_init(&held);

    while (!list_empty(&peer->waiting)) {
        struct data_channel *ch = container_of(peer->waiting.next,
                                               struct data_channel,
                                               in_waiting);

        if (data_channel_is_held(ch)) {
            list_remove(&ch->in_waiting);
            list_append(&held, &ch->in_waiting);
            continue;
        }

        if (data_channel_flush_one(ch) == SFU_ERR_AGAIN) {
            break;
        }

        /* one message each, in turn */
        if (!list_empty(&ch->queue)) {
            list_remove(&ch->in_waiting);
            list_append(&peer->waiting, &ch->in_waiting);
        }
    }

    for (struct list *node; (node = list_shift(&held)) != NULL;) {
        list_append(&peer->waiting, node);
    }
}


/* what SCTP tells */

static void
on_send(void *ctx, struct span packet)
{
    struct data_peer *peer = ctx;

    data_loop_put(peer->loop, peer, packet);
}

static void
on_up(void *ctx, size_t streams)
{
    struct data_peer *peer = ctx;
    struct data_event *event = data_peer_event(peer, DATA_EVENT_UP);

    peer->up = true;

    if (event != NULL) {
        event->streams = streams;
        data_peer_post(peer, event);
    }

    data_peer_flush(peer);
}

static void
on_down(void *ctx)
{
    struct data_peer *peer = ctx;
    struct data_event *event = data_peer_event(peer, DATA_EVENT_DOWN);

    peer->up = false;

    if (event != NULL) {
        data_peer_post(peer, event);
    }
}

static void
on_message(void *ctx, uint16_t stream, uint32_t ppid, struct span bytes)
{
    forward_message(ctx, stream, ppid, bytes);
}

static void
on_too_long(void *ctx, uint16_t stream)
{
    struct data_peer *peer = ctx;

    (void)stream;
    data_drop(&peer->loop->counters, DATA_DROP_too_long);
}

static void
on_reset(void *ctx, uint16_t stream, bool incoming)
{
    struct data_channel *ch = data_peer_channel(ctx, stream);

    if (ch != NULL) {
        data_channel_reset(ch, incoming);
    }
}

static void
on_writable(void *ctx)
{
    data_peer_flush(ctx);
}

static const struct sfu_sctp_events events = {
    .send = on_send,
    .up = on_up,
    .down = on_down,
    .message = on_message,
    .too_long = on_too_long,
    .reset = on_reset,
    .writable = on_writable,
};

static void
end_association(struct data_peer *peer)
{
    if (peer->association != NULL) {
        sfu_sctp_destroy(peer->association);
        peer->association = NULL;
        counter_add(&peer->loop->counters.associations, (uint64_t)-1);
    }
}

/* streams that were to be reset are as new: nobody will answer for the old */
static void
forget_association(struct data_peer *peer)
{
    struct map_entry *e = NULL;

    end_association(peer);
    peer->up = false;

    while ((e = map_next(&peer->channels, e)) != NULL) {
        data_channel_unused(container_of(e, struct data_channel, by_stream));
    }
}

/*
 * Again, when the peer has moved to another transport: its association was of
 * the one before, and so is ours.
 */
void
data_peer_connected(struct data_peer *peer)
{
    int error;

    forget_association(peer);

    error = sfu_sctp_create(&peer->association, peer->loop->sctp, &events,
                            peer);

    if (!error) {
        counter_add(&peer->loop->counters.associations, 1);
        error = sfu_sctp_connect(peer->association, peer->params.remote_port);
    }

    if (error) {
        log_error(peer->loop->log, "data: session %s: cannot begin",
                  peer->params.name);
        on_down(peer);
    }
}

void
data_peer_packet(struct data_peer *peer, struct span packet)
{
    if (peer->association != NULL) {
        sfu_sctp_receive(peer->association, packet);
    }
}

void
data_peer_init(struct data_peer *peer)
{
    list_init(&peer->waiting);
    map_insert(&peer->loop->peers, &peer->by_id,
               span_of(&peer->params.id, sizeof(peer->params.id)));
}

void
data_peer_fini(struct data_peer *peer)
{
    struct map_entry *e;

    /* before its channels: their streams need no resets any more */
    end_association(peer);

    while ((e = map_next(&peer->channels, NULL)) != NULL) {
        struct data_channel *ch = container_of(e, struct data_channel,
                                               by_stream);

        data_channel_fini(ch);
        free(ch);
    }

    map_remove(&peer->loop->peers, &peer->by_id);
}
