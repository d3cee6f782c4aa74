/*
 * way.h - one way to seal and to send, measured.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef BENCH_WAY_H
#define BENCH_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seal.h"

enum { WAY_PAYLOAD_MAX = 1300 };

struct way {
    enum seal_library library;
    const struct srtp_profile *profile;
    double run;                 /* packets, 1 to SEAL_BATCH; between two whole
                                   numbers both occur, and this is the mean */
    bool gro;
};

/* of all ways */
struct way_load {
    size_t receivers;
    size_t payload;             /* bytes, at most WAY_PAYLOAD_MAX */
    long milliseconds;
    double pace;                /* packets a second to each; 0: no rest */
    bool awake;                 /* the reader */
    int receive_core;
};

struct way_figures {
    uint64_t sent;
    uint64_t received;
    double send_cpu;            /* seconds */
    double receive_cpu;
};

/*
 * Seals and sends from the calling thread.  SFU_ERR_NOMEM, SFU_ERR_LIBRARY,
 * SFU_ERR_SYSTEM
 */
int way_measure(const struct way *way, const struct way_load *load,
                struct way_figures *figures);

/*
 * Nothing is measured that libsrtp2 does not open; over a rollover, too.
 * SFU_ERR_AUTH, and what seal_create() says
 */
int way_check(enum seal_library library, const struct srtp_profile *profile);

#endif
