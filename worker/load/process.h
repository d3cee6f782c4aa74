/*
 * load/process.h - what a process uses of the machine.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_PROCESS_H
#define SFU_LOAD_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"

struct load_usage {
    usec_t cpu;                 /* user and system time, all threads */
};

struct load_memory {
    uint64_t rss;               /* bytes */
    uint64_t pss;               /* 0: not ours to see */
};

/* SFU_ERR_NOT_FOUND: there is no such process */
int load_process_usage(pid_t pid, struct load_usage *usage);
int load_process_memory(pid_t pid, struct load_memory *memory);

/* the name of the program, for people; "?" when it is gone */
const char *load_process_name(pid_t pid, char *name, size_t size);

/* of this process, exactly */
usec_t load_process_own_cpu(void);

#endif
