/*
 * data/settings.h - the limits and times of data channels.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_DATA_SETTINGS_H
#define SFU_DATA_SETTINGS_H

#include "sctp/stack.h"

struct data_settings {
    struct sfu_sctp_settings sctp;
    size_t queue_max;           /* bytes that wait for one channel */
    size_t session_max;         /* bytes that wait for one session */
    size_t memory_max;          /* bytes that wait, in all */
    size_t ring_bytes;          /* to each media loop, and from it */
    unsigned opens_per_second;  /* channels that one peer opens in-band */
    unsigned tells_per_second;  /* that one peer has for us */
    size_t tell_max;            /* bytes of such a message */
    usec_t ack_time;            /* for a subscriber's first message */
};

#endif
