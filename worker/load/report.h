/*
 * load/report.h - what a run has come to, for people and for programs.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_REPORT_H
#define SFU_LOAD_REPORT_H

#include <stdio.h>

#include "load/load.h"

/* above this the generator's own core was too busy: percent */
enum { LOAD_OWN_CPU_MAX = 90 };

/* figures that both reports derive in the same way */
struct load_derived {
    double seconds;
    double packets_per_second;  /* that reached viewers */
    double bits_per_second;
    double server_percent;      /* of a core, all processes */
    double server_per_packet;   /* us */
    double own_percent;
    double own_per_packet;
    uint64_t server_rss;        /* growth, all processes, bytes */
    uint64_t server_pss;
    double rss_per_session;
    bool trustworthy;           /* the generator was not the bottleneck */
    struct load_tally all;
};

void load_report_derive(const struct load *load, struct load_derived *d);

void load_report_text(const struct load *load, FILE *out);
/* SFU_ERR_SYSTEM, SFU_ERR_NOMEM */
int load_report_json(const struct load *load, const char *path);

/* one line about the second that has passed; call it once a second */
struct load_progress {
    usec_t last;
    uint64_t packets;
    uint64_t bytes;
    uint64_t gaps;
    usec_t own_cpu;
    usec_t server_cpu;
    bool shown;
};

void load_progress_run(struct load_progress *p, struct load *load, FILE *out,
                       bool terminal);

#endif
