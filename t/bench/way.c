/*
 * way.c - seals a publisher's burst for everybody, sends it, and again.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The sender waits for the readers before their buffers are full, and its CPU
 * clock counts only while it seals and sends.  At a pace it rests between
 * bursts: a core that comes out of a rest is slower for a while.
 */

#include "way.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "receive.h"

enum {
    PT = 96,
    SLOT = 2048,
    BATCH = 16,                 /* sealed together where the library likes it */
    UNREAD_MAX = 32,            /* packets a receiver that wait in its buffer */
    DRAIN_TRIES = 200,
    SEND_BUFFER = 8 << 20,
};

struct sender {
    int fd;
    struct seal *seal;          /* borrowed, as all below */
    struct receive *receive;
    const struct way_load *load;
    const struct way *way;
    size_t run;                 /* of this round; 1: sendto() */
    double rest;                /* what whole runs are behind the mean */
    uint64_t index;             /* of the next packet, RFC 3711, 3.3.1 */
    uint8_t payload[WAY_PAYLOAD_MAX];
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
        for (size_t j = 0; j < s->run; j++) {
            uint8_t header[SEAL_HEADER];
            int error;

            write_header(header, s->index + j);
            error = seal_add(s->seal, first + i, header, s->index + j,
                             s->payload, s->load->payload, out);

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
    struct iovec iov = { data, size * s->run };
    struct msghdr msg = {
        .msg_name = (void *)name, .msg_namelen = sizeof(*name),
        .msg_iov = &iov, .msg_iovlen = 1,
    };
    uint16_t segment = (uint16_t)size;
    ssize_t n;

    if (s->run == 1) {
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
    size_t size = SEAL_HEADER + s->load->payload + seal_overhead(s->seal);
    size_t all = s->load->receivers;
    size_t group;
    int error = 0;

    s->rest += s->way->run;
    s->run = (size_t)s->rest;
    s->rest -= (double)s->run;
    group = s->run < BATCH ? BATCH / s->run : 1;

    for (size_t i = 0; i < all && !error; i += group) {
        size_t n = all - i < group ? all - i : group;

        error = seal_runs(s, i, n, size);

        for (size_t j = 0; j < n && !error; j++) {
            error = send_run(s, i + j, s->out + j * s->run * size, size);
        }
    }

    s->index += s->run;

    return error;
}

/* sleeps as a server does until the publisher's next burst */
static void
rest(const struct sender *s, double *due, double until)
{
    struct timespec ts;

    if (s->load->pace <= 0) {
        return;
    }

    *due += (double)s->run / s->load->pace;

    /* what was late is not made up for: that would be another load */
    if (*due < seconds(CLOCK_MONOTONIC)) {
        *due = seconds(CLOCK_MONOTONIC);
        return;
    }

    if (*due > until) {
        *due = until;
    }

    ts.tv_sec = (time_t)*due;
    ts.tv_nsec = (long)((*due - (double)ts.tv_sec) * 1e9);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static int
measure(struct sender *s, struct way_figures *f)
{
    double due = seconds(CLOCK_MONOTONIC);
    double until = due + (double)s->load->milliseconds / 1000;
    uint64_t room = UNREAD_MAX * s->load->receivers;
    uint64_t a_round = (uint64_t)(s->way->run + 1) * s->load->receivers;
    double readers = receive_cpu(s->receive);

    while (seconds(CLOCK_MONOTONIC) < until) {
        double began = seconds(CLOCK_THREAD_CPUTIME_ID);
        int error = send_round(s);

        f->send_cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - began;
        f->sent += s->run * s->load->receivers;

        if (error) {
            return error;
        }

        rest(s, &due, until);

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

int
way_measure(const struct way *way, const struct way_load *load,
            struct way_figures *f)
{
    static struct sender s;
    struct receive_options reader = {
        .gro = way->gro, .awake = load->awake, .core = load->receive_core,
    };
    int bytes = SEND_BUFFER;
    int error;

    memset(&s, 0, sizeof(s));
    s.load = load;
    s.way = way;
    memset(s.payload, 0x5a, sizeof(s.payload));
    s.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (s.fd < 0) {
        return SFU_ERR_SYSTEM;
    }

    (void)setsockopt(s.fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    error = seal_create(&s.seal, way->library, way->profile, load->receivers);

    if (!error) {
        error = receive_create(&s.receive, load->receivers, &reader);
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

int
way_check(enum seal_library library, const struct srtp_profile *profile)
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
