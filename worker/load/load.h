/*
 * load/load.h - a run of the generator: what main.c wires.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_LOAD_H
#define SFU_LOAD_LOAD_H

#include "base/map.h"
#include "load/dialect.h"
#include "load/engine.h"
#include "load/figures.h"
#include "load/http.h"
#include "load/options.h"
#include "load/peer.h"
#include "load/process.h"

enum load_phase {
    LOAD_PHASE_BEGIN,           /* the dialect prepares */
    LOAD_PHASE_PUBLISH,
    LOAD_PHASE_WATCH,
    LOAD_PHASE_WARMUP,
    LOAD_PHASE_MEASURE,
    LOAD_PHASE_DRAIN,
    LOAD_PHASE_LEAVE,
    LOAD_PHASE_DONE,
};

/* joins during a storm */
struct load_storm {
    uint64_t begun;
    uint64_t done;              /* had their first packet */
    uint64_t failed;
    uint64_t skipped;           /* too many were on their way */
    usec_t next;
    struct load_histogram signaled;     /* us since it began, each */
    struct load_histogram connected;
    struct load_histogram first_packet;
    struct list gone;           /* visitors that are to be freed */
    size_t visitors;            /* that exist */
};

/* of the whole run */
struct load_summary {
    usec_t measured;            /* how long the senders sent */
    usec_t join_time;           /* how long all took to join */
    struct load_usage own;      /* of the generator, in that time */
    struct load_usage servers[LOAD_PIDS_MAX];
    struct load_memory before[LOAD_PIDS_MAX];
    struct load_memory after[LOAD_PIDS_MAX];
    uint64_t sent_packets;      /* while measuring */
    uint64_t sent_bytes;
    uint64_t repeated;
    uint64_t keyframes;
    uint64_t unsent;
    size_t publishers;          /* that were up at the end */
    size_t watchers;            /* likewise, with media */
    size_t sessions;            /* PeerConnections, of either kind */
    size_t failed;
    char first_failure[160];
    const char *profile;        /* really negotiated, NULL: none was */
    bool profiles_differ;
    struct load_histogram join; /* us until the first packet, outside storms */
};

struct load {
    struct load_options options;
    struct load_engine engine;
    usec_t awake_cpu;           /* used for nothing but staying awake */
    struct load_http http;
    const struct load_dialect *dialect;
    struct load_janus *janus;           /* the dialect's; NULL in others */

    struct load_peer **peers;           /* owned */
    size_t peer_count;
    struct load_sender **streams;       /* owned list, borrowed entries */
    size_t stream_count;

    enum load_phase phase;
    usec_t phase_end;           /* 0: by what happens, not by time */
    usec_t began;
    size_t next;                /* the peer that joins next */
    size_t joining;             /* on their way */
    bool ending;                /* the dialect was told that all have left */
    bool stopping;              /* somebody pressed Ctrl-C */
    const char *fatal;          /* why the run makes no sense */

    struct load_figures figures;
    struct load_storm storm;
    struct load_summary summary;
};

/* builds the peers that the options ask for.  SFU_ERR_NOMEM */
int load_scenario_init(struct load *load);
void load_scenario_fini(struct load *load);

/* after each batch of events: what follows from what has happened */
void load_phase_run(struct load *load);
/* microseconds until it wants to be run again; -1: by events */
usec_t load_phase_wait(const struct load *load);

/* visitors, while the storm lasts */
void load_storm_run(struct load *load);
/* frees those that have left */
void load_storm_reap(struct load *load);
void load_storm_first_packet(struct load_peer *visitor);

/* registers a stream, which gets its number.  SFU_ERR_NOMEM */
int load_add_stream(struct load *load, struct load_sender *sender);

#endif
