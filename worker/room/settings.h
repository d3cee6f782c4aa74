/*
 * room/settings.h - the limits of rooms.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_ROOM_SETTINGS_H
#define SFU_ROOM_SETTINGS_H

#include <stddef.h>

struct room_settings {
    size_t participants_max;    /* of a room; sessions grow by their square */
    size_t foreign_max;         /* the same of a room that is not ours */
    size_t waiting_max;         /* bytes of all offers that wait for their turn */
};

#endif
