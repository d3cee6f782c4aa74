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

/*
 * "count" sockets on loopback, read by a thread of their own on that core
 * until receive_destroy().  gro: a run is handed over whole (UDP_GRO), else
 * the kernel divides it, and does so where the sender runs.  SFU_ERR_NOMEM,
 * SFU_ERR_SYSTEM
 */
int receive_create(struct receive **receive, size_t count, bool gro, int core);
void receive_destroy(struct receive *receive);

const struct sockaddr_in *receive_address(const struct receive *receive,
                                          size_t i);

/* so far; any thread may ask */
uint64_t receive_packets(const struct receive *receive);
/* CPU time of the reading thread, in seconds */
double receive_cpu(const struct receive *receive);

#endif
