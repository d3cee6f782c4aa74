/*
 * ipc/channel.h - channel.*: signaling channels.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_CHANNEL_FAMILY_H
#define SFU_IPC_CHANNEL_FAMILY_H

#include "channel/request.h"
#include "ipc/family.h"

struct ipc_channel {
    struct ipc_pending pending;
    struct channel_request request;
    struct store_tag tags[SFU_IPC_CHANNEL_TAGS_MAX];
    const char *remove[SFU_IPC_CHANNEL_TAGS_MAX];
};

const struct ipc_family *ipc_channel_family(void);

/* NULL: out of memory */
json_t *ipc_channel_reply(const struct channel_request *request,
                          const struct channel_reply *reply);

#endif
