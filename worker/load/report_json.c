/*
 * load/report_json.c - what a run has come to, for programs
 * (docs/load.md lists the members).
 * Copyright (C) the ngx_sfu_module authors
 */

#include <jansson.h>
#include <openssl/opensslv.h>
#include <string.h>

#include "base/error.h"
#include "load/machine.h"
#include "load/report.h"
#include "sfu_version.h"

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
times(const struct load_histogram *h)
{
    return json_pack(
        "{s:I, s:f, s:f, s:f, s:f, s:f, s:f}",
        "count", (json_int_t)h->count,
        "mean_ms", load_histogram_mean(h) / 1000,
        "p50_ms", (double)load_histogram_percentile(h, 50) / 1000,
        "p90_ms", (double)load_histogram_percentile(h, 90) / 1000,
        "p99_ms", (double)load_histogram_percentile(h, 99) / 1000,
        "p999_ms", (double)load_histogram_percentile(h, 99.9) / 1000,
        "max_ms", (double)h->max / 1000);
}

static json_t *
layers(const struct load_tally *t)
{
    json_t *j = json_object();

    for (size_t i = 0; i < LOAD_LAYERS_MAX; i++) {
        json_object_set_new(j, load_layer_rid(i), integer(t->layers[i]));
    }

    return j;
}

static json_t *
tally(const struct load_tally *t)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:o, s:o}",
        "streams", (json_int_t)t->streams,
        "expected", (json_int_t)t->expected,
        "received", (json_int_t)t->got,
        "lost", (json_int_t)(t->expected - t->got),
        "loss_percent", load_tally_loss(t),
        "loss_before_repair_percent", load_tally_loss_before_repair(t),
        "repaired", (json_int_t)t->repaired,
        "duplicates", (json_int_t)t->duplicates,
        "surplus", (json_int_t)t->surplus,
        "opened", (json_int_t)t->opened,
        "not_ours", (json_int_t)t->not_ours,
        "layers", layers(t),
        "delay", times(&t->delay));
}

static json_t *
pack_options(const struct load_options *o)
{
    json_t *codecs = json_array();
    json_t *j = json_object();

    for (size_t i = 0; i < o->codec_count; i++) {
        json_array_append_new(codecs, json_string(codec_name(o->codecs[i])));
    }

    json_object_set_new(j, "scenario",
                        json_string(load_scenario_name(o->scenario)));
    json_object_set_new(j, "dialect", json_string(o->dialect));
    json_object_set_new(j, "url", json_string(o->url));
    json_object_set_new(j, "publishers", integer(o->publishers));
    json_object_set_new(j, "subscribers", integer(o->subscribers));
    json_object_set_new(j, "rooms", integer(o->rooms));
    json_object_set_new(j, "codecs", codecs);
    json_object_set_new(j, "bitrate", integer(o->bitrate));
    json_object_set_new(j, "fps", integer(o->fps));
    json_object_set_new(j, "packet_size", integer(o->packet_size));
    json_object_set_new(j, "simulcast", json_boolean(o->simulcast));
    json_object_set_new(j, "rid", json_string(o->rid));
    json_object_set_new(j, "overload", json_real(o->overload));
    json_object_set_new(j, "profile", json_string(o->profile));
    json_object_set_new(j, "awake", json_boolean(o->awake));
    json_object_set_new(j, "gro", json_boolean(o->gro));
    json_object_set_new(j, "nack", json_boolean(o->nack));
    json_object_set_new(j, "rtx", json_boolean(o->rtx));
    json_object_set_new(j, "feedback_ms",
                        json_real((double)o->feedback / USEC_PER_MS));
    json_object_set_new(j, "warmup_s",
                        json_real((double)o->warmup / USEC_PER_SEC));
    json_object_set_new(j, "duration_s",
                        json_real((double)o->duration / USEC_PER_SEC));
    json_object_set_new(j, "drain_ms",
                        json_real((double)o->drain / USEC_PER_MS));
    json_object_set_new(j, "decrypt", integer(o->decrypt));
    json_object_set_new(j, "loss_percent", json_real(o->loss));
    json_object_set_new(j, "rtt_ms",
                        json_real((double)o->rtt / USEC_PER_MS));
    json_object_set_new(j, "rate", json_real(o->rate));

    return j;
}

