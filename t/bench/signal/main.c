/*
 * main.c - load on the signaling of Arbiter, for t/bench/bench.pl.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     bench-signal idle | relay PORT PATH SECONDS SOCKETS RATE PID...
 *
 * nginx tells its process in the header X-Pid.
 */

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "signal/figures.h"

int
main(int argc, char **argv)
{
    struct setup setup = { .address = { .sin_family = AF_INET } };
    struct rlimit files;
    bool ok;

    if (argc < 7) {
        fprintf(stderr, "usage: bench-signal idle | relay port path seconds "
                "sockets rate pid...\n");
        return 2;
    }

    setup.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setup.address.sin_port = htons((uint16_t)atoi(argv[2]));
    setup.path = argv[3];
    setup.seconds = atof(argv[4]);
    setup.sockets = (size_t)atol(argv[5]);
    setup.rate = (size_t)atol(argv[6]);

    if (setup.seconds <= 0 || setup.sockets == 0 || setup.rate == 0) {
        fprintf(stderr, "nothing to do\n");
        return 2;
    }

    for (int i = 7; i < argc && setup.pid_count < PIDS_MAX; i++) {
        setup.pids[setup.pid_count++] = atoi(argv[i]);
    }

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }

    fputc('[', stdout);
    ok = strcmp(argv[1], "idle") == 0 ? measure_idle(&setup, stdout)
                                      : measure_relays(&setup, stdout);
    puts("]");

    return ok ? 0 : 1;
}
