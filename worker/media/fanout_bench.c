/*
 * media/fanout_bench.c - what a media loop costs a forwarded packet.
 * Copyright (C) the ngx_sfu_module authors
 *
 *     fanout_bench [subscribers [seconds [profile [publishers [wait]]]]]
 *
 * Publishers as a browser paces them (2.5 Mbit/s, a burst every 5 ms), their
 * packets opened, rewritten and sealed for each subscriber, over loopback.
 * profile: gcm (as it is without), or sha1.  With several publishers it is a
 * meeting: each of them is sent the others, and "subscribers" more all.
 * wait: microseconds, for the rest of a burst.
 *
 * Named beside it, in the same run: the same packets sealed and sent in bare
 * loops, by sendto(), which is the least a server without runs can do, and in
 * bursts with UDP_SEGMENT to all subscribers, which is the least there is.
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
    BARE_ROUNDS = 150,
    MID_ID = 4,
    ABS_SEND_TIME_ID = 2,
    TRANSPORT_CC_ID = 3,
};

static struct media_settings settings = {
    .socket_buffer = 8 << 20,
    .outbox_slots = 2048,
    .burst_share = 8192,
    .buffers_max = 8192,
    .history_packets = 1024,
    .streams_max = 8,
    .resend_percent = 100,
    .resend_burst = 1 << 20,
    .ring_bytes = 1 << 20,
    .consent_lost = 3600LL * USEC_PER_SEC,
    .consent_expired = 3600LL * USEC_PER_SEC,
    .handshake_time = 30 * USEC_PER_SEC,
    .source_silent = 3600LL * USEC_PER_SEC,
    .keyframe_interval = 500 * USEC_PER_MS,
    .report_interval = USEC_PER_SEC,
    .transport_cc_interval = 50 * USEC_PER_MS,
};

static struct log quiet = { .fd = 2, .level = LOG_ERROR };
static const char *profile = "SRTP_AEAD_AES_128_GCM";
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
    dtls_context_offer_srtp(c->context, profile);
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

/* what leaves in runs can leave no cheaper than so */
struct bare_runs {
    struct client *to;
    int count;
    atomic_bool done;
    size_t packets;
    double cpu;
};

static void *
bare_runs(void *arg)
{
    struct bare_runs *b = arg;
    size_t plain = 12 + 20 + PAYLOAD;
    uint8_t packet[12 + 20 + PAYLOAD] = { 0x80, PT, [11] = 9 };
    struct srtp_key_material keys = {
        .profile = srtp_profile_find(strstr(profile, "SHA1") ? 1 : 7),
    };
    struct srtp_engine *engine;
    struct srtp_sealer *sealer;
    struct udp_socket udp;
    struct address any;
    struct address *addresses = calloc((size_t)b->count, sizeof(*addresses));
    static uint8_t train[64 * 2048];
    uint64_t index = 0;
    double began;

    address_parse(&any, "127.0.0.1", 0);
    udp_open(&udp, &any, 8 << 20);
    srtp_engine_create(&engine, SRTP_BACKEND_BEST);
    srtp_sealer_create(&sealer, engine, &keys);

    for (int i = 0; i < b->count; i++) {
        struct sockaddr_in name;
        socklen_t len = sizeof(name);

        getsockname(b->to[i].fd, (struct sockaddr *)&name, &len);
        address_from_sockaddr(&addresses[i], (struct sockaddr *)&name);
    }

    began = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);

    for (int n = 0; n < BARE_ROUNDS; n++) {
        for (int i = 0; i < b->count; i++) {
            size_t size = plain + srtp_sealer_tag_len(sealer);

            for (int j = 0; j < BURST; j++) {
                memcpy(train + (size_t)j * size, packet, 32);
                srtp_sealer_add(sealer, train + (size_t)j * size, 32,
                                span_of(packet + 32, PAYLOAD), index++);
            }

            srtp_engine_finish(engine);
            udp_send_segments(&udp, &any, &addresses[i], train, BURST * size,
                              size);
            b->packets += BURST;
        }

        usleep(BURST * 1000000 / PACKETS_A_SECOND);
    }

    b->cpu = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - began;
    atomic_store(&b->done, true);
    srtp_sealer_destroy(sealer);
    srtp_engine_destroy(engine);
    udp_close(&udp);
    free(addresses);

    return NULL;
}

