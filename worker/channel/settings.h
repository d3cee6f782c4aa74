/*
 * channel/settings.h - the limits of signaling channels.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What differs from one location of nginx to another comes with requests:
 * struct channel_limits.
 */

#ifndef SFU_CHANNEL_SETTINGS_H
#define SFU_CHANNEL_SETTINGS_H

#include <stddef.h>

struct channel_settings {
    size_t memory_max;          /* of all messages that wait for somebody */
};

#endif
