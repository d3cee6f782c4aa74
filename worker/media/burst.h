/*
 * media/burst.h - the packets that came at once, sent viewer by viewer.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What one receive batch brought is collected, and then each viewer gets all
 * that is due to it, of all its tracks, in one go: its state is fetched once,
 * and its packets leave together as runs.  Sending packet by packet instead,
 * each to all viewers, would walk through every viewer's state and through
 * megabytes of sealed packets again and again.
 *
 * A packet stays where it came (the receive buffer, a ring), so a burst is run
 * before those are used again.
 */

#ifndef SFU_MEDIA_BURST_H
#define SFU_MEDIA_BURST_H

#include "media/source.h"

enum {
    MEDIA_BURST_MAX = 512,      /* packets */
    /* received packets that a source has of each burst, whatever its share */
    MEDIA_BURST_SHARE_MIN = 16,
    /* packets sent again between two bursts: about what a share takes */
    MEDIA_BURST_RESENDS = 4096,
};

struct media_burst {
    struct media_packet packets[MEDIA_BURST_MAX];
    size_t count;
    uint64_t added;             /* in all */
    size_t resent;              /* to whomever, since the burst before */
    size_t work;                /* packets that they become, about */
    struct list sources;        /* of struct media_source, in_burst */
    struct list waiting;        /* those with a backlog */
};

void burst_init(struct media_burst *burst);
/*
 * Sends what there is first, when it is full.  A source that had its share of
 * this burst keeps the packet in its backlog, or loses it.
 */
void burst_add(struct media_loop *loop, struct media_source *source,
               const struct media_packet *packet);
void burst_run(struct media_loop *loop);

/* whether there is more to be sent: run it again, after others had their turn */
bool burst_waits(const struct media_loop *loop);
/* the source starts anew: sends what is due, and drops its backlog */
void burst_forget(struct media_source *source);

#endif
