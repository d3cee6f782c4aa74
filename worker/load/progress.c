/*
 * load/progress.c - a line a second while it runs.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <inttypes.h>

#include "load/report.h"
#include "load/wait.h"

static const char *
phase_name(enum load_phase phase)
{
    static const char *const names[] = {
        "begin", "publish", "join", "warm up", "measure", "drain", "leave",
        "done",
    };

    return names[phase];
}

static usec_t
server_cpu(const struct load *load)
{
    usec_t sum = 0;

    for (size_t i = 0; i < load->options.pid_count; i++) {
        struct load_usage usage = { 0 };

        load_process_usage(load->options.pids[i], &usage);
        sum += usage.cpu;
    }

    return sum;
}

static size_t
sessions_up(const struct load *load)
{
    size_t up = 0;

    for (size_t i = 0; i < load->peer_count; i++) {
        up += load->peers[i]->state == LOAD_PEER_UP;
    }

    return up;
}

static void
print_line(const struct load_progress *p, const struct load *load,
           double seconds, FILE *out)
{
    const struct load_figures *f = &load->figures;
    uint64_t packets = f->packets_in - p->packets;
    uint64_t gaps = f->gaps - p->gaps;
    struct load_histogram delay = { 0 };

    for (int i = 0; i < LOAD_CLASSES; i++) {
        load_histogram_merge(&delay, &f->tally[i].delay);
    }

    fprintf(out, "%-8s %zu/%zu up  %.0f packets/s  %.1f Mbit/s  gaps %.2f %%",
            phase_name(load->phase), sessions_up(load), load->peer_count,
            (double)packets / seconds,
            8e-6 * (double)(f->bytes_in - p->bytes) / seconds,
            packets ? 100.0 * (double)gaps / (double)(packets + gaps) : 0);

    if (delay.count) {
        fprintf(out, "  p99 %.2f ms",
                (double)load_histogram_percentile(&delay, 99) / 1000);
    }

    if (load->options.scenario == LOAD_STORM) {
        fprintf(out, "  joins %" PRIu64, load->storm.done);
    }
}

void
load_progress_run(struct load_progress *p, struct load *load, FILE *out,
                  bool terminal)
{
    usec_t now = load->engine.now;
    usec_t own;
    usec_t server;
    double seconds = (double)(now - p->last) / USEC_PER_SEC;

    if (now - p->last < USEC_PER_SEC) {
        return;
    }

    own = load_wait_own_cpu(load);
    server = server_cpu(load);

    if (p->last) {
        if (terminal && p->shown) {
            /* up one line, and clear it */
            fprintf(out, "\033[1A\033[K");
        }

        print_line(p, load, seconds, out);

        if (load->options.pid_count) {
            fprintf(out, "  server %.0f %%",
                    1e-4 * (double)(server - p->server_cpu) / seconds);
        }

        fprintf(out, "  own %.0f %%\n",
                1e-4 * (double)(own - p->own_cpu) / seconds);
        p->shown = true;
    }

    *p = (struct load_progress){
        .last = now, .packets = load->figures.packets_in,
        .bytes = load->figures.bytes_in, .gaps = load->figures.gaps,
        .own_cpu = own, .server_cpu = server, .shown = p->shown,
    };
}
