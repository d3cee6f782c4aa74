/*
 * load/machine.c - what this runs on.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void
read_cpu(char *model, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    snprintf(model, size, "unknown processor");

    if (file == NULL) {
        return;
    }

    while (fgets(line, sizeof(line), file) != NULL) {
        char *colon = strchr(line, ':');

        if (colon != NULL && strncmp(line, "model name", 10) == 0) {
            colon += 1 + strspn(colon + 1, " ");
            colon[strcspn(colon, "\n")] = '\0';
            snprintf(model, size, "%s", colon);
            break;
        }
    }

    fclose(file);
}

void
load_machine_read(struct load_machine *machine)
{
    struct utsname name;
    cpu_set_t set;

    read_cpu(machine->cpu, sizeof(machine->cpu));
    machine->cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    machine->usable = sched_getaffinity(0, sizeof(set), &set) == 0
                          ? (unsigned)CPU_COUNT(&set)
                          : machine->cores;
    snprintf(machine->kernel, sizeof(machine->kernel), "%s",
             uname(&name) == 0 ? name.release : "unknown");
}
