/*
 * media/backlog.h - packets of a source that must wait for their turn.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A publisher that sends twenty times its rate, or a large key frame to a large
 * audience, would hold up everybody else for as long as sending it takes.  So a
 * source has a share of each burst, and what is over waits here.  The packets
 * themselves are in the source's history; a source without one has no backlog.
 */

#ifndef SFU_MEDIA_BACKLOG_H
#define SFU_MEDIA_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum {
    /* a power of two; less than half of what a history is told to hold */
    MEDIA_BACKLOG_MAX = 256,
    /*
     * A packet is of no use to a call then, and whoever is a second behind
     * stays so.  A large key frame to thousands takes most of that.
     */
    MEDIA_BACKLOG_AGE = 1 * USEC_PER_SEC,
};

struct media_backlog_entry {
    uint64_t seq;
    usec_t since;
};

struct media_backlog {
    struct media_backlog_entry *entries;    /* owned; NULL: nothing can wait */
    size_t first;               /* counts on for ever */
    size_t count;
    size_t max;
};

/* history: packets that it holds, 0: none.  SFU_ERR_NOMEM: without */
int media_backlog_init(struct media_backlog *backlog, size_t history);
void media_backlog_fini(struct media_backlog *backlog);

/* false: it is full */
bool media_backlog_put(struct media_backlog *backlog, uint64_t seq,
                       usec_t now);
/* false: it is empty */
bool media_backlog_take(struct media_backlog *backlog,
                        struct media_backlog_entry *entry);

#endif
