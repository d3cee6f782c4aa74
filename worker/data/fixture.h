/*
 * data/fixture.h - the data loop without its thread, and peers that talk SCTP.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A guest is a browser as far as SCTP goes.  Its association is of the data
 * loop's own stack, since there is one in a process only; packets take the
 * way through the rings all the same, of which there are two pairs.
 */

#ifndef SFU_DATA_FIXTURE_H
#define SFU_DATA_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "data/command.h"
#include "data/loop.h"
#include "sctp/dcep.h"
#include "test/tap.h"

enum { GUESTS_MAX = 4, SEEN_MAX = 512 };

struct seen {
    uint16_t stream;
    uint32_t ppid;
    size_t len;
    uint8_t first;
};

struct guest {
    struct world *world;
    uint64_t id;
    unsigned port;
    struct data_peer *peer;
    struct sfu_sctp_association *client;
    bool deaf;                          /* nothing reaches it */
    bool client_up, up, down;
    struct seen seen[SEEN_MAX];
    size_t count;
    int resets;                         /* of the server's direction */
};

struct world {
    struct data_settings settings;
    struct log log;
    struct mailbox control;
    struct mailbox media[2];
    struct data_loop loop;
    struct guest guests[GUESTS_MAX];
    size_t guest_count;

    int events[DATA_EVENT_TOLD + 1];
    uint64_t last_channel;              /* of CLOSING, CLOSED, OPENED */
    enum data_end last_end;
    struct data_channel *opened;
    char label[DATA_LABEL_MAX + 1];
    char told[64];
};

static inline struct guest *
guest_of(struct world *w, uint64_t id)
{
    for (size_t i = 0; i < w->guest_count; i++) {
        if (w->guests[i].id == id) {
            return &w->guests[i];
        }
    }

    return NULL;
}

static inline void
world_event(struct task *task, void *owner)
{
    struct data_event *e = container_of(task, struct data_event, task);
    struct world *w = owner;
    struct guest *g = w != NULL ? guest_of(w, e->peer) : NULL;

    if (g != NULL) {
        w->events[e->type]++;
        g->up = g->up || e->type == DATA_EVENT_UP;
        g->down = g->down || e->type == DATA_EVENT_DOWN;
        w->last_channel = e->channel;
        w->last_end = e->type == DATA_EVENT_CLOSING ? e->end : w->last_end;

        if (e->type == DATA_EVENT_OPENED) {
            w->opened = e->opened;
            snprintf(w->label, sizeof(w->label), "%s", e->label);
        }

        if (e->type == DATA_EVENT_TOLD) {
            snprintf(w->told, sizeof(w->told), "%s", e->text);
        }
    }

    free(e->label);
    free(e->text);
    free(e);
}

static inline void
client_send(void *ctx, struct span packet)
{
    struct guest *g = ctx;

    data_port_put(&g->world->loop.ports[g->port].in, g->id,
                  DATA_RECORD_PACKET, packet);
}

static inline void
client_up(void *ctx, size_t streams)
{
    (void)streams;
    ((struct guest *)ctx)->client_up = true;
}

static inline void
client_down(void *ctx)
{
    (void)ctx;
}

static inline void
client_message(void *ctx, uint16_t stream, uint32_t ppid, struct span bytes)
{
    struct guest *g = ctx;

    if (g->count < SEEN_MAX) {
        g->seen[g->count++] = (struct seen){ stream, ppid, bytes.len,
                                             bytes.data[0] };
    }
}

static inline void
client_too_long(void *ctx, uint16_t stream)
{
    (void)ctx;
    (void)stream;
}

static inline void
client_reset(void *ctx, uint16_t stream, bool incoming)
{
    (void)stream;
    ((struct guest *)ctx)->resets += incoming;
}

static inline void
client_writable(void *ctx)
{
    (void)ctx;
}

static const struct sfu_sctp_events client_events = {
    client_send, client_up, client_down, client_message, client_too_long,
    client_reset, client_writable,
};

/* what the media loops would do; whether there was something */
static inline bool
world_deliver(struct world *w)
{
    bool any = false;
    uint8_t *p;
    size_t len;

    for (int i = 0; i < 2; i++) {
        struct ring *ring = &w->loop.ports[i].out;

        while ((p = ring_peek(ring, &len)) != NULL) {
            struct data_record record;
            struct guest *g;

            memcpy(&record, p, sizeof(record));
            g = guest_of(w, record.peer);

            if (g != NULL && g->client != NULL && !g->deaf) {
                sfu_sctp_receive(g->client,
                                 span_of(p + sizeof(record),
                                         len - sizeof(record)));
            }

            ring_advance(ring);
            ring_release(ring);
            any = true;
        }
    }

    return any;
}

