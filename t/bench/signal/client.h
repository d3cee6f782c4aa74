/*
 * client.h - a WebSocket as the bench needs it: text in, text out.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_BENCH_SIGNAL_CLIENT_H
#define SFU_BENCH_SIGNAL_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct client {
    int fd;
    int pid;                    /* of the nginx process, as X-Pid tells */
    char *in;                   /* owned */
    size_t len;
    size_t size;
};

/* zeroed before; false: refused, or it did not answer in time */
bool client_open(struct client *c, const struct sockaddr_in *address,
                 const char *path);
void client_close(struct client *c);

/* false: the connection is lost, or does not take it */
bool client_send(struct client *c, const char *text, size_t len);
bool client_read(struct client *c);

/* the next message, which is there until client_read(); NULL: none */
const char *client_next(struct client *c, size_t *len);

#endif
