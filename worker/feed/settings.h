/*
 * feed/settings.h - the limits of what waits for nginx.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_FEED_SETTINGS_H
#define SFU_FEED_SETTINGS_H

#include <stddef.h>

#include "base/clock.h"

struct feed_settings {
    usec_t time;                /* a feed that nobody asks for is over */
    size_t connections_max;     /* of all feeds */
    size_t events_max;          /* of one connection, that wait */
    size_t bytes_max;           /* the same in bytes */
    size_t memory_max;          /* of all events that wait */
};

#endif
