/*
 * load/pacer.c - when a track's packets leave.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/pacer.h"

static usec_t
frame_time(const struct load_pacer *p, uint64_t frame)
{
    return p->start + (usec_t)(frame * USEC_PER_SEC / p->fps);
}

void
load_pacer_init(struct load_pacer *p, usec_t start, unsigned fps,
                size_t packets, size_t packet_bytes)
{
    /* 2.5 times the rate, for LOAD_PACER_INTERVAL */
    int64_t burst = (int64_t)(packets * packet_bytes) * fps * 5 / 2
                    * LOAD_PACER_INTERVAL / USEC_PER_SEC;

    *p = (struct load_pacer){
        .next = start, .start = start, .fps = fps, .packets = packets,
        .packet_bytes = packet_bytes, .left = packets,
        .burst_bytes = burst > 0 ? burst : 1,
    };
    p->budget = p->burst_bytes;
}

static void
next_frame(struct load_pacer *p)
{
    p->frame++;
    p->left = p->packets;
    p->budget = p->burst_bytes;
    p->next = frame_time(p, p->frame);
}

size_t
load_pacer_burst(struct load_pacer *p)
{
    size_t n = 0;

    while (p->left && p->budget > 0) {
        p->budget -= (int64_t)p->packet_bytes;
        p->left--;
        n++;
    }

    if (p->left) {
        p->budget += p->burst_bytes;
        p->next += LOAD_PACER_INTERVAL;
    } else {
        next_frame(p);
    }

    return n;
}

void
load_pacer_skip_to(struct load_pacer *p, usec_t now)
{
    while (p->next < now) {
        next_frame(p);
    }
}
