/*
 * ipc/status.h - the figures of the worker, an app and a session, as JSON.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_STATUS_H
#define SFU_IPC_STATUS_H

#include <jansson.h>

#include "ipc/server.h"
#include "sfu/session.h"

enum {
    STATUS_APP_SESSIONS = 100,  /* the newest of an app: for people to read */
};

/* NULL: out of memory */
json_t *status_worker(const struct ipc_served *serves);
json_t *status_app(const struct sfu *sfu, const char *app);
json_t *status_session(const struct sfu_session *session,
                       const struct media_figures *figures);

#endif
