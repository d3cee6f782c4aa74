/*
 * figures.h - what is measured, and of whom.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_BENCH_SIGNAL_FIGURES_H
#define SFU_BENCH_SIGNAL_FIGURES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

enum { PIDS_MAX = 16 };

struct setup {
    struct sockaddr_in address;
    const char *path;
    double seconds;
    size_t sockets;
    size_t rate;                /* relays a second */
    int pids[PIDS_MAX];         /* of the server, for its CPU */
    size_t pid_count;
};

/* each prints its rows as JSON objects; false: it could not measure */
bool measure_idle(const struct setup *setup, FILE *out);
bool measure_relays(const struct setup *setup, FILE *out);

/* seconds of CPU of all of them; bytes of memory of one */
double cpu_of(const struct setup *setup);
double memory_of(int pid);

#endif