/* until nothing moves any more */
static inline void
world_turn(struct world *w)
{
    struct list tasks;

    do {
        data_loop_turn(&w->loop);
    } while (world_deliver(w) || w->loop.more);

    mailbox_take(&w->control, &tasks);
    mailbox_run(&tasks, w);
}

/* so many milliseconds of the machine's clock */
static inline void
world_run(struct world *w, int ms)
{
    for (usec_t end = clock_now() + ms * USEC_PER_MS; clock_now() < end;) {
        world_turn(w);
        usleep(2000);
    }
}

static inline void
world_begin(struct world *w)
{
    struct data_settings settings = {
        .sctp = { 64, 16384 }, .queue_max = 65536,
        .session_max = 1 << 20, .memory_max = 1 << 20,
        .ring_bytes = 1 << 20, .opens_per_second = 5,
        .tells_per_second = 4, .tell_max = 100,
        .ack_time = 30 * USEC_PER_SEC,
    };

    memset(w, 0, sizeof(*w));
    w->settings = settings;
    w->log = (struct log){ .fd = 2, .level = LOG_ERROR };
    mailbox_init(&w->control);
    mailbox_init(&w->media[0]);
    mailbox_init(&w->media[1]);
    tap_is_int(data_loop_init(&w->loop, &w->settings, &w->log, &w->control,
                              2), 0, "a data loop");
    data_loop_attach(&w->loop, 0, &w->media[0]);
    data_loop_attach(&w->loop, 1, &w->media[1]);
}

static inline void
world_end(struct world *w)
{
    for (size_t i = 0; i < w->guest_count; i++) {
        struct guest *g = &w->guests[i];

        data_peer_destroy(g->peer);
        sfu_sctp_destroy(g->client);
        g->client = NULL;
    }

    world_turn(w);
    tap_ok(counter_get(&w->loop.counters.channels) == 0
               && counter_get(&w->loop.counters.associations) == 0
               && counter_get(&w->loop.counters.queued_bytes) == 0
               && w->loop.peers.count == 0 && w->loop.wheel.armed == 0,
           "nothing is left");
    tap_ok(sfu_sctp_stack_destroy(w->loop.sctp), "nor in usrsctp");
    w->loop.sctp = NULL;
    data_loop_fini(&w->loop);
    mailbox_fini(&w->control);
    mailbox_fini(&w->media[0]);
    mailbox_fini(&w->media[1]);
}

/* a session whose DTLS is there; on one media loop or the other */
static inline struct guest *
guest_create(struct world *w, unsigned port, size_t remote_max)
{
    struct guest *g = &w->guests[w->guest_count++];
    struct data_peer_params params = {
        .id = 1000 + w->guest_count, .session = w->guest_count,
        .media_loop = port, .remote_port = 5000, .remote_max = remote_max,
        .on_event = world_event,
    };

    g->world = w;
    g->id = params.id;
    g->port = port;
    tap_is_int(data_peer_create(&g->peer, &w->loop, &params), 0, "a session");

    return g;
}

static inline void
guest_connect(struct guest *g)
{
    struct world *w = g->world;

    sfu_sctp_create(&g->client, w->loop.sctp, &client_events, g);
    data_port_put(&w->loop.ports[g->port].in, g->id, DATA_RECORD_CONNECTED,
                  span_of(NULL, 0));
    sfu_sctp_connect(g->client, 5000);
    world_turn(w);
}

static inline struct guest *
guest_add(struct world *w, unsigned port)
{
    struct guest *g = guest_create(w, port, 65536);

    guest_connect(g);
    tap_ok(g->up && g->client_up, "up at both ends");

    return g;
}

/* publication 0: publishes */
static inline struct data_channel *
guest_channel(struct guest *g, uint64_t id, uint16_t stream,
              uint64_t publication, struct sfu_sctp_policy policy)
{
    struct data_channel_params params = {
        .id = id, .stream = stream, .publication = publication,
        .policy = policy,
    };
    struct data_channel *ch;

    data_channel_create(&ch, g->peer, &params);
    world_turn(g->world);

    return ch;
}

static const struct sfu_sctp_policy reliable = { false, SFU_SCTP_RELIABLE, 0 };

static inline int
guest_send(struct guest *g, uint16_t stream, const char *text)
{
    int error = sfu_sctp_send(g->client, stream, SFU_SCTP_PPID_STRING,
                              &reliable, span_str(text));

    world_turn(g->world);

    return error;
}

static inline uint64_t
dropped(const struct world *w, enum data_drop cause)
{
    return counter_get(&w->loop.counters.drops[cause]);
}

#endif
