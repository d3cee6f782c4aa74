/*
 * ipc/message.h - the JSON of include/sfu_ipc.h, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_MESSAGE_H
#define SFU_IPC_MESSAGE_H

#include <jansson.h>

#include "base/span.h"
#include "sfu/request.h"

enum ipc_type {
    IPC_HELLO,
    IPC_STATUS,
    IPC_ASK,                    /* of the model: see request.type */
};

struct ipc_message {
    json_t *root;               /* owned: all strings are in it */
    enum ipc_type type;
    int version;                /* hello */
    const char *peer;           /* hello; never NULL */
    struct sfu_request request;
    struct sfu_request_track tracks[SFU_IPC_TRACKS_MAX];
    struct sfu_request_channel channels[SFU_IPC_CHANNELS_MAX];
};

/*
 * On failure *error is SFU_IPC_ERR_MALFORMED, _UNKNOWN_TYPE or _INVALID and
 * *detail a static string.  Release it in either case.  SFU_ERR_MALFORMED
 */
int ipc_message_parse(struct ipc_message *m, struct span text,
                      const char **error, const char **detail);
void ipc_message_fini(struct ipc_message *m);

/* NULL: out of memory */
json_t *ipc_message_reply(const struct sfu_request *request,
                          const struct sfu_reply *reply);
json_t *ipc_message_error(const char *error, const char *detail);

#endif
