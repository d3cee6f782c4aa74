/*
 * load/process.c - what a process uses of the machine.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/process.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

static FILE *
open_file(pid_t pid, const char *file)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);

    return fopen(path, "r");
}

/*
 * The clock of that process.  What /proc/PID/stat tells of the same counts in
 * hundredths of a second: at one per cent of a core, one tick each second.
 */
int
load_process_usage(pid_t pid, struct load_usage *usage)
{
    struct timespec ts;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts)) {
        return SFU_ERR_NOT_FOUND;
    }

    usage->cpu = (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;

    return 0;
}

/* a line "Name:   123 kB"; false when there is none */
static bool
read_kilobytes(FILE *file, const char *name, uint64_t *bytes)
{
    char line[256];
    size_t len = strlen(name);

    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, len) == 0
            && sscanf(line + len, " %" SCNu64, bytes) == 1) {
            *bytes *= 1024;
            return true;
        }
    }

    return false;
}

int
load_process_memory(pid_t pid, struct load_memory *memory)
{
    FILE *file = open_file(pid, "status");
    bool found;

    *memory = (struct load_memory){ 0 };

    if (file == NULL) {
        return SFU_ERR_NOT_FOUND;
    }

    found = read_kilobytes(file, "VmRSS:", &memory->rss);
    fclose(file);
    file = open_file(pid, "smaps_rollup");

    if (file != NULL) {
        read_kilobytes(file, "Pss:", &memory->pss);
        fclose(file);
    }

    return found ? 0 : SFU_ERR_NOT_FOUND;
}

const char *
load_process_name(pid_t pid, char *name, size_t size)
{
    FILE *file = open_file(pid, "comm");

    snprintf(name, size, "?");

    if (file != NULL) {
        if (fgets(name, (int)size, file) != NULL) {
            name[strcspn(name, "\n")] = '\0';
        }

        fclose(file);
    }

    return name;
}

usec_t
load_process_own_cpu(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

    return (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}
