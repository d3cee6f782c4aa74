/*
 * relay.c - how quickly, and how many, messages are relayed.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Pairs of a foreign SFU and a client of its room, always at different nginx
 * processes, so that each relay goes through the worker.
 */

#include "signal/figures.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "load/histogram.h"
#include "signal/client.h"

enum {
    PAIRS = 32,
    WINDOW = 8,                 /* on their way, of a pair at full speed */
    TRIES = 200,                /* until the kernel gave us both processes */
};

struct pair {
    struct client sfu;
    struct client client;
    size_t number;
};

struct run {
    const struct setup *setup;
    struct pair *pairs;
    int epoll;
    bool full;                  /* as fast as it goes; else at the rate */
    bool counts;
    struct load_histogram delays;       /* us */
};

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double
cpu_of(const struct setup *setup)
{
    double ticks = 0;

    for (size_t i = 0; i < setup->pid_count; i++) {
        char name[64], line[512];
        unsigned long user = 0, system = 0;
        const char *rest;
        FILE *f;

        snprintf(name, sizeof(name), "/proc/%d/stat", setup->pids[i]);
        f = fopen(name, "r");

        if (f == NULL) {
            continue;
        }

        /* the name of the program is in brackets and may have spaces */
        rest = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;

        if (rest != NULL
            && sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
                      "%lu %lu", &user, &system) == 2) {
            ticks += (double)(user + system);
        }

        fclose(f);
    }

    return ticks / (double)sysconf(_SC_CLK_TCK);
}

static bool
say(struct client *c, const char *format, size_t number)
{
    char text[256];
    int n = snprintf(text, sizeof(text), format, number, number);

    return client_send(c, text, (size_t)n);
}

static bool
relay(struct pair *p)
{
    char text[512];
    int n = snprintf(text, sizeof(text),
                     "{\"action\":\"handshake\",\"data\":{\"t\":%lld,"
                     "\"type\":\"consumer\",\"sender\":\"sfu %zu\","
                     "\"receiver\":\"client %zu\",\"remotePeerId\":\"x\","
                     "\"candidate\":{\"candidate\":\"candidate:1 1 udp "
                     "2122260223 192.0.2.1 50000 typ host\",\"sdpMid\":\"0\","
                     "\"sdpMLineIndex\":0}}}",
                     (long long)now_ns(), p->number, p->number);

    return client_send(&p->sfu, text, (size_t)n);
}

/* at two processes; who comes to the wrong one goes and comes again */
static bool
open_pair(const struct setup *setup, struct pair *p, int *of_sfus)
{
    for (size_t i = 0; i < TRIES; i++) {
        if (!client_open(&p->sfu, &setup->address, setup->path)) {
            return false;
        }

        *of_sfus = *of_sfus ? *of_sfus : p->sfu.pid;

        if (p->sfu.pid == *of_sfus) {
            break;
        }

        client_close(&p->sfu);
    }

    for (size_t i = 0; i < TRIES; i++) {
        if (!client_open(&p->client, &setup->address, setup->path)) {
            return false;
        }

        if (p->client.pid != *of_sfus) {
            break;
        }

        client_close(&p->client);
    }

    return p->sfu.fd > 0 && p->client.fd > 0
           && say(&p->sfu, "{\"action\":\"identify\",\"data\":{"
                  "\"type\":\"sfu\",\"id\":\"sfu %zu\"}}", p->number)
           && say(&p->client, "{\"action\":\"identify\",\"data\":{"
                  "\"type\":\"client\",\"id\":\"client %zu\","
                  "\"roomId\":\"sfu %zu\"}}", p->number);
}

/* false: a connection is lost */
static bool
receive(struct run *run, struct pair *p)
{
    const char *text;
    size_t len;

    if (!client_read(&p->client)) {
        return false;
    }

    while ((text = client_next(&p->client, &len)) != NULL) {
        const char *t = strstr(text, "\"t\":");

        if (t == NULL) {
            continue;
        }

        if (run->counts) {
            load_histogram_add(&run->delays,
                               (now_ns() - strtoll(t + 4, NULL, 10)) / 1000);
        }

        if (run->full && !relay(p)) {
            return false;
        }
    }

    return true;
}

static bool
listen_for(struct run *run, int64_t until)
{
    struct epoll_event events[PAIRS];
    int64_t left = until - now_ns();
    int n = epoll_wait(run->epoll, events, PAIRS,
                       left <= 0 ? 0 : (int)(left / 1000000));

    for (int i = 0; i < n; i++) {
        if (!receive(run, events[i].data.ptr)) {
            return false;
        }
    }

    return true;
}

static bool
go_on(struct run *run, double seconds)
{
    int64_t end = now_ns() + (int64_t)(seconds * 1e9);
    int64_t interval = 1000000000 / (int64_t)run->setup->rate;
    int64_t next = now_ns();
    size_t turn = 0;

    while (now_ns() < end) {
        while (!run->full && next <= now_ns()) {
            next += interval;

            if (!relay(&run->pairs[turn++ % PAIRS])) {
                return false;
            }
        }

        if (!listen_for(run, run->full || end < next ? end : next)) {
            return false;
        }
    }

    return true;
}

static bool
measure(struct run *run, const char *row, FILE *out)
{
    const double seconds = run->setup->seconds;
    double cpu;
    bool ok;

    for (size_t i = 0; run->full && i < PAIRS * WINDOW; i++) {
        if (!relay(&run->pairs[i % PAIRS])) {
            return false;
        }
    }

    run->counts = false;
    ok = go_on(run, 0.5);

    run->counts = true;
    run->delays = (struct load_histogram){ 0 };
    cpu = cpu_of(run->setup);
    ok = ok && go_on(run, seconds);
    cpu = cpu_of(run->setup) - cpu;

    /* what is still on its way */
    run->counts = run->full = false;
    ok = ok && listen_for(run, now_ns() + 300000000);

    if (!ok || run->delays.count == 0) {
        return false;
    }

    fprintf(out, "{\"row\":\"%s\",\"sockets\":%d,\"relays\":%.0f,"
            "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"cpu_us\":%.1f}", row,
            2 * PAIRS, (double)run->delays.count / seconds,
            (double)load_histogram_percentile(&run->delays, 50) / 1000,
            (double)load_histogram_percentile(&run->delays, 99) / 1000,
            cpu * 1e6 / (double)run->delays.count);

    return true;
}

bool
measure_relays(const struct setup *setup, FILE *out)
{
    static struct pair pairs[PAIRS];
    struct run run = { .setup = setup, .pairs = pairs,
                       .epoll = epoll_create1(0) };
    int of_sfus = 0;
    bool ok = true;

    for (size_t i = 0; ok && i < PAIRS; i++) {
        struct epoll_event e = { EPOLLIN, { .ptr = &pairs[i] } };

        pairs[i].number = i;
        ok = open_pair(setup, &pairs[i], &of_sfus)
             && epoll_ctl(run.epoll, EPOLL_CTL_ADD, pairs[i].client.fd, &e)
                == 0;
    }

    /* until all have identified themselves */
    usleep(300000);

    ok = ok && measure(&run, "relays at a rate", out);
    run.full = true;
    fputc(',', out);
    ok = ok && measure(&run, "as many relays as there are", out);

    for (size_t i = 0; i < PAIRS; i++) {
        client_close(&pairs[i].sfu);
        client_close(&pairs[i].client);
    }

    close(run.epoll);

    return ok;
}
