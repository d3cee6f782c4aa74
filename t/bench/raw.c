/*
 * raw.c - the raw limit: what sealing and sending costs at the least.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     raw [--receivers N] [--payload BYTES] [--milliseconds N]
 *         [--run PACKETS] [--sealing NAME] [--profile NAME] [--gro on|off]
 *         [--awake on|off] [--pace PACKETS] [--send-core N]
 *         [--receive-core N] [--json FILE]
 *
 * One thread seals each packet for each receiver, with a key of its own, and
 * sends it over loopback: by sendto(), or as runs of equal packets to one
 * address with UDP_SEGMENT.  There is no server around it: no packet is
 * received, looked at or rewritten.  Without --run, --sealing, --profile and
 * --gro all of them are measured; a run of 2.9 packets is the mean of runs of 2
 * and 3.  With --pace each receiver gets so many packets a second.
 */

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "way.h"

enum { RECEIVERS_MAX = 5000 };

struct options {
    struct way_load load;
    int send_core;
    const char *json;

    /* only these ways; 0, NULL and a negative number: all */
    double run;
    const char *sealing;
    const char *profile;
    int gro;
};

/* what is written, as far as it got */
struct output {
    FILE *json;                 /* or NULL */
    size_t ways;
};

static void
print_way(struct output *out, const struct way *way,
          const struct way_figures *f)
{
    double us = f->send_cpu * 1e6 / (double)f->sent;
    double reader = f->receive_cpu * 1e6
                    / (double)(f->received ? f->received : 1);
    double lost = 100 - 100.0 * (double)f->received / (double)f->sent;
    const char *profile = way->library == SEAL_NOTHING ? "none"
                                                       : way->profile->name;

    printf("%-10s %-28s %-8s %4.3g  %-3s %8.3f %8.3f %7.3f\n",
           seal_name(way->library), profile,
           way->run == 1 ? "sendto" : "segment", way->run,
           way->gro ? "on" : "off", us, reader, lost);
    fflush(stdout);

    if (out->json == NULL) {
        return;
    }

    fprintf(out->json, "%s\n  { \"sealing\": \"%s\", \"profile\": \"%s\", "
            "\"run\": %.4g, \"gro\": %s, \"sent\": %llu, \"received\": %llu, "
            "\"us_per_packet\": %.4f, \"reader_us_per_packet\": %.4f }",
            out->ways++ ? "," : "", seal_name(way->library), profile, way->run,
            way->gro ? "true" : "false", (unsigned long long)f->sent,
            (unsigned long long)f->received, us, reader);
}

static int
try_run(const struct options *o, struct output *out, const struct way *way)
{
    struct way_figures f = { 0 };
    int error = way_measure(way, &o->load, &f);

    if (!error) {
        print_way(out, way, &f);
    }

    return error;
}

static int
try_sealing(const struct options *o, struct output *out,
            enum seal_library library, const struct srtp_profile *profile)
{
    static const double all[] = { 1, 2, 4, 8, 16, 32 };
    const double *runs = o->run > 0 ? &o->run : all;
    size_t count = o->run > 0 ? 1 : sizeof(all) / sizeof(*all);

    for (int gro = 1; gro >= 0; gro--) {
        for (size_t i = 0; i < count && (o->gro < 0 || o->gro == gro); i++) {
            struct way way = { library, profile, runs[i], gro };
            int error = try_run(o, out, &way);

            if (error) {
                return error;
            }
        }
    }

    return 0;
}

static bool
is_asked_for(const struct options *o, enum seal_library library,
             const struct srtp_profile *profile)
{
    return seal_has(library)
           && (o->sealing == NULL
               || strcmp(o->sealing, seal_name(library)) == 0)
           && (o->profile == NULL || strcmp(o->profile, profile->name) == 0);
}

static int
try_all(const struct options *o, struct output *out)
{
    static const struct {
        enum seal_library library;
        enum srtp_profile_id profile;
    } sealings[] = {
        { SEAL_NOTHING, SRTP_PROFILE_AEAD_AES_128_GCM },
        { SEAL_LIBSRTP, SRTP_PROFILE_AEAD_AES_128_GCM },
        { SEAL_IPSEC_MB, SRTP_PROFILE_AEAD_AES_128_GCM },
        { SEAL_LIBSRTP, SRTP_PROFILE_AES128_CM_SHA1_80 },
        { SEAL_IPSEC_MB, SRTP_PROFILE_AES128_CM_SHA1_80 },
    };

    printf("%-10s %-28s %-8s %4s  %-3s %8s %8s %7s\n", "sealing", "profile",
           "send", "run", "gro", "us", "reader", "lost %");

    for (size_t i = 0; i < sizeof(sealings) / sizeof(*sealings); i++) {
        const struct srtp_profile *profile =
            srtp_profile_find(sealings[i].profile);
        int error = 0;

        if (!is_asked_for(o, sealings[i].library, profile)) {
            continue;
        }

        if (sealings[i].library != SEAL_NOTHING) {
            error = way_check(sealings[i].library, profile);
        }

        if (!error) {
            error = try_sealing(o, out, sealings[i].library, profile);
        }

        if (error) {
            fprintf(stderr, "raw: %s, %s: %s: %s\n",
                    seal_name(sealings[i].library), profile->name,
                    sfu_strerror(error), strerror(errno));
            return error;
        }
    }

    return 0;
}

