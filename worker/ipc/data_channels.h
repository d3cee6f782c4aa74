/*
 * ipc/data_channels.h - data channels as JSON, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_DATA_CHANNELS_H
#define SFU_IPC_DATA_CHANNELS_H

#include "ipc/ipc_priv.h"
#include "sfu/request.h"

/* "channels" of a request, into an array of SFU_IPC_CHANNELS_MAX */
void ipc_take_data_channels(struct fields *f, struct sfu_request *request,
                       struct sfu_request_channel *channels);
/* every entry has what its request needs */
bool ipc_data_channels_are_complete(const struct sfu_request *request);

/* "channels" of a reply; NULL: out of memory, or text that is no UTF-8 */
json_t *ipc_data_channels_reply(const struct sfu_request *request,
                           const struct sfu_reply *reply);

#endif
