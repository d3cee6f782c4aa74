/*
 * sfu/fuzz_model.h - the model without threads, for fuzz targets.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Loops have mailboxes only: what is posted to them is freed, so a handle that
 * is used after its end is noticed.  The data loop takes turns, and nobody is
 * connected.
 */

#ifndef SFU_SFU_FUZZ_MODEL_H
#define SFU_SFU_FUZZ_MODEL_H

#include <assert.h>
#include <stdlib.h>

#include "data/loop.h"
#include "sfu/sfu.h"

enum { FUZZ_LOOPS = 2 };

/* made once, borrowed by the model in each run */
static struct fuzz_model {
    struct sfu_settings settings;
    struct media_settings media;
    struct log log;
    struct media_loop loops[FUZZ_LOOPS];
    struct data_settings data_settings;
    struct data_loop data;
    bool ready;
} fuzz_model;

static inline void
fuzz_model_prepare(struct fuzz_model *m)
{
    m->settings = (struct sfu_settings){
        .tracks_max = 12, .queue_max = 4,
        .requests_per_second = 1000000, .sdp = sdp_limits_default(),
        .candidates_max = 8, .join_wait = 10 * USEC_PER_SEC,
        .hold_time = 5 * USEC_PER_SEC, .young_time = 10 * USEC_PER_SEC,
        .offer_expiry = 15 * USEC_PER_SEC, .connect_time = 60 * USEC_PER_SEC,
        .announce = { "192.0.2.1" }, .announce_count = 1,
    };
    m->media.ring_bytes = 65536;
    m->log = (struct log){ .fd = -1, .level = LOG_ERROR };

    for (unsigned i = 0; i < FUZZ_LOOPS; i++) {
        m->loops[i].index = i;
        m->loops[i].settings = &m->media;
        m->loops[i].log = &m->log;
        assert(mailbox_init(&m->loops[i].mailbox) == 0);
    }

    m->data_settings = (struct data_settings){
        .sctp = { 8, 1024 }, .queue_max = 4096, .session_max = 8192,
        .memory_max = 65536, .tells_per_second = 8, .tell_max = 64,
        .ring_bytes = 4096, .ack_time = 30 * USEC_PER_SEC,
    };
    assert(data_loop_init(&m->data, &m->data_settings, &m->log, NULL,
                          FUZZ_LOOPS) == 0);

    /* to see what an input that failed does */
    if (getenv("SFU_TEST_LOG") != NULL) {
        m->log = (struct log){ .fd = 2, .level = LOG_DEBUG };
    }

    m->ready = true;
}

static inline void
fuzz_model_begin(struct sfu *sfu, size_t sessions_max)
{
    static const char fingerprint[] =
        "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"
        "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F";
    struct fuzz_model *m = &fuzz_model;

    if (!m->ready) {
        fuzz_model_prepare(m);
    }

    m->settings.sessions_max = sessions_max;
    assert(sfu_init(sfu, &m->settings, &m->log, m->loops, FUZZ_LOOPS,
                    fingerprint) == 0);
    sfu->data = &m->data;
    m->data.control = &sfu->mailbox;
}

/* what loops were told is done, what they tell is heard */
static inline void
fuzz_model_turn(struct sfu *sfu)
{
    struct list tasks;

    for (int i = 0; i < FUZZ_LOOPS; i++) {
        mailbox_take(&fuzz_model.loops[i].mailbox, &tasks);
        mailbox_run(&tasks, NULL);
    }

    data_loop_turn(&fuzz_model.data);
    mailbox_take(&sfu->mailbox, &tasks);
    mailbox_run(&tasks, sfu);
}

/* its sessions have ended */
static inline void
fuzz_model_end(struct sfu *sfu)
{
    assert(sfu->wheel.armed == 0);
    assert(sfu->figures.publications == 0 && sfu->figures.subscriptions == 0);

    for (int i = 0; i < FUZZ_LOOPS; i++) {
        assert(sfu->loop_sessions[i] == 0);
    }

    fuzz_model_turn(sfu);
    assert(fuzz_model.data.peers.count == 0
           && fuzz_model.data.channels.count == 0
           && fuzz_model.data.groups.count == 0);
    sfu_fini(sfu);
}

#endif
