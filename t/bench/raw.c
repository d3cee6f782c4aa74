/*
 * raw.c - the raw limit: what sealing and sending costs at the least.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     raw [--receivers N] [--payload BYTES] [--milliseconds N]
 *         [--send-core N] [--receive-core N] [--json FILE]
 *
 * One thread seals each packet for each receiver, with a key of its own, and
 * sends it over loopback: by sendto(), or as runs of equal packets to one
 * address with UDP_SEGMENT.  There is no server around it: no packet is
 * received, looked at or rewritten.  The sender waits for the readers before
 * their buffers are full, and its CPU clock counts only while it sends.
 */

#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "receive.h"
#include "seal.h"

enum {
    PT = 96,
    PAYLOAD_MAX = 1300,
    RECEIVERS_MAX = 5000,
    SLOT = 2048,
    BATCH = 16,                 /* sealed together where the library likes it */
    UNREAD_MAX = 32,            /* packets a receiver that wait in its buffer */
    DRAIN_TRIES = 200,
};

struct options {
    size_t receivers;
    size_t payload;
    long milliseconds;
    int send_core;
    int receive_core;
    const char *json;
};

/* one way to do it */
struct way {
    enum seal_library library;
    const struct srtp_profile *profile;
    size_t run;                 /* 1: sendto() */
    bool gro;
};

struct figures {
    uint64_t sent;
    uint64_t received;
    double send_cpu;            /* seconds */
    double receive_cpu;
};

struct sender {
    int fd;
    struct seal *seal;          /* borrowed, as all below */
    struct receive *receive;
    const struct options *options;
    const struct way *way;
    uint64_t index;             /* of the next packet, RFC 3711, 3.3.1 */
    uint8_t payload[PAYLOAD_MAX];
    uint8_t out[SEAL_BATCH * SLOT];
};

static double
seconds(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);

    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
write_header(uint8_t header[SEAL_HEADER], uint64_t index)
{
    memset(header, 0, SEAL_HEADER);
    header[0] = 0x80;
    header[1] = PT;
    header[2] = (uint8_t)(index >> 8);
    header[3] = (uint8_t)index;
    header[11] = 9;
}

/* a run to each receiver from first on, all sealed at once */
static int
seal_runs(struct sender *s, size_t first, size_t count, size_t size)
{
    uint8_t *out = s->out;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < s->way->run; j++) {
            uint8_t header[SEAL_HEADER];
            int error;

            write_header(header, s->index + j);
            error = seal_add(s->seal, first + i, header, s->index + j,
                             s->payload, s->options->payload, out);

            if (error) {
                return error;
            }

            out += size;
        }
    }

    return seal_finish(s->seal);
}

static int
send_run(struct sender *s, size_t to, uint8_t *data, size_t size)
{
    union {
        struct cmsghdr align;
        uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
    } control = { 0 };
    const struct sockaddr_in *name = receive_address(s->receive, to);
    struct iovec iov = { data, size * s->way->run };
    struct msghdr msg = {
        .msg_name = (void *)name, .msg_namelen = sizeof(*name),
        .msg_iov = &iov, .msg_iovlen = 1,
    };
    uint16_t segment = (uint16_t)size;
    ssize_t n;

    if (s->way->run == 1) {
        n = sendto(s->fd, data, size, 0, (const struct sockaddr *)name,
                   sizeof(*name));

    } else {
        msg.msg_control = &control;
        msg.msg_controllen = sizeof(control);
        control.align.cmsg_level = SOL_UDP;
        control.align.cmsg_type = UDP_SEGMENT;
        control.align.cmsg_len = CMSG_LEN(sizeof(segment));
        memcpy(CMSG_DATA(&control.align), &segment, sizeof(segment));
        n = sendmsg(s->fd, &msg, 0);
    }

    return n < 0 ? SFU_ERR_SYSTEM : 0;
}

/* one burst of the publisher to everybody */
static int
send_round(struct sender *s)
{
    size_t size = SEAL_HEADER + s->options->payload + seal_overhead(s->seal);
    size_t group = s->way->run < BATCH ? BATCH / s->way->run : 1;
    size_t all = s->options->receivers;
    int error = 0;

    for (size_t i = 0; i < all && !error; i += group) {
        size_t n = all - i < group ? all - i : group;

        error = seal_runs(s, i, n, size);

        for (size_t j = 0; j < n && !error; j++) {
            error = send_run(s, i + j, s->out + j * s->way->run * size, size);
        }
    }

    s->index += s->way->run;

    return error;
}

