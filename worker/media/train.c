/*
 * media/train.c - sealed packets on their way out, as runs.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/train.h"

#include <stdlib.h>

#include "base/error.h"
#include "net/tcp.h"

int
train_init(struct train *train, struct srtp_engine *srtp,
           struct udp_socket *udp, struct media_counters *counters)
{
    train->srtp = srtp;
    train->udp = udp;
    train->counters = counters;
    train->data = malloc(TRAIN_BYTES);

    return train->data != NULL ? 0 : SFU_ERR_NOMEM;
}

void
train_fini(struct train *train)
{
    free(train->data);
    train->data = NULL;
}

void
train_begin(struct train *train, struct ice_agent *to)
{
    train->to = to;
    train->open = false;
}

uint8_t *
train_room(struct train *train)
{
    if (TRAIN_BYTES - train->used < TRAIN_PACKET_MAX
        || train->run_count == TRAIN_RUNS_MAX) {
        train_send(train);
    }

    return train->data + train->used;
}

/* whether the last run can have a packet of that length at its end */
static bool
fits(const struct train *train, size_t len)
{
    const struct train_run *run;

    if (!train->open) {
        return false;
    }

    run = &train->runs[train->run_count - 1];

    return len <= run->size && run->count < UDP_RUN_MAX
           && run->len + len <= UDP_TRAIN_MAX - 100;
}

void
train_commit(struct train *train, size_t len)
{
    struct train_run *run;

    if (!fits(train, len)) {
        train->runs[train->run_count++] = (struct train_run){
            .to = train->to,
            .start = train->used,
            .size = len,
        };
    }

    run = &train->runs[train->run_count - 1];
    run->len += len;
    run->count++;
    /* only the last may be shorter */
    train->open = len == run->size;
    train->used += len;
    train->packets++;
}

static void
send_tcp(const uint8_t *data, const struct train_run *run)
{
    for (size_t left = run->len, len; left; left -= len) {
        const struct ice_pair *pair = run->to->selected;

        len = left < run->size ? left : run->size;

        /* a failure may take the pair away */
        if (pair == NULL || pair->tcp == NULL) {
            return;
        }

        tcp_connection_send(pair->tcp, span_of(data, len));
        data += len;
    }
}

void
train_send(struct train *train)
{
    size_t failed = srtp_engine_finish(train->srtp);
    size_t bytes = 0;

    for (size_t i = 0; i < train->run_count; i++) {
        struct train_run *run = &train->runs[i];
        const struct ice_pair *pair = run->to->selected;
        uint8_t *data = train->data + run->start;

        bytes += run->len;

        if (pair != NULL && pair->tcp == NULL) {
            udp_send_segments(train->udp, &pair->local, &pair->remote, data,
                              run->len, run->size);
        } else {
            send_tcp(data, run);
        }
    }

    counter_add(&train->counters->drops[MEDIA_DROP_seal_failed], failed);
    counter_add(&train->counters->runs_out, train->run_count);
    counter_add(&train->counters->packets_out, train->packets);
    counter_add(&train->counters->bytes_out, bytes);
    train->run_count = 0;
    train->packets = 0;
    train->used = 0;
    train->open = false;
}
