/*
 * load/figures.h - what all peers of a run count together.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_FIGURES_H
#define SFU_LOAD_FIGURES_H

#include <stdbool.h>

#include "base/clock.h"
#include "load/tally.h"

/* how long after it was lost a repaired packet is still of use */
enum { LOAD_REPAIR_IN_TIME = 200 * USEC_PER_MS };

struct load_figures {
    unsigned interval;          /* 0: nothing is measured; else its number */
    bool measuring;             /* the senders send: rates and CPU count */

    struct load_tally tally[LOAD_CLASSES];

    /* since the start, for progress */
    uint64_t packets_in;        /* RTP that was not thrown away */
    uint64_t bytes_in;          /* as UDP carried it */
    uint64_t gaps;              /* RTP numbers that were skipped */

    /* while measuring */
    uint64_t interval_packets;  /* RTP that reached a viewer */
    uint64_t interval_bytes;
    uint64_t discarded;         /* --loss: packets that are asked for again, */
    uint64_t discarded_for_good;        /* that nobody asks for, as sound, */
    uint64_t discarded_repairs; /* and that had been sent again */
    uint64_t repaired_in_time;
    uint64_t repaired_late;
    struct load_histogram repair;       /* us from the loss to the repair */

    uint64_t cannot_open;       /* SRTP that is not genuine, or a replay */
    uint64_t unknown;           /* RTP of no negotiated type */
    uint64_t nacks_out;         /* packets asked for */
    uint64_t plis_out;
    uint64_t feedback_out;      /* transport-cc packets */
    uint64_t reports_out;
    uint64_t nacks_in;
    uint64_t keyframe_requests_in;
    uint64_t feedback_in;
    uint64_t reports_in;
};

#endif
