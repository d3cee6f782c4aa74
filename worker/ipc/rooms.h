/*
 * ipc/rooms.h - room.*: who is in which room, and what they say.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_ROOMS_H
#define SFU_IPC_ROOMS_H

#include "ipc/family.h"

const struct ipc_family *ipc_rooms_family(void);

#endif
