/*
 * ipc/server.h - requests of nginx, read and answered.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_IPC_SERVER_H
#define SFU_IPC_SERVER_H

#include "channel/channels.h"
#include "feed/feed.h"
#include "ipc/socket.h"
#include "net/poll.h"
#include "room/room.h"
#include "sfu/sfu.h"

struct ipc_settings {
    const char *address;        /* "ipc:///path" or "tcp://host:port" */
    unsigned mode;              /* of the ipc file */
    size_t pending_max;         /* requests that are open at once */
};

/* whom requests are for; all borrowed */
struct ipc_served {
    struct sfu *sfu;
    struct feeds *feeds;
    struct rooms *rooms;
    struct channels *channels;
};

struct ipc_server {
    struct poll_source source;
    struct poll *poll;          /* borrowed */
    struct ipc_served serves;
    struct ipc_socket socket;
    struct ipc_settings settings;
    size_t pending;
    uint64_t refused;           /* messages that made no sense */
    uint64_t lost;              /* replies that nobody took */
};

/* SFU_ERR_SYSTEM, logged */
int ipc_server_open(struct ipc_server *server,
                    const struct ipc_settings *settings,
                    const struct ipc_served *serves, struct poll *poll);
/* all requests are answered already */
void ipc_server_close(struct ipc_server *server);

#endif
