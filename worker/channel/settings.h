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
    /* questions to masters; each is a request that stays open at the worker */
    size_t questions_max;       /* of a channel */
    size_t all_questions_max;
};

#endif
