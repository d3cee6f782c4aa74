/*
 * net/poll.c - one epoll instance and what it watches.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/poll.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/error.h"

int
poll_init(struct poll *poll)
{
    poll->apart = NULL;
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

void
poll_set_apart(struct poll *poll, struct poll_source *source)
{
    poll->apart = source;
}

/*
 * The number of events of the instance, or -1; and whether the source beside
 * it is ready, too.
 */
static int
collect(const struct poll *poll, struct epoll_event *events, int ms,
        uint32_t *apart)
{
    struct timespec timeout = {
        .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L,
    };
    struct pollfd fds[] = {
        { .fd = poll->fd, .events = POLLIN },
        { .events = POLLIN },
    };
    int n;

    *apart = 0;

    if (poll->apart == NULL) {
        return epoll_wait(poll->fd, events, POLL_BATCH, ms);
    }

    fds[1].fd = poll->apart->fd;
    n = ppoll(fds, 2, ms < 0 ? NULL : &timeout, NULL);

    if (n <= 0) {
        return n;
    }

    *apart = (uint32_t)fds[1].revents;

    return fds[0].revents ? epoll_wait(poll->fd, events, POLL_BATCH, 0) : 0;
}

int
poll_wait(struct poll *poll, usec_t timeout, usec_t *woke)
{
    struct epoll_event events[POLL_BATCH];
    int ms = timeout < 0 ? -1 : (int)((timeout + 999) / 1000);
    uint32_t apart;
    int n = collect(poll, events, ms, &apart);

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

    if (apart && poll->apart != NULL) {
        poll->apart->ready(poll->apart, apart);
    }

    return 0;
}
