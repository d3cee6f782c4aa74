/*
 * load/wait.c - how the generator waits for what comes next.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/wait.h"

#include <poll.h>

#include "load/process.h"

enum {
    /* between two looks, so that they are not in the senders' way */
    LOOK = 3,                   /* microseconds */
};

static bool
is_ready(const struct load *load)
{
    struct pollfd p = { .fd = load->engine.poll.fd, .events = POLLIN };

    return poll(&p, 1, 0) != 0;
}

static void
stay_awake(struct load *load, usec_t wait)
{
    usec_t cpu = load_process_own_cpu();
    usec_t now = clock_now();
    usec_t end = now + wait;

    while (now < end && !is_ready(load)) {
        usec_t next = now + LOOK;

        do {
            now = clock_now();
        } while (now < next);
    }

    load->awake_cpu += load_process_own_cpu() - cpu;
}

int
load_wait(struct load *load, usec_t wait)
{
    if (load->options.awake && wait > 0 && !is_ready(load)) {
        stay_awake(load, wait);
        wait = 0;
    }

    return poll_wait(&load->engine.poll, wait, &load->engine.now);
}

usec_t
load_wait_own_cpu(const struct load *load)
{
    return load_process_own_cpu() - load->awake_cpu;
}