static double
measure_bare_runs(struct client *to, int count)
{
    struct bare_runs b = { .to = to, .count = count };
    pthread_t thread;

    pthread_create(&thread, NULL, bare_runs, &b);

    while (!atomic_load(&b.done)) {
        for (int i = 0; i < count; i++) {
            drain(&to[i]);
        }

        usleep(2000);
    }

    pthread_join(thread, NULL);

    return b.cpu * 1e6 / (double)b.packets;
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
report(int subscribers, int publishers, size_t expected, double seconds,
       double cpu, double own, size_t got)
{
    uint64_t runs = counter_get(&loop.counters.runs_out);
    uint64_t out = counter_get(&loop.counters.packets_out);

    printf("{ \"subscribers\": %d, \"publishers\": %d, \"seconds\": %.1f, "
           "\"forwarded\": %zu, \"lost\": %.4f,\n"
           "  \"loop_us_per_packet\": %.3f, \"packets_per_sendmsg\": %.2f,\n"
           "  \"loop_cpu_percent\": %.1f, \"generator_cpu_percent\": %.1f,\n"
           "  \"profile\": \"%s\", \"srtp\": \"%s\",\n",
           subscribers, publishers, seconds, got,
           1 - (double)got / (double)(expected ? expected : 1),
           cpu * 1e6 / (double)(got ? got : 1),
           (double)out / (double)(runs ? runs : 1), cpu * 100 / seconds,
           own * 100 / seconds, profile, srtp_engine_name(loop.srtp));
}

static void
publish(struct media_peer_handle *from, uint64_t id)
{
    struct media_source_handle *source;
    struct media_source_params p = {
        .id = id, .kind = MEDIA_VIDEO, .mid = "v", .format_count = 1,
        .formats = { { CODEC_VP8, PT, MEDIA_PT_NONE, 90000, false, true,
                       false } },
    };

    rtp_extension_map_init(&p.extensions);
    media_source_create(&source, from, &p);
}

/* with the extensions that browsers ask for */
static void
subscribe(struct media_peer_handle *to, uint64_t source)
{
    static uint32_t number;
    struct media_sink_handle *sink;
    struct media_sink_params p = {
        .id = 1000 + ++number, .source = source, .clock_rate = 90000,
        .ssrc = 100 + number,
    };

    snprintf(p.mid, sizeof(p.mid), "%u", 1000 + number);
    memset(p.pt, MEDIA_PT_NONE, sizeof(p.pt));
    memset(p.rtx_pt, MEDIA_PT_NONE, sizeof(p.rtx_pt));
    p.pt[PT] = PT;
    p.rtx_ssrc = 1000000 + number;
    p.rtx_pt[PT] = PT + 1;
    rtp_extension_map_init(&p.extensions);
    rtp_extension_map_set(&p.extensions, MID_ID, RTP_EXT_MID);
    rtp_extension_map_set(&p.extensions, ABS_SEND_TIME_ID,
                          RTP_EXT_ABS_SEND_TIME);
    rtp_extension_map_set(&p.extensions, TRANSPORT_CC_ID,
                          RTP_EXT_TRANSPORT_CC);
    media_sink_create(&sink, to, &p);
    media_sink_set(sink, &p);
}

/* all clients; the first ones publish.  The packets that they received */
static size_t
run_load(struct client *clients, int count, int publishers, int seconds)
{
    size_t got = 0;
    uint16_t seq = 0;

    for (int i = 0; i < seconds * PACKETS_A_SECOND; i += BURST) {
        /* not at once: they know nothing of each other */
        for (int p = 0; p < publishers; p++) {
            for (int j = 0; j < BURST; j++) {
                send_packet(&clients[p], (uint16_t)(seq + j));
            }

            if (publishers > 1) {
                usleep((useconds_t)(BURST * 1000000 / PACKETS_A_SECOND
                                    / publishers - 100));
            }
        }

        seq += BURST;

        if (publishers == 1) {
            usleep(BURST * 1000000 / PACKETS_A_SECOND - 300);
        }

        for (int j = 0; j < count; j++) {
            got += drain(&clients[j]);
        }
    }

    usleep(100000);

    for (int j = 0; j < count; j++) {
        got += drain(&clients[j]);
    }

    return got;
}

int
main(int argc, char **argv)
{
    int subscribers = argc > 1 ? atoi(argv[1]) : 50;
    int seconds = argc > 2 ? atoi(argv[2]) : 5;
    int publishers = argc > 4 ? atoi(argv[4]) : 1;
    int count = subscribers + publishers;
    struct client *clients = calloc((size_t)count, sizeof(*clients));
    struct media_peer_handle **peers = calloc((size_t)count, sizeof(*peers));
    struct dtls_certificate certificate;
    struct dtls_context *dtls;
    clockid_t loop_clock;
    double passed;
    size_t got;
    double cpu;
    double own;
    double bare;
    double per_packet;

    if (argc > 3 && strcmp(argv[3], "sha1") == 0) {
        profile = "SRTP_AES128_CM_SHA1_80";
    }

    settings.burst_wait = argc > 5 ? atoi(argv[5]) : 0;
    sfu_srtp_library_init();
    dtls_certificate_make(&certificate);
    dtls_context_create(&dtls, &certificate);
    begin_loop(dtls, &certificate);

    for (int i = 0; i < count; i++) {
        peers[i] = connect_client(&clients[i], (uint64_t)i + 1);

        if (i < publishers) {
            publish(peers[i], (uint64_t)i + 1);
        }
    }

    for (int i = 0; i < count; i++) {
        for (int p = 0; p < publishers; p++) {
            if (p != i) {
                subscribe(peers[i], (uint64_t)p + 1);
            }
        }
    }

    usleep(200000);
    pthread_getcpuclockid(loop.thread, &loop_clock);
    counter_set(&loop.counters.runs_out, 0);
    counter_set(&loop.counters.packets_out, 0);
    cpu = cpu_seconds(loop_clock);
    own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    passed = cpu_seconds(CLOCK_MONOTONIC);
    got = run_load(clients, count, publishers, seconds);
    passed = cpu_seconds(CLOCK_MONOTONIC) - passed;
    cpu = cpu_seconds(loop_clock) - cpu;
    own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - own;
    report(subscribers, publishers,
           (size_t)((count - 1) * publishers) * BURST
               * (size_t)((seconds * PACKETS_A_SECOND + BURST - 1) / BURST),
           passed, cpu, own, got);
    per_packet = cpu * 1e6 / (double)(got ? got : 1);
    bare = bare_loop(&clients[1], 50000);
    printf("  \"bare_sendto_us_per_packet\": %.3f, \"ratio\": %.2f,\n", bare,
           per_packet / bare);
    bare = measure_bare_runs(clients, count);
    printf("  \"bare_runs_us_per_packet\": %.3f, \"ratio_runs\": %.2f }\n",
           bare, per_packet / bare);
    media_loop_stop(&loop);

    return 0;
}
