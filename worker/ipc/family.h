/*
 * ipc/family.h - requests of one kind: how they are read, and whom they ask.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A family has a file of its own, a row in family.c, and what it keeps of a
 * request begins with a struct ipc_pending.
 */

#ifndef SFU_IPC_FAMILY_H
#define SFU_IPC_FAMILY_H

#include "ipc/message.h"
#include "ipc/socket.h"
#include "sfu_ipc.h"

struct ipc_server;
struct ipc_pending;

struct ipc_family {
    const char *prefix;         /* of "type"; without a dot, all of it */
    size_t size;                /* of its requests */
    /*
     * NULL, or SFU_IPC_ERR_MALFORMED or _UNKNOWN_TYPE; what is not in the
     * fields is told in *detail, a static string.
     */
    const char *(*take)(struct ipc_pending *p, struct fields *f,
                        const char **detail);
    /* ends, at once or later, in ipc_answer() */
    void (*ask)(struct ipc_pending *p);
};

/* one request that is open */
struct ipc_pending {
    const struct ipc_family *family;
    struct ipc_server *server;  /* borrowed */
    struct ipc_header header;
    struct ipc_message message;
};

/*
 * Reads a request.  On failure *error is SFU_IPC_ERR_MALFORMED,
 * _UNKNOWN_TYPE or _INTERNAL, and *detail a static string.
 * SFU_ERR_MALFORMED, SFU_ERR_NOMEM
 */
int ipc_pending_create(struct ipc_pending **p, struct span text,
                       const char **error, const char **detail);
void ipc_pending_destroy(struct ipc_pending *p);

/* takes the reply, NULL for one that needed more memory, and the request */
void ipc_answer(struct ipc_pending *p, json_t *reply);
void ipc_answer_error(struct ipc_pending *p, const char *error,
                      const char *detail);

#endif