static json_t *
pack_machine(void)
{
    struct load_machine m;

    load_machine_read(&m);

    return json_pack("{s:s, s:i, s:i, s:s}", "cpu", m.cpu, "cores",
                     (int)m.cores, "usable_cores", (int)m.usable, "kernel",
                     m.kernel);
}

static json_t *
pack_sessions(const struct load *load)
{
    const struct load_summary *s = &load->summary;

    return json_pack(
        "{s:I, s:I, s:I, s:I, s:f, s:o, s:s}",
        "up", (json_int_t)s->sessions,
        "publishing", (json_int_t)s->publishers,
        "with_media", (json_int_t)s->watchers,
        "failed", (json_int_t)s->failed,
        "join_time_s", (double)s->join_time / USEC_PER_SEC,
        "first_packet", times(&s->join),
        "first_failure", s->first_failure);
}

static json_t *
pack_server(const struct load *load, const struct load_derived *d)
{
    const struct load_summary *s = &load->summary;
    json_t *list = json_array();

    for (size_t i = 0; i < load->options.pid_count; i++) {
        char name[32];

        load_process_name(load->options.pids[i], name, sizeof(name));
        json_array_append_new(list, json_pack(
            "{s:i, s:s, s:f, s:I, s:I, s:I, s:I}",
            "pid", (int)load->options.pids[i], "name", name,
            "cpu_s", (double)s->servers[i].cpu / USEC_PER_SEC,
            "rss_before", (json_int_t)s->before[i].rss,
            "rss_after", (json_int_t)s->after[i].rss,
            "pss_before", (json_int_t)s->before[i].pss,
            "pss_after", (json_int_t)s->after[i].pss));
    }

    return json_pack(
        "{s:f, s:f, s:I, s:I, s:f, s:o}",
        "cpu_percent", d->server_percent,
        "cpu_us_per_packet", d->server_per_packet,
        "rss_growth", (json_int_t)d->server_rss,
        "pss_growth", (json_int_t)d->server_pss,
        "rss_per_session", d->rss_per_session,
        "processes", list);
}

static json_t *
pack_feedback(const struct load_figures *f)
{
    json_t *j = json_object();

    json_object_set_new(j, "nacks_sent", integer(f->nacks_out));
    json_object_set_new(j, "plis_sent", integer(f->plis_out));
    json_object_set_new(j, "transport_cc_sent", integer(f->feedback_out));
    json_object_set_new(j, "reports_sent", integer(f->reports_out));
    json_object_set_new(j, "nacks_received", integer(f->nacks_in));
    json_object_set_new(j, "keyframe_requests_received",
                        integer(f->keyframe_requests_in));
    json_object_set_new(j, "transport_cc_received", integer(f->feedback_in));
    json_object_set_new(j, "reports_received", integer(f->reports_in));

    return j;
}

static json_t *
pack_traffic(const struct load *load, const struct load_derived *d)
{
    const struct load_figures *f = &load->figures;
    const struct load_summary *s = &load->summary;
    json_t *j = json_object();

    json_object_set_new(j, "seconds", json_real(d->seconds));
    json_object_set_new(j, "sent_packets", integer(s->sent_packets));
    json_object_set_new(j, "sent_payload_bytes", integer(s->sent_bytes));
    json_object_set_new(j, "repeated_packets", integer(s->repeated));
    json_object_set_new(j, "keyframes", integer(s->keyframes));
    json_object_set_new(j, "received_packets", integer(f->interval_packets));
    json_object_set_new(j, "received_bytes", integer(f->interval_bytes));
    json_object_set_new(j, "packets_per_second",
                        json_real(d->packets_per_second));
    json_object_set_new(j, "bits_per_second", json_real(d->bits_per_second));
    json_object_set_new(j, "cannot_open", integer(f->cannot_open));
    json_object_set_new(j, "unknown", integer(f->unknown));
    json_object_set_new(j, "unsent", integer(s->unsent));

    return j;
}