static int
measure(struct sender *s, struct figures *f)
{
    double until = seconds(CLOCK_MONOTONIC)
                   + (double)s->options->milliseconds / 1000;
    uint64_t room = UNREAD_MAX * s->options->receivers;
    uint64_t a_round = s->way->run * s->options->receivers;
    double readers = receive_cpu(s->receive);

    while (seconds(CLOCK_MONOTONIC) < until) {
        double began = seconds(CLOCK_THREAD_CPUTIME_ID);
        int error = send_round(s);

        f->send_cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - began;
        f->sent += a_round;

        if (error) {
            return error;
        }

        /* a reader that died would keep us here: time bounds it */
        while (f->sent + a_round > receive_packets(s->receive) + room
               && seconds(CLOCK_MONOTONIC) < until)
        {
            usleep(50);
        }
    }

    for (int i = 0; i < DRAIN_TRIES
         && receive_packets(s->receive) < f->sent; i++)
    {
        usleep(1000);
    }

    f->received = receive_packets(s->receive);
    f->receive_cpu = receive_cpu(s->receive) - readers;

    return 0;
}

static int
try_way(const struct options *o, const struct way *way, struct figures *f)
{
    static struct sender s;
    int bytes = 8 << 20;
    int error;

    memset(&s, 0, sizeof(s));
    s.options = o;
    s.way = way;
    memset(s.payload, 0x5a, sizeof(s.payload));
    s.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (s.fd < 0) {
        return SFU_ERR_SYSTEM;
    }

    (void)setsockopt(s.fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    error = seal_create(&s.seal, way->library, way->profile, o->receivers);

    if (!error) {
        error = receive_create(&s.receive, o->receivers, way->gro,
                               o->receive_core);
    }

    if (!error) {
        error = measure(&s, f);
    }

    if (s.receive != NULL) {
        receive_destroy(s.receive);
    }

    if (s.seal != NULL) {
        seal_destroy(s.seal);
    }

    close(s.fd);

    return error;
}

/* nothing is measured that libsrtp2 does not open; over a rollover, too */
static int
check_sealing(enum seal_library library, const struct srtp_profile *profile)
{
    static const uint8_t payload[100] = "a payload";
    struct srtp_key_material keys;
    struct sfu_srtp *receiver;
    struct seal *seal;
    int error = seal_create(&seal, library, profile, 2);

    if (error) {
        return error;
    }

    seal_keys_of(1, profile, &keys);
    error = sfu_srtp_create(&receiver, SRTP_RECEIVE, &keys, 1);

    for (uint64_t index = 65530; index < 65545 && !error; index++) {
        uint8_t header[SEAL_HEADER];
        uint8_t packet[SLOT];
        size_t len = SEAL_HEADER + sizeof(payload) + seal_overhead(seal);

        write_header(header, index);
        error = seal_add(seal, 1, header, index, payload, sizeof(payload),
                         packet);
        error = error ? error : seal_finish(seal);
        error = error ? error : sfu_srtp_open(receiver, packet, &len);

        if (!error && (len != SEAL_HEADER + sizeof(payload)
            || memcmp(packet + SEAL_HEADER, payload, sizeof(payload)) != 0))
        {
            error = SFU_ERR_AUTH;
        }
    }

    if (receiver != NULL) {
        sfu_srtp_destroy(receiver);
    }

    seal_destroy(seal);

    return error;
}

static void
print_way(FILE *json, const struct way *way, const struct figures *f,
          bool first)
{
    double us = f->send_cpu * 1e6 / (double)f->sent;
    double reader = f->receive_cpu * 1e6
                    / (double)(f->received ? f->received : 1);
    double lost = 100 - 100.0 * (double)f->received / (double)f->sent;
    const char *profile = way->library == SEAL_NOTHING ? "none"
                                                       : way->profile->name;

    printf("%-10s %-28s %-8s %4zu  %-3s %8.3f %8.3f %7.3f\n",
           seal_name(way->library), profile,
           way->run == 1 ? "sendto" : "segment", way->run,
           way->gro ? "on" : "off", us, reader, lost);
    fflush(stdout);

    if (json == NULL) {
        return;
    }

    fprintf(json, "%s\n  { \"sealing\": \"%s\", \"profile\": \"%s\", "
            "\"run\": %zu, \"gro\": %s, \"sent\": %llu, \"received\": %llu, "
            "\"us_per_packet\": %.4f, \"reader_us_per_packet\": %.4f }",
            first ? "" : ",", seal_name(way->library), profile, way->run,
            way->gro ? "true" : "false", (unsigned long long)f->sent,
            (unsigned long long)f->received, us, reader);
}

static int
try_sealing(const struct options *o, FILE *json, enum seal_library library,
            const struct srtp_profile *profile, bool *first)
{
    static const size_t runs[] = { 1, 2, 4, 8, 16, 32 };

    for (int gro = 1; gro >= 0; gro--) {
        for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
            struct way way = { library, profile, runs[i], gro };
            struct figures f = { 0 };
            int error = try_way(o, &way, &f);

            if (error) {
                return error;
            }

            print_way(json, &way, &f, *first);
            *first = false;
        }
    }

    return 0;
}

