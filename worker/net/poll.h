/*
 * net/poll.h - one epoll instance and what it watches.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Level-triggered.  A source belongs to whoever embeds it and must be removed
 * before it goes; removal inside a callback is fine, also that of others.
 */

#ifndef SFU_NET_POLL_H
#define SFU_NET_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum { POLL_BATCH = 64 };

struct poll_source {
    int fd;
    /* events: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR */
    void (*ready)(struct poll_source *source, uint32_t events);
};

struct poll {
    int fd;
    struct poll_source *apart;          /* borrowed; or NULL */
    int count;                          /* of the batch that is handed out */
    struct poll_source *batch[POLL_BATCH];
};

/* SFU_ERR_SYSTEM */
int poll_init(struct poll *poll);
void poll_fini(struct poll *poll);

/* SFU_ERR_SYSTEM */
int poll_add(struct poll *poll, struct poll_source *source, bool writable);
int poll_set_writable(struct poll *poll, struct poll_source *source,
                      bool writable);
void poll_remove(struct poll *poll, struct poll_source *source);

/*
 * One source may be watched beside the instance, and only while we wait.  For
 * a socket that sends a lot: an epoll instance that watches it is called by
 * the kernel for each datagram that has left, since there is room to write.
 * NULL: none any more.
 */
void poll_set_apart(struct poll *poll, struct poll_source *source);

/*
 * Waits at most so long (-1: for ever), notes the time when that was over,
 * and calls what is ready.  SFU_ERR_SYSTEM
 */
int poll_wait(struct poll *poll, usec_t timeout, usec_t *woke);

#endif
