/*
 * media/loops_bench.c - what a second media loop brings.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     loops_bench [viewers [seconds]]
 *
 * One publisher, and as many packets as the loops can send: all its viewers on
 * one loop, then half of them on another, each loop on a core of its own.
 * There is no core left for viewers, so their sockets have a filter that throws
 * everything away: the kernel brings each packet there, and wakes nobody up.
 * The publisher shares a core with a loop where there are two.
 */

#include <linux/filter.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/fixture.h"

enum {
    PORT = 21790,
    BURST = 4,                  /* packets that a browser's pacer sends at once */
    /* bursts that wait: so many that no loop is idle, and none too many */
    AHEAD = 4,
    BEHIND = 50,
    PAYLOAD = 1150,
    ROUNDS = 3,
    POLL = 400,                 /* microseconds */
    SETTLE = 300 * 1000,
};

static struct client publisher;
static struct client *viewers;
static struct media_sink_handle **sinks;
static struct media_peer_handle **peers;
static int count;

static uint64_t
packets_out(int loop)
{
    return counter_get(&fixture.loops[loop].counters.packets_out);
}

static double
thread_seconds(const struct media_loop *loop)
{
    clockid_t clock;
    struct timespec ts;

    pthread_getcpuclockid(loop->thread, &clock);
    clock_gettime(clock, &ts);

    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
pin(pthread_t thread, int core)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(thread, sizeof(set), &set);
}

static struct media_peer_handle *
connect_to(struct client *c, unsigned loop)
{
    struct media_peer_handle *peer = fixture_peer(c, loop);

    for (int i = 0; i < 10 && !client_connected(c); i++) {
        fixture_check(c);

        if (c->dtls == NULL) {
            client_handshake(c, &fixture.fingerprint);
        }

        client_wait(c, client_connected, 500);
    }

    if (!client_connected(c)) {
        fprintf(stderr, "a client cannot connect\n");
        exit(1);
    }

    fixture_listen();

    return peer;
}

static void
throw_away(int fd)
{
    struct sock_filter nothing[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
    struct sock_fprog program = { 1, nothing };

    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                   sizeof(program)) == -1) {
        perror("SO_ATTACH_FILTER");
        exit(1);
    }
}

/* every second viewer's loop is the second one, if there are two */
static void
join(int loops)
{
    for (int i = 0; i < count; i++) {
        struct media_sink_params p;

        fixture_sink_params(&p);
        p.id = (uint64_t)(100 + i);
        p.ssrc = (uint32_t)(1000 + i);
        p.rtx_ssrc = (uint32_t)(1000000 + i);
        peers[i] = connect_to(&viewers[i], (unsigned)(i % loops));
        throw_away(viewers[i].fd);
        media_sink_create(&sinks[i], peers[i], &p);
        media_sink_set(sinks[i], &p);
    }
}

static void
leave(void)
{
    for (int i = 0; i < count; i++) {
        media_sink_destroy(sinks[i]);
        media_peer_destroy(peers[i]);
        client_close(&viewers[i]);
    }
}

static void
send_burst(void)
{
    static uint16_t seq;
    uint8_t packet[64 + PAYLOAD] = { 0 };

    for (int i = 0; i < BURST; i++, seq++) {
        /* who joins begins with a key frame, and each burst is one */
        fixture_video(packet, PUBLISHER_SSRC, seq, i == 0);
        client_send_rtp(&publisher, span_of(packet, 32 + PAYLOAD));
    }
}

/* bursts that a loop has sent to its viewers, since it had sent that much */
static uint64_t
bursts_out(int loop, int loops, uint64_t before)
{
    return (packets_out(loop) - before) / (uint64_t)(BURST * count / loops);
}

/* packets a second */
static double
measure(int loops, int seconds, double *cpu)
{
    uint64_t before[FIXTURE_LOOPS] = { packets_out(0), packets_out(1) };
    uint64_t sent = 0;
    usec_t began = clock_now();
    usec_t passed;
    uint64_t packets = 0;

    *cpu = 0;

    for (int i = 0; i < loops; i++) {
        *cpu -= thread_seconds(&fixture.loops[i]);
    }

    while ((passed = clock_now() - began) < (usec_t)seconds * USEC_PER_SEC) {
        uint64_t first = bursts_out(0, loops, before[0]);
        uint64_t last = bursts_out(loops - 1, loops, before[loops - 1]);
        uint64_t slow = first < last ? first : last;
        uint64_t quick = first < last ? last : first;

        if (sent < quick + AHEAD && sent < slow + BEHIND) {
            send_burst();
            sent++;
        } else {
            usleep(POLL);
        }
    }

    for (int i = 0; i < loops; i++) {
        *cpu += thread_seconds(&fixture.loops[i]);
        packets += packets_out(i) - before[i];
    }

    return (double)packets * USEC_PER_SEC / (double)passed;
}

static double
run(int loops, int seconds)
{
    double cpu;
    double rate;

    join(loops);
    usleep(SETTLE);
    rate = measure(loops, seconds, &cpu);
    printf("%d loop%s: %.0f packets/s, %.3f us of a loop each, %.0f %% of "
           "%s\n", loops, loops > 1 ? "s" : "", rate,
           cpu * 1e6 / (rate * seconds), 100 * cpu / (seconds * loops),
           loops > 1 ? "their cores" : "its core");
    leave();
    usleep(SETTLE);

    return rate;
}

int
main(int argc, char **argv)
{
    int seconds = argc > 2 ? atoi(argv[2]) : 3;
    struct media_settings *s = &fixture.settings;
    struct media_source_handle *source;
    struct media_source_handle *replica;
    struct media_source_params p;
    struct media_peer_handle *from;

    count = argc > 1 ? atoi(argv[1]) : 500;
    viewers = calloc((size_t)count, sizeof(*viewers));
    sinks = calloc((size_t)count, sizeof(*sinks));
    peers = calloc((size_t)count, sizeof(*peers));
    s->socket_buffer = 8 << 20;
    s->outbox_slots = 2048;
    s->burst_share = 8192;
    s->buffers_max = 65536;
    s->ring_bytes = 4 << 20;
    s->report_interval = USEC_PER_SEC;
    s->consent_lost = s->consent_expired = 3600LL * USEC_PER_SEC;
    fixture_begin(PORT);
    pin(fixture.loops[0].thread, 0);
    pin(fixture.loops[1].thread, 1);
    media_loop_connect(&fixture.loops[0], &fixture.loops[1]);
    media_loop_connect(&fixture.loops[1], &fixture.loops[0]);

    from = connect_to(&publisher, 0);
    fixture_source_params(&p);
    media_peer_set_extensions(from, &p.extensions);
    media_source_create(&source, from, &p);
    media_replica_create(&replica, source, &fixture.loops[1]);

    for (int i = 0; i < ROUNDS; i++) {
        double one = run(1, seconds);
        double two = run(2, seconds);

        printf("two loops send %.2f times what one does, with %d viewers\n",
               two / one, count);
    }

    return 0;
}