static int
try_all(const struct options *o, FILE *json)
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
    bool first = true;

    printf("%-10s %-28s %-8s %4s  %-3s %8s %8s %7s\n", "sealing", "profile",
           "send", "run", "gro", "us", "reader", "lost %");

    for (size_t i = 0; i < sizeof(sealings) / sizeof(*sealings); i++) {
        const struct srtp_profile *profile =
            srtp_profile_find(sealings[i].profile);
        int error = 0;

        if (!seal_has(sealings[i].library)) {
            continue;
        }

        if (sealings[i].library != SEAL_NOTHING) {
            error = check_sealing(sealings[i].library, profile);
        }

        if (!error) {
            error = try_sealing(o, json, sealings[i].library, profile,
                                &first);
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

static void
read_options(struct options *o, int argc, char **argv)
{
    static const struct option longs[] = {
        { "receivers", required_argument, NULL, 'n' },
        { "payload", required_argument, NULL, 'p' },
        { "milliseconds", required_argument, NULL, 'm' },
        { "send-core", required_argument, NULL, 's' },
        { "receive-core", required_argument, NULL, 'r' },
        { "json", required_argument, NULL, 'j' },
        { 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {

        case 'n':
            o->receivers = (size_t)number("receivers", optarg, 1,
                                          RECEIVERS_MAX);
            break;

        case 'p':
            o->payload = (size_t)number("payload", optarg, 1, PAYLOAD_MAX);
            break;

        case 'm':
            o->milliseconds = number("milliseconds", optarg, 10, 60000);
            break;

        case 's':
            o->send_core = (int)number("send-core", optarg, 0, 1023);
            break;

        case 'r':
            o->receive_core = (int)number("receive-core", optarg, 0, 1023);
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
    struct options o = { .receivers = 200, .payload = 1150,
                         .milliseconds = 500, .receive_core = 1 };
    FILE *json = NULL;
    cpu_set_t set;
    int error;

    read_options(&o, argc, argv);
    CPU_ZERO(&set);
    CPU_SET((size_t)o.send_core, &set);

    if (sched_setaffinity(0, sizeof(set), &set)) {
        fprintf(stderr, "raw: core %d: %s\n", o.send_core, strerror(errno));
        return 2;
    }

    if (o.json != NULL && (json = fopen(o.json, "w")) == NULL) {
        fprintf(stderr, "raw: %s: %s\n", o.json, strerror(errno));
        return 2;
    }

    sfu_srtp_library_init();

    if (json != NULL) {
        fprintf(json, "{ \"receivers\": %zu, \"payload\": %zu, "
                "\"libsrtp\": \"%s\", \"ways\": [", o.receivers, o.payload,
                sfu_srtp_library_name());
    }

    error = try_all(&o, json);

    if (json != NULL) {
        fprintf(json, "\n] }\n");
        fclose(json);
    }

    sfu_srtp_library_fini();

    return error ? 1 : 0;
}
