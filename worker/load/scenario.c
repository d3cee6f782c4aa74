/*
 * load/scenario.c - who publishes, who watches, and when what is measured.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Publishers join, then those who watch; when all have media the run warms
 * up, measures, stops the senders, waits for what is still on its way, and
 * leaves.  It is called after each batch of events and looks at counters, so
 * no callback has to know what comes next.
 */

#include <stdlib.h>

#include "base/error.h"
#include "load/load.h"

enum {
    JOIN_TIME = 60 * USEC_PER_SEC,      /* all together, at the least */
    LEAVE_TIME = 3 * USEC_PER_SEC,
    LEAVES_A_TURN = 64,
};

static struct load_peer *
add_peer(struct load *load, size_t room, bool publishes)
{
    struct load_peer **list;
    struct load_peer *p;

    list = realloc(load->peers, (load->peer_count + 1) * sizeof(*list));

    if (list == NULL) {
        return NULL;
    }

    load->peers = list;
    p = load_peer_create(load, room, publishes);

    if (p != NULL) {
        p->index = load->peer_count;
        load->peers[load->peer_count++] = p;
    }

    return p;
}

/* a peer that watches those publishers, or one for each if it must be so */
static int
add_watchers(struct load *load, size_t room, struct load_peer **from,
             size_t count, const struct load_peer *not_this)
{
    struct load_peer *p = NULL;

    for (size_t i = 0; i < count; i++) {
        if (from[i] == not_this) {
            continue;
        }

        if (p == NULL || !load->dialect->many_feeds) {
            p = add_peer(load, room, false);
        }

        if (p == NULL || load_peer_watch(p, from[i])) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

/* everybody watches all others */
static int
add_meeting(struct load *load, size_t room, struct load_peer **members,
            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!load->dialect->one_connection) {
            if (add_watchers(load, room, members, count, members[i])) {
                return SFU_ERR_NOMEM;
            }

            continue;
        }

        for (size_t k = 0; k < count; k++) {
            if (k != i && load_peer_watch(members[i], members[k])) {
                return SFU_ERR_NOMEM;
            }
        }
    }

    return 0;
}

/* publishers come first in the list, so that they join first */
int
load_scenario_init(struct load *load)
{
    const struct load_options *o = &load->options;
    bool idle = o->scenario == LOAD_IDLE;
    size_t rooms = o->scenario == LOAD_ROOMS ? o->rooms : 1;
    size_t each = idle ? o->subscribers : o->publishers;
    struct load_peer **members;
    int error = 0;

    for (size_t i = 0; i < rooms * each; i++) {
        struct load_peer *p = add_peer(load, i / each, true);

        if (p == NULL) {
            return SFU_ERR_NOMEM;
        }

        p->silent = idle;
    }

    /* the list of peers moves when it grows */
    members = calloc(rooms * each, sizeof(*members));

    if (members == NULL) {
        return SFU_ERR_NOMEM;
    }

    memcpy(members, load->peers, rooms * each * sizeof(*members));

    for (size_t room = 0; room < rooms && !idle && !error; room++) {
        struct load_peer **own = members + room * each;

        if (o->scenario == LOAD_MEETING) {
            error = add_meeting(load, room, own, each);
            continue;
        }

        for (size_t i = 0; i < o->subscribers && !error; i++) {
            error = add_watchers(load, room, own, each, NULL);
        }
    }

    free(members);

    return error;
}

void
load_scenario_fini(struct load *load)
{
    for (size_t i = 0; i < load->peer_count; i++) {
        load_peer_destroy(load->peers[i]);
    }

    free(load->peers);
    free(load->streams);
    load->peer_count = 0;
}

int
load_add_stream(struct load *load, struct load_sender *sender)
{
    struct load_sender **list = realloc(load->streams,
                                        (load->stream_count + 1)
                                            * sizeof(*list));

    if (list == NULL) {
        return SFU_ERR_NOMEM;
    }

    load->streams = list;
    sender->number = (uint32_t)load->stream_count;
    list[load->stream_count++] = sender;

    return 0;
}


/* phases */

