/*
 * receive.h - the sockets that the raw limit sends to, and who reads them.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef BENCH_RECEIVE_H
#define BENCH_RECEIVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct receive;

/* how they are read */
struct receive_options {
    bool gro;                   /* a run is handed over whole (UDP_GRO), else
                                   divided by the kernel, where it was sent */
    bool awake;                 /* the reader never sleeps, as the generator
                                   does not: else senders wake it up */
    int core;
};

/*
 * "count" sockets on loopback, read by a thread of their own until
 * receive_destroy().  SFU_ERR_NOMEM, SFU_ERR_SYSTEM
 */
int receive_create(struct receive **receive, size_t count,
                   const struct receive_options *options);
void receive_destroy(struct receive *receive);

const struct sockaddr_in *receive_address(const struct receive *receive,
                                          size_t i);

/* so far; any thread may ask */
uint64_t receive_packets(const struct receive *receive);
/* CPU time of the reading thread, in seconds, without what kept it awake */
double receive_cpu(const struct receive *receive);

#endif