static long
number(const char *name, const char *text, long min, long max)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (*text == '\0' || *end != '\0' || n < min || n > max) {
        fprintf(stderr, "raw: --%s takes %ld to %ld\n", name, min, max);
        exit(2);
    }

    return n;
}

static double
fraction(const char *name, const char *text, double min, double max)
{
    char *end;
    double n = strtod(text, &end);

    if (*text == '\0' || *end != '\0' || !(n >= min && n <= max)) {
        fprintf(stderr, "raw: --%s takes %g to %g\n", name, min, max);
        exit(2);
    }

    return n;
}

static bool
on_or_off(const char *name, const char *text)
{
    if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0) {
        fprintf(stderr, "raw: --%s takes on or off\n", name);
        exit(2);
    }

    return strcmp(text, "on") == 0;
}

static void
read_options(struct options *o, int argc, char **argv)
{
    static const struct option longs[] = {
        { "receivers", required_argument, NULL, 'n' },
        { "payload", required_argument, NULL, 'p' },
        { "milliseconds", required_argument, NULL, 'm' },
        { "run", required_argument, NULL, 'u' },
        { "sealing", required_argument, NULL, 'l' },
        { "profile", required_argument, NULL, 'f' },
        { "gro", required_argument, NULL, 'g' },
        { "awake", required_argument, NULL, 'a' },
        { "pace", required_argument, NULL, 'c' },
        { "send-core", required_argument, NULL, 's' },
        { "receive-core", required_argument, NULL, 'r' },
        { "json", required_argument, NULL, 'j' },
        { 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {

        case 'n':
            o->load.receivers = (size_t)number("receivers", optarg, 1,
                                          RECEIVERS_MAX);
            break;

        case 'p':
            o->load.payload = (size_t)number("payload", optarg, 1,
                                             WAY_PAYLOAD_MAX);
            break;

        case 'm':
            o->load.milliseconds = number("milliseconds", optarg, 10, 60000);
            break;

        case 'u':
            o->run = fraction("run", optarg, 1, SEAL_BATCH);
            break;

        case 'l':
            o->sealing = optarg;
            break;

        case 'f':
            o->profile = optarg;
            break;

        case 'g':
            o->gro = on_or_off("gro", optarg);
            break;

        case 'a':
            o->load.awake = on_or_off("awake", optarg);
            break;

        case 'c':
            o->load.pace = fraction("pace", optarg, 1, 100000);
            break;

        case 's':
            o->send_core = (int)number("send-core", optarg, 0, 1023);
            break;

        case 'r':
            o->load.receive_core = (int)number("receive-core", optarg, 0, 1023);
            break;

        case 'j':
            o->json = optarg;
            break;

        default:
            exit(2);
        }
    }
}

int
main(int argc, char **argv)
{
    struct options o = { .load = { .receivers = 200, .payload = 1150,
                                   .milliseconds = 500, .awake = true,
                                   .receive_core = 1 }, .gro = -1 };
    struct output out = { 0 };
    cpu_set_t set;
    int error;

    read_options(&o, argc, argv);
    CPU_ZERO(&set);
    CPU_SET((size_t)o.send_core, &set);

    if (sched_setaffinity(0, sizeof(set), &set)) {
        fprintf(stderr, "raw: core %d: %s\n", o.send_core, strerror(errno));
        return 2;
    }

    if (o.json != NULL && (out.json = fopen(o.json, "w")) == NULL) {
        fprintf(stderr, "raw: %s: %s\n", o.json, strerror(errno));
        return 2;
    }

    sfu_srtp_library_init();

    if (out.json != NULL) {
        fprintf(out.json, "{ \"receivers\": %zu, \"payload\": %zu, "
                "\"libsrtp\": \"%s\", \"ways\": [", o.load.receivers,
                o.load.payload, sfu_srtp_library_name());
    }

    error = try_all(&o, &out);

    if (out.json != NULL) {
        fprintf(out.json, "\n] }\n");
        fclose(out.json);
    }

    sfu_srtp_library_fini();

    return error ? 1 : 0;
}