static void
enter(struct load *load, enum load_phase phase, usec_t length)
{
    load->phase = phase;
    load->phase_end = length ? load->engine.now + length : 0;
    load->next = 0;
}

void
load_dialect_ready(struct load *load, const char *why)
{
    if (why != NULL) {
        load->fatal = why;
        return;
    }

    if (load->phase == LOAD_PHASE_BEGIN) {
        enter(load, LOAD_PHASE_PUBLISH, JOIN_TIME);
    }
}

static void
join(struct load *load, struct load_peer *p)
{
    p->began = load->engine.now;
    load->joining++;
    p->state = LOAD_PEER_SIGNALING;
    load->dialect->publish(p);
}

static void
join_to_watch(struct load *load, struct load_peer *p)
{
    p->began = load->engine.now;
    load->joining++;
    p->watching = true;

    if (p->state == LOAD_PEER_IDLE) {
        p->state = LOAD_PEER_SIGNALING;
    }

    load->dialect->watch(p);
}

/* all that it watches is there */
static bool
can_watch(const struct load_peer *p)
{
    for (size_t i = 0; i < p->watched_count; i++) {
        if (p->watched[i]->state != LOAD_PEER_UP) {
            return false;
        }
    }

    return p->watched_count > 0 && p->state != LOAD_PEER_GONE;
}

/* false when nobody is left who could join, and nobody is on the way */
static bool
run_joins(struct load *load, bool publishing)
{
    while (load->next < load->peer_count
           && load->joining < load->options.joining) {
        struct load_peer *p = load->peers[load->next++];

        if (publishing) {
            if (p->publishes) {
                join(load, p);
            }
        } else if (can_watch(p)) {
            join_to_watch(load, p);
        }
    }

    return load->next < load->peer_count || load->joining > 0;
}

/* frames of different publishers begin at different times */
static void
start_senders(struct load *load)
{
    const double golden = 0.6180339887;
    double at = 0;

    for (size_t i = 0; i < load->peer_count; i++) {
        struct load_peer *p = load->peers[i];

        if (p->publishes && p->state == LOAD_PEER_UP) {
            at += golden;
            at -= (int)at;
            load_peer_send(p, load->engine.now
                                  + (usec_t)(at * USEC_PER_SEC
                                             / load->options.fps));
        }
    }
}

static void
read_servers(struct load *load, bool end)
{
    struct load_summary *s = &load->summary;

    for (size_t i = 0; i < load->options.pid_count; i++) {
        struct load_usage usage = { 0 };

        load_process_usage(load->options.pids[i], &usage);
        s->servers[i].cpu = end ? usage.cpu - s->servers[i].cpu : usage.cpu;

        if (end) {
            load_process_memory(load->options.pids[i], &s->after[i]);
        }
    }

    s->own.cpu = end ? load_process_own_cpu() - s->own.cpu
                     : load_process_own_cpu();
}

/* what was sent so far; twice, and the difference is the interval's */
static void
read_senders(struct load *load, bool end)
{
    struct load_summary now = { 0 };
    struct load_summary *s = &load->summary;

    for (size_t i = 0; i < load->stream_count; i++) {
        const struct load_sender *sender = load->streams[i];

        now.sent_packets += sender->packets;
        now.sent_bytes += sender->bytes;
        now.repeated += sender->repeated;
        now.keyframes += sender->keyframes;
    }

    now.unsent = load->engine.unsent;

    if (end) {
        now.sent_packets -= s->sent_packets;
        now.sent_bytes -= s->sent_bytes;
        now.repeated -= s->repeated;
        now.keyframes -= s->keyframes;
        now.unsent -= s->unsent;
    }

    s->sent_packets = now.sent_packets;
    s->sent_bytes = now.sent_bytes;
    s->repeated = now.repeated;
    s->keyframes = now.keyframes;
    s->unsent = now.unsent;
}

static void
begin_measuring(struct load *load)
{
    load->figures.interval++;
    load->figures.measuring = true;
    load->storm.next = load->engine.now;
    load->summary.measured = clock_now();
    read_senders(load, false);
    read_servers(load, false);
    enter(load, LOAD_PHASE_MEASURE, load->options.duration);
}

