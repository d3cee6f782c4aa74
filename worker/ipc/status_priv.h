/*
 * ipc/status_priv.h - figures as members.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_STATUS_PRIV_H
#define SFU_IPC_STATUS_PRIV_H

#include <jansson.h>

#include "base/clock.h"

static inline void
set_count(json_t *o, const char *name, uint64_t value)
{
    json_object_set_new(o, name, json_integer((json_int_t)value));
}

static inline void
set_seconds(json_t *o, const char *name, usec_t time)
{
    json_object_set_new(o, name, json_real((double)time / USEC_PER_SEC));
}

#endif
