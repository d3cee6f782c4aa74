/*
 * ipc/socket.h - a raw REP socket of nanomsg: requests in, replies out.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Raw, so that any number of requests are open at once.  The backtrace that
 * came with a request (its SP header) is what takes the reply home.
 */

#ifndef SFU_IPC_SOCKET_H
#define SFU_IPC_SOCKET_H

#include "base/span.h"

enum {
    /* request id and one hop a device; longer backtraces are refused */
    IPC_HEADER_MAX = 128,
};

struct ipc_header {
    uint8_t bytes[IPC_HEADER_MAX];
    size_t len;
};

struct ipc_socket {
    int socket;                 /* nanomsg's; -1 when closed */
    int fd;                     /* readable when there is a message */
};

/*
 * Binds to "ipc:///path" or "tcp://host:port"; an ipc file gets these
 * permissions.  SFU_ERR_SYSTEM: see ipc_socket_error().
 */
int ipc_socket_open(struct ipc_socket *s, const char *address,
                    size_t message_max, unsigned mode);
void ipc_socket_close(struct ipc_socket *s);
const char *ipc_socket_error(void);

/*
 * The next message; free it with ipc_socket_free().  SFU_ERR_AGAIN when
 * there is none; SFU_ERR_MALFORMED for one that cannot be answered, which is
 * gone then.
 */
int ipc_socket_receive(struct ipc_socket *s, struct ipc_header *header,
                       struct span *message);
void ipc_socket_free(struct span message);

/* SFU_ERR_AGAIN: the peer takes no more, or is gone */
int ipc_socket_send(struct ipc_socket *s, const struct ipc_header *header,
                    struct span message);

#endif
