/*
 * idle.c - what WebSockets cost that say nothing.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "signal/figures.h"

#include <stdlib.h>
#include <unistd.h>

#include "signal/client.h"

/* the first ones make the process grow to what it needs anyway */
enum { WARM_UP = 200 };

double
memory_of(int pid)
{
    char name[64];
    long size, resident = 0;
    FILE *f;

    snprintf(name, sizeof(name), "/proc/%d/statm", pid);
    f = fopen(name, "r");

    if (f == NULL) {
        return 0;
    }

    if (fscanf(f, "%ld %ld", &size, &resident) != 2) {
        resident = 0;
    }

    fclose(f);

    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static bool
identify(struct client *c, size_t i)
{
    char text[256];
    size_t len;
    int n = snprintf(text, sizeof(text),
                     "{\"action\":\"identify\",\"data\":{\"type\":\"client\","
                     "\"id\":\"7d0f9a52-55bb-4f7e-9a53-%012zu\","
                     "\"roomId\":\"2b1c\"}}", i);

    if (!client_send(c, text, (size_t)n)) {
        return false;
    }

    /* its status: now it is known everywhere */
    while (client_next(c, &len) == NULL) {
        if (!client_read(c)) {
            return false;
        }
    }

    return true;
}

static bool
measure(const struct setup *setup, bool in_room, FILE *out)
{
    struct client *clients = calloc(setup->sockets, sizeof(*clients));
    double before = 0, after;
    size_t i;

    for (i = 0; clients != NULL && i < setup->sockets; i++) {
        if (!client_open(&clients[i], &setup->address, setup->path)
            || (in_room && !identify(&clients[i], i))) {
            fprintf(stderr, "WebSocket %zu was refused\n", i);
            break;
        }

        if (i + 1 == WARM_UP) {
            usleep(100000);
            before = memory_of(clients[0].pid);
        }
    }

    if (i <= WARM_UP) {
        free(clients);
        return false;
    }

    usleep(200000);
    after = memory_of(clients[0].pid);
    fprintf(out, "{\"row\":\"%s\",\"sockets\":%zu,\"bytes\":%.0f}",
            in_room ? "idle, in a room" : "idle", i,
            (after - before) / (double)(i - WARM_UP));

    for (size_t k = 0; k < i; k++) {
        client_close(&clients[k]);
    }

    free(clients);
    usleep(500000);

    return i == setup->sockets;
}

bool
measure_idle(const struct setup *setup, FILE *out)
{
    bool ok = measure(setup, false, out);

    fputc(',', out);

    return measure(setup, true, out) && ok;
}
