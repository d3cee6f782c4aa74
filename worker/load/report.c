/*
 * load/report.c - what a run has come to, for people.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/report.h"

#include <inttypes.h>

#include "load/machine.h"

void
load_report_derive(const struct load *load, struct load_derived *d)
{
    const struct load_summary *s = &load->summary;
    const struct load_figures *f = &load->figures;
    usec_t server = 0;

    *d = (struct load_derived){ 0 };
    d->seconds = (double)s->measured / USEC_PER_SEC;

    for (int i = 0; i < LOAD_CLASSES; i++) {
        load_tally_merge(&d->all, &f->tally[i]);
    }

    for (size_t i = 0; i < load->options.pid_count; i++) {
        server += s->servers[i].cpu;

        if (s->after[i].rss > s->before[i].rss) {
            d->server_rss += s->after[i].rss - s->before[i].rss;
        }

        if (s->after[i].pss > s->before[i].pss) {
            d->server_pss += s->after[i].pss - s->before[i].pss;
        }
    }

    if (d->seconds > 0) {
        d->packets_per_second = (double)f->interval_packets / d->seconds;
        d->bits_per_second = 8 * (double)f->interval_bytes / d->seconds;
        d->server_percent = 100 * (double)server / (double)s->measured;
        d->own_percent = 100 * (double)s->own.cpu / (double)s->measured;
    }

    if (f->interval_packets) {
        d->server_per_packet = (double)server / (double)f->interval_packets;
        d->own_per_packet = (double)s->own.cpu
                            / (double)f->interval_packets;
    }

    if (s->sessions) {
        d->rss_per_session = (double)d->server_rss / (double)s->sessions;
    }

    d->trustworthy = d->own_percent <= LOAD_OWN_CPU_MAX;
}

static void
print_delay(FILE *out, const struct load_histogram *h)
{
    fprintf(out, "p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms",
            (double)load_histogram_percentile(h, 50) / 1000,
            (double)load_histogram_percentile(h, 90) / 1000,
            (double)load_histogram_percentile(h, 99) / 1000,
            (double)load_histogram_percentile(h, 99.9) / 1000,
            (double)h->max / 1000);
}

static void
print_tally(FILE *out, const char *name, const struct load_tally *t)
{
    if (t->expected == 0) {
        return;
    }

    fprintf(out, "%-12s %" PRIu64 " of %" PRIu64 " packets in %" PRIu64
            " streams, lost %.3f %%", name, t->got, t->expected, t->streams,
            load_tally_loss(t));

    if (t->repaired) {
        fprintf(out, " (%.3f %% without repair)",
                load_tally_loss_before_repair(t));
    }

    for (size_t i = 0; i < LOAD_LAYERS_MAX; i++) {
        if (t->layers[i]) {
            fprintf(out, ", %s %" PRIu64, load_layer_rid(i), t->layers[i]);
        }
    }

    fprintf(out, "\n%-12s ", "  delay");
    print_delay(out, &t->delay);
    fprintf(out, "  (%" PRIu64 " opened)\n", t->delay.count);
}

static void
print_head(const struct load *load, FILE *out)
{
    const struct load_options *o = &load->options;
    const struct load_summary *s = &load->summary;
    struct load_machine machine;

    load_machine_read(&machine);
    fprintf(out, "%s, %s, %s\n", load_scenario_name(o->scenario),
            load->dialect->name, o->url);
    fprintf(out, "%-12s %s, %u cores, Linux %s\n", "machine", machine.cpu,
            machine.cores, machine.kernel);
    fprintf(out, "%-12s %s%s, libsrtp %s\n", "srtp",
            s->profile != NULL ? s->profile : "none was negotiated",
            s->profiles_differ ? " and others" : "", sfu_srtp_library_name());
    fprintf(out, "%-12s %zu publishing, %zu with media, %zu failed; "
            "joined in %.2f s, to the first packet p50 %.1f p99 %.1f ms\n",
            "sessions", s->publishers, s->watchers, s->failed,
            (double)s->join_time / USEC_PER_SEC,
            (double)load_histogram_percentile(&s->join, 50) / 1000,
            (double)load_histogram_percentile(&s->join, 99) / 1000);

    if (s->first_failure[0]) {
        fprintf(out, "%-12s %s\n", "  failure", s->first_failure);
    }
}

static void
print_storm(const struct load *load, const struct load_derived *d, FILE *out)
{
    const struct load_storm *s = &load->storm;

    fprintf(out, "%-12s %" PRIu64 " begun, %" PRIu64 " done (%.1f a second), "
            "%" PRIu64 " failed, %" PRIu64 " left out\n", "joins", s->begun,
            s->done, d->seconds > 0 ? (double)s->done / d->seconds : 0,
            s->failed, s->skipped);
    fprintf(out, "%-12s ", "  to answer");
    print_delay(out, &s->signaled);
    fprintf(out, "\n%-12s ", "  to DTLS");
    print_delay(out, &s->connected);
    fprintf(out, "\n%-12s ", "  to packet");
    print_delay(out, &s->first_packet);
    fprintf(out, "\n");
}

static void
print_repairs(const struct load *load, FILE *out)
{
    const struct load_figures *f = &load->figures;

    if (load->options.loss <= 0) {
        return;
    }

    fprintf(out, "%-12s of %" PRIu64 " packets thrown away %" PRIu64
            " were repaired within 200 ms, %" PRIu64 " later\n%-12s ",
            "repair", f->discarded, f->repaired_in_time, f->repaired_late,
            "  took");
    print_delay(out, &f->repair);
    fprintf(out, "\n");
}

static void
print_servers(const struct load *load, const struct load_derived *d, FILE *out)
{
    const struct load_summary *s = &load->summary;

    for (size_t i = 0; i < load->options.pid_count; i++) {
        char name[32];

        fprintf(out, "%-12s %s (%d): %.1f %% of a core, RSS %.1f -> %.1f MB\n",
                "server", load_process_name(load->options.pids[i], name,
                                            sizeof(name)),
                (int)load->options.pids[i],
                d->seconds > 0
                    ? 100 * (double)s->servers[i].cpu / (double)s->measured
                    : 0,
                (double)s->before[i].rss / 1e6, (double)s->after[i].rss / 1e6);
    }

    if (load->options.pid_count) {
        fprintf(out, "%-12s %.3f us of CPU a packet, %.1f %% of a core, "
                "%.1f kB a session\n", "  together", d->server_per_packet,
                d->server_percent, d->rss_per_session / 1000);
    }
}

void
load_report_text(const struct load *load, FILE *out)
{
    static const char *const names[LOAD_CLASSES] = {
        "audio", "video", "over audio", "over video",
    };
    const struct load_figures *f = &load->figures;
    const struct load_summary *s = &load->summary;
    struct load_derived d;

    load_report_derive(load, &d);
    print_head(load, out);
    fprintf(out, "%-12s %.2f s: sent %.0f packets/s, received %.0f packets/s, "
            "%.2f Mbit/s\n", "measured", d.seconds,
            d.seconds > 0 ? (double)s->sent_packets / d.seconds : 0,
            d.packets_per_second, d.bits_per_second / 1e6);

    for (int i = 0; i < LOAD_CLASSES; i++) {
        print_tally(out, names[i], &f->tally[i]);
    }

    print_repairs(load, out);

    if (load->options.scenario == LOAD_STORM) {
        print_storm(load, &d, out);
    }

    print_servers(load, &d, out);
    fprintf(out, "%-12s %.1f %% of a core, %.3f us a packet, %.2f packets a "
            "train\n", "generator", d.own_percent, d.own_per_packet,
            (double)load->engine.datagrams
                / (double)(load->engine.trains ? load->engine.trains : 1));

    if (!d.trustworthy) {
        fprintf(out, "NOT TRUSTWORTHY: the generator used more than %d %% of "
                "its core, so it may be what was measured.\n",
                LOAD_OWN_CPU_MAX);
    }

    if (f->cannot_open || f->unknown || d.all.not_ours || d.all.surplus
        || s->unsent) {
        fprintf(out, "%-12s %" PRIu64 " could not be opened, %" PRIu64
                " of no known type, %" PRIu64 " without our stamp, %" PRIu64
                " too many, %" PRIu64 " not sent\n", "odd packets",
                f->cannot_open, f->unknown, d.all.not_ours, d.all.surplus,
                s->unsent);
    }
}
