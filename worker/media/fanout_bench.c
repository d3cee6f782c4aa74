/*
 * media/fanout_bench.c - what a media loop costs a forwarded packet.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     fanout_bench [subscribers [seconds]]
 *
 * One publisher as a browser paces it (2.5 Mbit/s, a burst every 5 ms), its
 * packets opened, rewritten and sealed for each subscriber, over loopback.
 * Named beside it, in the same run: the same packets sealed and sent by
 * sendto() in a bare loop, which is the least a server without runs can do.
 */

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "media/command.h"
#include "media/loop.h"
#include "test/client.h"

enum {
    PORT = 21780,
    PT = 96,
    PAYLOAD = 1150,
    PACKETS_A_SECOND = 270,
    BURST = 4,
};

static struct media_settings settings = {
    .socket_buffer = 8 << 20,
    .outbox_slots = 2048,
    .buffers_max = 8192,
    .history_packets = 1024,
    .streams_max = 8,
    .resend_percent = 100,
    .resend_burst = 1 << 20,
    .ring_bytes = 1 << 20,
    .consent_lost = 3600LL * USEC_PER_SEC,
    .consent_expired = 3600LL * USEC_PER_SEC,
    .handshake_time = 30 * USEC_PER_SEC,
    .dtls_rest = 10 * USEC_PER_SEC,
    .source_silent = 3600LL * USEC_PER_SEC,
    .keyframe_interval = 500 * USEC_PER_MS,
    .report_interval = USEC_PER_SEC,
    .transport_cc_interval = 50 * USEC_PER_MS,
};

static struct log quiet = { .fd = 2, .level = LOG_ERROR };
static struct media_loop loop;
static struct mailbox control;
static struct dtls_fingerprint worker_fingerprint;

static void
on_event(struct task *task, void *owner)
{
    struct media_event *event = container_of(task, struct media_event, task);

    (void)owner;
    free(event->figures);
    free(event);
}

static double
cpu_seconds(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);

    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct media_peer_handle *
connect_client(struct client *c, uint64_t session)
{
    struct media_peer_params params = {
        .session = session, .on_event = on_event, .cname = "bench",
    };
    struct dtls_fingerprint fingerprint;
    struct media_peer_handle *peer;

    ice_credentials_make(&params.credentials);
    client_open(c, PORT);
    media_peer_create(&peer, &loop, &params);
    client_fingerprint(c, &fingerprint);
    media_peer_set_remote(peer, false, &fingerprint);
    client_wait(c, NULL, 2);

    /* the first check may have come before the session */
    for (int i = 0; i < 10 && !client_connected(c); i++) {
        client_check(c, params.credentials.ufrag, params.credentials.pwd);

        if (c->dtls == NULL) {
            client_handshake(c, &worker_fingerprint);
        }

        client_wait(c, client_connected, 500);
    }

    if (!client_connected(c)) {
        printf("a client cannot connect\n");
        exit(1);
    }

    return peer;
}

static void
send_packet(struct client *c, uint16_t seq)
{
    uint8_t packet[12 + PAYLOAD] = {
        0x80, PT, (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0, (uint8_t)(seq >> 8),
        (uint8_t)seq, 1, 1, 1, 1, 0x10, 0x00, 0x02, 0x00, 0x9d, 0x01, 0x2a,
    };

    client_send_rtp(c, span_of(packet, sizeof(packet)));
}

/* reads what came without opening it: the generator is not measured */
static size_t
drain(struct client *c)
{
    uint8_t data[2048];
    size_t n = 0;

    while (recv(c->fd, data, sizeof(data), MSG_DONTWAIT) > 0) {
        n += (data[1] & 0x7f) == PT;
    }

    return n;
}

static double
bare_loop(struct client *to, size_t packets)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof(name);
    uint8_t packet[12 + PAYLOAD + SRTP_OVERHEAD_MAX] = { 0x80, PT };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    double began;

    getsockname(to->fd, (struct sockaddr *)&name, &len);
    packet[11] = 9;
    began = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);

    for (size_t i = 0; i < packets; i++) {
        size_t size = 12 + PAYLOAD;

        packet[2] = (uint8_t)(i >> 8);
        packet[3] = (uint8_t)i;
        sfu_srtp_seal(to->out, packet, &size);

        if (sendto(fd, packet, size, 0, (struct sockaddr *)&name, len) < 0) {
            break;
        }
    }

    began = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - began;
    close(fd);

    return began * 1e6 / (double)packets;
}

