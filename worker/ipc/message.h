/*
 * ipc/message.h - what all requests of include/sfu_ipc.h have.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_MESSAGE_H
#define SFU_IPC_MESSAGE_H

#include <jansson.h>

#include "base/clock.h"
#include "base/span.h"
#include "ipc/ipc_priv.h"

struct ipc_message {
    json_t *root;               /* owned: all strings are in it */
    const char *type;
    const char *id;             /* for log lines; never NULL */
    const char *app;            /* NULL: none */
    usec_t timeout;             /* for which the asker waits; 0: not told */
};

/*
 * The fields are those of the object, for what else a request has.  On failure
 * *detail is a static string.  Release it in either case.  SFU_ERR_MALFORMED
 */
int ipc_message_parse(struct ipc_message *m, struct span text,
                      struct fields *f, const char **detail);
void ipc_message_fini(struct ipc_message *m);

/* NULL: out of memory */
json_t *ipc_message_error(const char *error, const char *detail);

#endif
