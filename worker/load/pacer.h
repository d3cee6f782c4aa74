/*
 * load/pacer.h - when a track's packets leave, as browsers send them.
 * Copyright (C) the ngx_sfu_module authors
 *
 * libwebrtc's pacer wakes up every 5 ms and sends while it has budget, which
 * grows at 2.5 times the rate: a frame of nine packets leaves as 4, 3 and 2.
 * Times are those of an ideal clock; who calls late catches up.
 */

#ifndef SFU_LOAD_PACER_H
#define SFU_LOAD_PACER_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum { LOAD_PACER_INTERVAL = 5000 };    /* microseconds between bursts */

struct load_pacer {
    usec_t next;                /* of the next burst */
    usec_t start;
    uint64_t frame;             /* the one that is being sent */
    unsigned fps;
    size_t packets;             /* of a frame */
    size_t packet_bytes;
    size_t left;                /* packets of the frame not yet sent */
    int64_t burst_bytes;        /* what the budget grows by */
    int64_t budget;
};

/* packets of packet_bytes, packets a frame, fps frames a second, all > 0 */
void load_pacer_init(struct load_pacer *p, usec_t start, unsigned fps,
                     size_t packets, size_t packet_bytes);

/*
 * How many packets leave now; call it while p->next has come.  They are all
 * of the frame p->frame was before the call.
 */
size_t load_pacer_burst(struct load_pacer *p);

/* leaves out what is older than this; the frame in hand is ended */
void load_pacer_skip_to(struct load_pacer *p, usec_t now);

#endif