static void
begin_loop(struct dtls_context *dtls, const struct dtls_certificate *own)
{
    worker_fingerprint = (struct dtls_fingerprint){ .algorithm = "sha-256",
                                                    .len = 32 };

    for (size_t i = 0; i < 32; i++) {
        worker_fingerprint.hash[i] =
            (uint8_t)strtoul(own->fingerprint + 3 * i, NULL, 16);
    }

    address_parse(&settings.bind, "127.0.0.1", PORT);
    mailbox_init(&control);

    if (media_loop_init(&loop, 0, &settings, &quiet, dtls, &control)
        || media_loop_start(&loop)) {
        exit(1);
    }
}

static void
report(int subscribers, int seconds, double cpu, double own, size_t got)
{
    size_t expected = (size_t)subscribers * PACKETS_A_SECOND
                      * (size_t)seconds;
    uint64_t runs = counter_get(&loop.counters.runs_out);
    uint64_t out = counter_get(&loop.counters.packets_out);

    printf("{ \"subscribers\": %d, \"seconds\": %d, \"forwarded\": %zu, "
           "\"lost\": %.4f,\n"
           "  \"loop_us_per_packet\": %.3f, \"packets_per_sendmsg\": %.2f,\n"
           "  \"loop_cpu_percent\": %.1f, \"generator_cpu_percent\": %.1f,\n"
           "  \"profile\": \"SRTP_AEAD_AES_128_GCM\", \"srtp\": \"%s\",\n",
           subscribers, seconds, got,
           1 - (double)got / (double)(expected ? expected : 1),
           cpu * 1e6 / (double)(got ? got : 1),
           (double)out / (double)(runs ? runs : 1), cpu * 100 / seconds,
           own * 100 / seconds, sfu_srtp_library_name());
}

int
main(int argc, char **argv)
{
    int subscribers = argc > 1 ? atoi(argv[1]) : 50;
    int seconds = argc > 2 ? atoi(argv[2]) : 5;
    struct client *clients = calloc((size_t)subscribers + 1, sizeof(*clients));
    struct media_source_handle *source;
    struct media_source_params source_p = {
        .id = 1, .kind = MEDIA_VIDEO, .mid = "v", .format_count = 1,
        .formats = { { CODEC_VP8, PT, MEDIA_PT_NONE, 90000, false, true,
                       false } },
    };
    struct media_sink_params sink_p = { .source = 1, .clock_rate = 90000 };
    struct dtls_certificate certificate;
    struct media_peer_handle *from;
    struct dtls_context *dtls;
    clockid_t loop_clock;
    size_t got = 0;
    uint16_t seq = 0;
    double cpu;
    double own;
    double bare;

    sfu_srtp_library_init();
    dtls_certificate_make(&certificate);
    dtls_context_create(&dtls, &certificate);
    begin_loop(dtls, &certificate);
    from = connect_client(&clients[0], 1);
    rtp_extension_map_init(&source_p.extensions);
    media_source_create(&source, from, &source_p);
    memset(sink_p.pt, MEDIA_PT_NONE, sizeof(sink_p.pt));
    memset(sink_p.rtx_pt, MEDIA_PT_NONE, sizeof(sink_p.rtx_pt));
    sink_p.pt[PT] = PT;
    rtp_extension_map_init(&sink_p.extensions);

    for (int i = 1; i <= subscribers; i++) {
        struct media_peer_handle *to = connect_client(&clients[i],
                                                      (uint64_t)i + 1);
        struct media_sink_handle *sink;

        sink_p.id = (uint64_t)i + 1;
        sink_p.ssrc = (uint32_t)i + 100;
        media_sink_create(&sink, to, &sink_p);
        media_sink_set(sink, &sink_p);
    }

    usleep(200000);
    pthread_getcpuclockid(loop.thread, &loop_clock);
    counter_set(&loop.counters.runs_out, 0);
    counter_set(&loop.counters.packets_out, 0);
    cpu = cpu_seconds(loop_clock);
    own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);

    for (int i = 0; i < seconds * PACKETS_A_SECOND; i += BURST) {
        for (int j = 0; j < BURST; j++) {
            send_packet(&clients[0], seq++);
        }

        usleep(BURST * 1000000 / PACKETS_A_SECOND - 300);

        for (int j = 1; j <= subscribers; j++) {
            got += drain(&clients[j]);
        }
    }

    usleep(100000);

    for (int j = 1; j <= subscribers; j++) {
        got += drain(&clients[j]);
    }

    cpu = cpu_seconds(loop_clock) - cpu;
    own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - own;
    report(subscribers, seconds, cpu, own, got);
    bare = bare_loop(&clients[1], 50000);
    printf("  \"bare_sendto_us_per_packet\": %.3f, \"ratio\": %.2f }\n", bare,
           cpu * 1e6 / (double)(got ? got : 1) / bare);
    media_loop_stop(&loop);

    return 0;
}
