/*
 * receive.c - reads many sockets as the load generator does.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "receive.h"

#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

enum {
    EVENTS = 64,
    READ_MAX = 65536,
    BUFFER = 4 << 20,
    WAIT_MS = 20,
    LOOK_NS = 3000,             /* between two looks, as in load/wait.c */
};

struct receive {
    int epoll;
    int *fds;                   /* owned */
    struct sockaddr_in *names;  /* owned */
    size_t count;
    struct receive_options options;
    pthread_t thread;
    bool running;
    atomic_bool stop;
    atomic_uint_least64_t packets;
    atomic_uint_least64_t idle; /* nanoseconds that only kept us awake */
};

/* a datagram, or a train of them with the size of the first in "control" */
static size_t
read_one(int fd, uint8_t *data)
{
    union {
        struct cmsghdr align;
        uint8_t bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = { data, READ_MAX };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof(control),
    };
    ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
    struct cmsghdr *c;
    int size = 0;

    if (n <= 0) {
        return 0;
    }

    c = CMSG_FIRSTHDR(&msg);

    if (c != NULL && c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
        memcpy(&size, CMSG_DATA(c), sizeof(size));
    }

    return size > 0 ? ((size_t)n + (size_t)size - 1) / (size_t)size : 1;
}

static int64_t
nanoseconds(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);

    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* the senders' way is free meanwhile: a look takes locks in the kernel */
static void
stay_awake(struct receive *r)
{
    int64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    int64_t until = nanoseconds(CLOCK_MONOTONIC) + LOOK_NS;

    while (nanoseconds(CLOCK_MONOTONIC) < until) {
        /* somebody else may have the core meanwhile */
    }

    cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
    atomic_fetch_add_explicit(&r->idle, (uint64_t)cpu, memory_order_relaxed);
}

static void *
run(void *arg)
{
    struct receive *r = arg;
    struct epoll_event events[EVENTS];
    uint8_t *data = malloc(READ_MAX);

    while (data != NULL && !atomic_load(&r->stop)) {
        int n = epoll_wait(r->epoll, events, EVENTS,
                           r->options.awake ? 0 : WAIT_MS);

        if (n == 0 && r->options.awake) {
            stay_awake(r);
        }

        for (int i = 0; i < n; i++) {
            size_t got;

            while ((got = read_one(events[i].data.fd, data)) > 0) {
                atomic_fetch_add_explicit(&r->packets, got,
                                          memory_order_relaxed);
            }
        }
    }

    free(data);

    return NULL;
}

static int
open_socket(struct receive *r, size_t i)
{
    struct sockaddr_in any = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct epoll_event event = { .events = EPOLLIN };
    socklen_t len = sizeof(any);
    int size = BUFFER;
    int on = 1;

    r->fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    event.data.fd = r->fds[i];

    if (r->fds[i] < 0
        || bind(r->fds[i], (struct sockaddr *)&any, sizeof(any))
        || getsockname(r->fds[i], (struct sockaddr *)&r->names[i], &len)
        || setsockopt(r->fds[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size))
        || (r->options.gro
            && setsockopt(r->fds[i], SOL_UDP, UDP_GRO, &on, sizeof(on)))
        || epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->fds[i], &event))
    {
        return SFU_ERR_SYSTEM;
    }

    return 0;
}

static int
start(struct receive *r)
{
    pthread_attr_t attr;
    cpu_set_t set;
    int error;

    CPU_ZERO(&set);
    CPU_SET((size_t)r->options.core, &set);
    pthread_attr_init(&attr);
    pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
    error = pthread_create(&r->thread, &attr, run, r);
    pthread_attr_destroy(&attr);
    r->running = error == 0;

    return error ? SFU_ERR_SYSTEM : 0;
}

int
receive_create(struct receive **receive, size_t count,
               const struct receive_options *options)
{
    struct receive *r = calloc(1, sizeof(*r));
    int error = SFU_ERR_NOMEM;

    *receive = NULL;

    if (r == NULL) {
        return SFU_ERR_NOMEM;
    }

    r->options = *options;
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    r->fds = calloc(count, sizeof(*r->fds));
    r->names = calloc(count, sizeof(*r->names));

    if (r->fds == NULL || r->names == NULL) {
        goto failed;
    }

    for (r->count = 0; r->count < count; ) {
        error = open_socket(r, r->count);
        r->count += r->fds[r->count] >= 0;

        if (error) {
            goto failed;
        }
    }

    error = start(r);

    if (error) {
        goto failed;
    }

    *receive = r;

    return 0;

failed:

    receive_destroy(r);

    return error;
}

void
receive_destroy(struct receive *r)
{
    atomic_store(&r->stop, true);

    if (r->running) {
        pthread_join(r->thread, NULL);
    }

    for (size_t i = 0; i < r->count; i++) {
        close(r->fds[i]);
    }

    if (r->epoll >= 0) {
        close(r->epoll);
    }

    free(r->fds);
    free(r->names);
    free(r);
}

const struct sockaddr_in *
receive_address(const struct receive *r, size_t i)
{
    return &r->names[i];
}

uint64_t
receive_packets(const struct receive *r)
{
    return atomic_load_explicit(&r->packets, memory_order_relaxed);
}

double
receive_cpu(const struct receive *r)
{
    clockid_t clock;

    if (pthread_getcpuclockid(r->thread, &clock)) {
        return 0;
    }

    return (double)(nanoseconds(clock)
                    - (int64_t)atomic_load_explicit(&r->idle,
                                                    memory_order_relaxed))
           / 1e9;
}
