/*
 * ipc/events.h - events.*: what the worker tells by itself.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_EVENTS_FAMILY_H
#define SFU_IPC_EVENTS_FAMILY_H

#include "ipc/family.h"

const struct ipc_family *ipc_events_family(void);

#endif