static json_t *
pack_repair(const struct load_figures *f)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}",
                     "discarded", (json_int_t)f->discarded,
                     "discarded_for_good", (json_int_t)f->discarded_for_good,
                     "discarded_repairs", (json_int_t)f->discarded_repairs,
                     "in_time", (json_int_t)f->repaired_in_time,
                     "late", (json_int_t)f->repaired_late,
                     "took", times(&f->repair));
}

static json_t *
pack_storm(const struct load_storm *s, const struct load_derived *d)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:f, s:o, s:o, s:o}",
        "begun", (json_int_t)s->begun, "done", (json_int_t)s->done,
        "failed", (json_int_t)s->failed, "skipped", (json_int_t)s->skipped,
        "done_per_second",
        d->seconds > 0 ? (double)s->done / d->seconds : 0,
        "to_answer", times(&s->signaled),
        "to_dtls", times(&s->connected),
        "to_first_packet", times(&s->first_packet));
}

static json_t *
pack_all(const struct load *load)
{
    static const char *const names[LOAD_CLASSES] = {
        "audio", "video", "overloaded_audio", "overloaded_video",
    };
    const struct load_summary *s = &load->summary;
    struct load_derived d;
    json_t *j = json_object();

    load_report_derive(load, &d);
    json_object_set_new(j, "version", json_string(SFU_VERSION));
    json_object_set_new(j, "options", pack_options(&load->options));
    json_object_set_new(j, "machine", pack_machine());
    json_object_set_new(j, "srtp_profile",
                        s->profile != NULL ? json_string(s->profile)
                                           : json_null());
    json_object_set_new(j, "srtp_profiles_differ",
                        json_boolean(s->profiles_differ));
    json_object_set_new(j, "libsrtp", json_string(sfu_srtp_library_name()));
    json_object_set_new(j, "openssl", json_string(OPENSSL_VERSION_TEXT));
    json_object_set_new(j, "sessions", pack_sessions(load));
    json_object_set_new(j, "traffic", pack_traffic(load, &d));
    json_object_set_new(j, "all", tally(&d.all));

    for (int i = 0; i < LOAD_CLASSES; i++) {
        if (load->figures.tally[i].streams) {
            json_object_set_new(j, names[i], tally(&load->figures.tally[i]));
        }
    }

    if (load->options.loss > 0) {
        json_object_set_new(j, "repair", pack_repair(&load->figures));
    }

    if (load->options.scenario == LOAD_STORM) {
        json_object_set_new(j, "storm", pack_storm(&load->storm, &d));
    }

    json_object_set_new(j, "feedback", pack_feedback(&load->figures));

    if (load->options.pid_count) {
        json_object_set_new(j, "server", pack_server(load, &d));
    }

    json_object_set_new(j, "generator", json_pack(
        "{s:f, s:f, s:f, s:b}", "cpu_percent", d.own_percent,
        "cpu_us_per_packet", d.own_per_packet, "packets_per_train",
        (double)load->engine.datagrams
            / (double)(load->engine.trains ? load->engine.trains : 1),
        "trustworthy", d.trustworthy));

    return j;
}

int
load_report_json(const struct load *load, const char *path)
{
    json_t *j = pack_all(load);
    int flags = JSON_INDENT(2) | JSON_REAL_PRECISION(9);
    int result;

    if (j == NULL) {
        return SFU_ERR_NOMEM;
    }

    if (strcmp(path, "-") == 0) {
        result = json_dumpf(j, stdout, flags);
        putchar('\n');
    } else {
        result = json_dump_file(j, path, flags);
    }

    json_decref(j);

    return result ? SFU_ERR_SYSTEM : 0;
}
