/*
 * ipc/session.h - session.*: what is asked of the model.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_SESSION_H
#define SFU_IPC_SESSION_H

#include "ipc/family.h"
#include "sfu/request.h"

struct ipc_session {
    struct ipc_pending pending;
    struct sfu_request request;
    struct sfu_request_track tracks[SFU_IPC_TRACKS_MAX];
    struct sfu_request_channel channels[SFU_IPC_CHANNELS_MAX];
};

const struct ipc_family *ipc_session_family(void);

/* NULL: out of memory */
json_t *ipc_session_reply(const struct sfu_request *request,
                          const struct sfu_reply *reply);

#endif
