/*
 * ipc/status.h - the figures of the worker and of one session, as JSON.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_STATUS_H
#define SFU_IPC_STATUS_H

#include <jansson.h>

#include "sfu/session.h"

/* NULL: out of memory */
json_t *status_worker(const struct sfu *sfu);
json_t *status_session(const struct sfu_session *session,
                       const struct media_figures *figures);

#endif
