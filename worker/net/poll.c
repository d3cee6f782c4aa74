/*
 * net/poll.c - one epoll instance and what it watches.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/poll.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/error.h"

int
poll_init(struct poll *poll)
{
    poll->count = 0;
    poll->fd = epoll_create1(EPOLL_CLOEXEC);

    return poll->fd == -1 ? SFU_ERR_SYSTEM : 0;
}

void
poll_fini(struct poll *poll)
{
    if (poll->fd != -1) {
        close(poll->fd);
        poll->fd = -1;
    }
}

static int
control(struct poll *poll, int op, struct poll_source *source, bool writable)
{
    struct epoll_event event = {
        .events = EPOLLIN | (writable ? EPOLLOUT : 0),
        .data.ptr = source,
    };

    return epoll_ctl(poll->fd, op, source->fd, &event) == -1 ? SFU_ERR_SYSTEM
                                                             : 0;
}

int
poll_add(struct poll *poll, struct poll_source *source, bool writable)
{
    return control(poll, EPOLL_CTL_ADD, source, writable);
}

int
poll_set_writable(struct poll *poll, struct poll_source *source, bool writable)
{
    return control(poll, EPOLL_CTL_MOD, source, writable);
}

void
poll_remove(struct poll *poll, struct poll_source *source)
{
    epoll_ctl(poll->fd, EPOLL_CTL_DEL, source->fd, NULL);

    /* it may be in the batch that is being handed out */
    for (int i = 0; i < poll->count; i++) {
        if (poll->batch[i] == source) {
            poll->batch[i] = NULL;
        }
    }
}

int
poll_wait(struct poll *poll, usec_t timeout, usec_t *woke)
{
    struct epoll_event events[POLL_BATCH];
    int ms = timeout < 0 ? -1 : (int)((timeout + 999) / 1000);
    int n = epoll_wait(poll->fd, events, POLL_BATCH, ms);

    *woke = clock_now();

    if (n == -1) {
        return errno == EINTR ? 0 : SFU_ERR_SYSTEM;
    }

    for (int i = 0; i < n; i++) {
        poll->batch[i] = events[i].data.ptr;
    }

    poll->count = n;

    for (int i = 0; i < n; i++) {
        if (poll->batch[i] != NULL) {
            poll->batch[i]->ready(poll->batch[i], events[i].events);
        }
    }

    poll->count = 0;

    return 0;
}
