/*
 * media/train.h - sealed packets on their way out, as runs.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Packets lie one behind the other in a buffer that stays in the cache, so a
 * run of equal size leaves with UDP_SEGMENT out of one piece of memory.  The
 * buffer goes as soon as one viewer has all its packets, or, where sealing is
 * quicker side by side, after a few viewers.
 */

#ifndef SFU_MEDIA_TRAIN_H
#define SFU_MEDIA_TRAIN_H

#include "ice/agent.h"
#include "media/buffer.h"
#include "media/counters.h"
#include "net/udp.h"
#include "srtp/sealer.h"

enum {
    /* with our extensions; sealed */
    TRAIN_PACKET_MAX = MEDIA_PACKET_MAX + 128 + SRTP_OVERHEAD_MAX,
    TRAIN_BYTES = 128 * 1024,
    TRAIN_RUNS_MAX = 128,
};

struct train_run {
    struct ice_agent *to;       /* borrowed */
    size_t start;
    size_t len;
    size_t size;                /* of each packet but the last */
    size_t count;
};

struct train {
    uint8_t *data;              /* owned */
    size_t used;
    size_t packets;             /* that were not sent yet */
    struct ice_agent *to;       /* whose packets come now; borrowed */
    bool open;                  /* the last run takes more */
    struct train_run runs[TRAIN_RUNS_MAX];
    size_t run_count;
    struct srtp_engine *srtp;           /* borrowed */
    struct udp_socket *udp;             /* borrowed */
    struct media_counters *counters;    /* borrowed */
};

/* SFU_ERR_NOMEM */
int train_init(struct train *train, struct srtp_engine *srtp,
               struct udp_socket *udp, struct media_counters *counters);
void train_fini(struct train *train);

/* the packets to come are this peer's; it stays until they were sent */
void train_begin(struct train *train, struct ice_agent *to);
/* whether they can leave in runs at all */
static inline bool
train_has_runs(const struct train *train)
{
    const struct ice_pair *pair = train->to->selected;

    return train->udp->segmentation && pair != NULL && pair->tcp == NULL;
}

/* TRAIN_PACKET_MAX bytes for the next packet; sends first when it is full */
uint8_t *train_room(struct train *train);
/* a packet was put there and added to the engine; its whole length */
void train_commit(struct train *train, size_t len);
/* finishes sealing, and sends everything */
void train_send(struct train *train);

#endif
