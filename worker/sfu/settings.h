/*
 * sfu/settings.h - the limits and times of the control thread.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_SETTINGS_H
#define SFU_SFU_SETTINGS_H

#include <stddef.h>

#include "base/clock.h"
#include "sdp/description.h"

enum { SFU_ANNOUNCE_MAX = 16 };

struct sfu_settings {
    size_t sessions_max;
    size_t tracks_max;          /* published and subscribed, of a session */
    size_t queue_max;           /* requests of a session that wait */
    unsigned requests_per_second;       /* of a session */
    size_t candidates_max;      /* of a third party, to be checked; 0: none */
    struct sdp_limits sdp;

    usec_t hold_time;           /* a request waits for media so long */
    usec_t young_time;          /* a silent publication may still begin */
    usec_t offer_expiry;        /* an unanswered offer of ours */
    usec_t connect_time;        /* then a session without transport is over */
    usec_t join_wait;           /* of handshakes; then nobody else may join */
    usec_t drain_time;

    /* the addresses in candidates, best first */
    const char *announce[SFU_ANNOUNCE_MAX];
    size_t announce_count;
};

#endif
