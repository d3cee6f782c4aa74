/*
 * load/phase.c - the course of a run.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Publishers join, then those who watch; when all have media the run warms
 * up, measures, stops the senders, waits for what is still on its way, and
 * leaves.  It is called after each batch of events and looks at counters, so
 * no callback has to know what comes next.
 */

#include "load/load.h"
#include "load/wait.h"

enum {
    JOIN_TIME = 60 * USEC_PER_SEC,      /* for a few; more have longer */
    LEAVE_TIME = 3 * USEC_PER_SEC,
    LEAVES_A_TURN = 64,
};

static void
enter(struct load *load, enum load_phase phase, usec_t length)
{
    load->phase = phase;
    load->phase_end = length ? load->engine.now + length : 0;
    load->next = 0;
}

/* a server that manages fifty a second shall not be cut off */
static usec_t
join_time(const struct load *load)
{
    return JOIN_TIME + (usec_t)load->peer_count * USEC_PER_SEC / 50;
}

void
load_dialect_ready(struct load *load, const char *why)
{
    if (why != NULL) {
        load->fatal = why;
        return;
    }

    if (load->phase == LOAD_PHASE_BEGIN) {
        enter(load, LOAD_PHASE_PUBLISH, join_time(load));
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

    s->own.cpu = end ? load_wait_own_cpu(load) - s->own.cpu
                     : load_wait_own_cpu(load);
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
    enter(load, LOAD_PHASE_WATCH, join_time(load));
}

void
load_phase_run(struct load *load)
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
load_phase_wait(const struct load *load)
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