static void
end_measuring(struct load *load)
{
    load->summary.measured = clock_now() - load->summary.measured;
    load->figures.measuring = false;
    read_senders(load, true);
    read_servers(load, true);

    for (size_t i = 0; i < load->peer_count; i++) {
        load_peer_stop(load->peers[i]);
    }

    enter(load, LOAD_PHASE_DRAIN, load->options.drain ? load->options.drain
                                                      : 1);
}

static void
settle(struct load *load)
{
    struct load_summary *s = &load->summary;

    for (size_t i = 0; i < load->peer_count; i++) {
        struct load_peer *p = load->peers[i];

        load_peer_settle(p, &load->figures);

        if (p->state == LOAD_PEER_UP) {
            s->sessions++;
            s->publishers += p->publishes;
            s->watchers += p->first_packet != 0;
        }
    }

    load->figures.interval = 0;
    enter(load, LOAD_PHASE_LEAVE, LEAVE_TIME);
}

/* a few at a time: a thousand goodbyes are a storm, too */
static void
run_leaves(struct load *load)
{
    for (int i = 0; i < LEAVES_A_TURN && load->next < load->peer_count; i++) {
        struct load_peer *p = load->peers[load->next++];

        if (p->state != LOAD_PEER_GONE) {
            if (p->state == LOAD_PEER_UP) {
                load->dialect->leave(p);
            }

            load_peer_close(p);
        }
    }

    if (load->next < load->peer_count) {
        return;
    }

    if (!load->ending && load->dialect->end != NULL) {
        load->dialect->end(load);
    }

    load->ending = true;

    if (load->http.waiting == 0) {
        enter(load, LOAD_PHASE_DONE, 0);
    }
}

static bool
any_publisher(const struct load *load)
{
    for (size_t i = 0; i < load->peer_count; i++) {
        if (load->peers[i]->publishes
            && load->peers[i]->state == LOAD_PEER_UP) {
            return true;
        }
    }

    return false;
}

static void
after_publishing(struct load *load)
{
    if (!any_publisher(load)) {
        load->fatal = "no publisher could join";
        return;
    }

    start_senders(load);
    enter(load, LOAD_PHASE_WATCH, JOIN_TIME);
}

void
load_scenario_run(struct load *load)
{
    bool over = load->phase_end && load->engine.now >= load->phase_end;

    over = over || (load->stopping && load->phase < LOAD_PHASE_DRAIN);

    switch (load->phase) {
    case LOAD_PHASE_PUBLISH:
        if (!run_joins(load, true) || over) {
            after_publishing(load);
        }

        break;
    case LOAD_PHASE_WATCH:
        if (!run_joins(load, false) || over) {
            load->summary.join_time = load->engine.now - load->began;
            enter(load, LOAD_PHASE_WARMUP, load->options.warmup
                                               ? load->options.warmup
                                               : 1);
        }

        break;
    case LOAD_PHASE_WARMUP:
        if (over) {
            begin_measuring(load);
        }

        break;
    case LOAD_PHASE_MEASURE:
        load_storm_run(load);

        if (over) {
            end_measuring(load);
        }

        break;
    case LOAD_PHASE_DRAIN:
        if (over) {
            settle(load);
        }

        break;
    case LOAD_PHASE_LEAVE:
        run_leaves(load);

        if (over) {
            enter(load, LOAD_PHASE_DONE, 0);
        }

        break;
    case LOAD_PHASE_BEGIN:
    case LOAD_PHASE_DONE:
        break;
    }

    load_storm_reap(load);
}

usec_t
load_scenario_wait(const struct load *load)
{
    usec_t at = load->phase_end;

    if (load->phase == LOAD_PHASE_LEAVE && load->next < load->peer_count) {
        return 0;
    }

    if (load->phase == LOAD_PHASE_MEASURE
        && load->options.scenario == LOAD_STORM && load->storm.next < at) {
        at = load->storm.next;
    }

    if (at == 0) {
        return -1;
    }

    return at > load->engine.now ? at - load->engine.now : 0;
}
