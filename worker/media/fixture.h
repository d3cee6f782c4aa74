/*
 * media/fixture.h - two loops with clients, for tests of one behaviour each.
 * Copyright (C) the ngx_sfu_module authors
 *
 * fixture_begin() before, fixture_end() after; settings may be changed first.
 */

#ifndef SFU_MEDIA_FIXTURE_H
#define SFU_MEDIA_FIXTURE_H

#include <stdlib.h>

#include "media/command.h"
#include "media/loop.h"
#include "rtcp/compound.h"
#include "rtcp/feedback.h"
#include "test/client.h"
#include "test/tap.h"

enum {
    FIXTURE_LOOPS = 2,
    VIDEO_PT = 96,
    RTX_PT = 97,
    SUBSCRIBER_PT = 120,
    SUBSCRIBER_RTX_PT = 121,
    PUBLISHER_SSRC = 0x11111111,
    PUBLISHER_RTX_SSRC = 0x44444444,
    SUBSCRIBER_SSRC = 0x22222222,
    SUBSCRIBER_RTX_SSRC = 0x33333333,
    MID_ID = 4,
    TRANSPORT_CC_ID = 5,
    SOURCE = 7,
    SINK = 8,
};

struct fixture {
    struct media_settings settings;
    struct log log;
    struct media_loop loops[FIXTURE_LOOPS];
    struct mailbox control;
    struct dtls_certificate certificate;
    struct dtls_context *dtls;
    struct dtls_fingerprint fingerprint;
    struct media_peer_params params;    /* of the peer made last */

    /* what the control thread heard */
    int connected;
    int consent_lost;
    int ended;
    enum media_end end;
    int live;
    uint8_t pt;                         /* of what went live last */
};

static struct fixture fixture = {
    .settings = {
        .tcp = true,
        .tcp_limits = { 32, 16, 300 * USEC_PER_MS, 65536 },
        .socket_buffer = 1 << 20,
        .outbox_slots = 64,
        .burst_share = 64,
        .buffers_max = 4096,
        .history_packets = 256,
        .streams_max = 8,
        .resend_percent = 100,
        .resend_burst = 1 << 20,
        .ring_bytes = 1 << 20,
        .consent_lost = 8 * USEC_PER_SEC,
        .consent_expired = 30 * USEC_PER_SEC,
        .handshake_time = 10 * USEC_PER_SEC,
        .source_silent = 30 * USEC_PER_SEC,
        .keyframe_interval = 200 * USEC_PER_MS,
        .report_interval = 100 * USEC_PER_MS,
        .transport_cc_interval = 20 * USEC_PER_MS,
    },
    .log = { .fd = 2, .level = LOG_ERROR },
};

static inline void
fixture_event(struct task *task, void *owner)
{
    struct media_event *event = container_of(task, struct media_event, task);

    if (owner != NULL) {
        fixture.connected += event->type == MEDIA_EVENT_CONNECTED;
        fixture.consent_lost += event->type == MEDIA_EVENT_CONSENT_LOST;
        fixture.ended += event->type == MEDIA_EVENT_ENDED;
        fixture.live += event->type == MEDIA_EVENT_SOURCE_LIVE;

        if (event->type == MEDIA_EVENT_ENDED) {
            fixture.end = event->end;
        } else if (event->type == MEDIA_EVENT_SOURCE_LIVE) {
            fixture.pt = event->pt;
        }
    }

    free(event->figures);
    free(event);
}

static inline void
fixture_listen(void)
{
    struct list tasks;

    mailbox_take(&fixture.control, &tasks);
    mailbox_run(&tasks, &fixture.control);
}

/* up to two seconds */
static inline bool
fixture_wait(const int *count, int expected, struct client *c)
{
    for (int i = 0; i < 200; i++) {
        fixture_listen();

        if (*count >= expected) {
            return true;
        }

        client_wait(c, NULL, 10);
    }

    return false;
}

/* all but the threads */
static inline void
fixture_make(uint16_t port)
{
    struct fixture *f = &fixture;

    sfu_srtp_library_init();
    dtls_certificate_make(&f->certificate);
    dtls_context_create(&f->dtls, &f->certificate);
    f->fingerprint = (struct dtls_fingerprint){ .algorithm = "sha-256",
                                                .len = 32 };

    for (size_t i = 0; i < 32; i++) {
        f->fingerprint.hash[i] =
            (uint8_t)strtoul(f->certificate.fingerprint + 3 * i, NULL, 16);
    }

    address_parse(&f->settings.bind, "127.0.0.1", port);
    mailbox_init(&f->control);

    for (unsigned i = 0; i < FIXTURE_LOOPS; i++) {
        if (media_loop_init(&f->loops[i], i, &f->settings, &f->log, f->dtls,
                            &f->control)) {
            printf("Bail out! no loop\n");
            exit(1);
        }
    }
}

static inline void
fixture_begin(uint16_t port)
{
    fixture_make(port);

    for (unsigned i = 0; i < FIXTURE_LOOPS; i++) {
        media_loop_start(&fixture.loops[i]);
    }
}

static inline void
fixture_end(void)
{
    struct fixture *f = &fixture;

    for (int i = 0; i < FIXTURE_LOOPS; i++) {
        media_loop_stop(&f->loops[i]);
    }

    for (int i = 0; i < FIXTURE_LOOPS; i++) {
        media_loop_drain(&f->loops[i]);
    }

    for (int i = 0; i < FIXTURE_LOOPS; i++) {
        tap_is_int((long long)counter_get(&f->loops[i].counters.buffers), 0,
                   "loop %d: no buffer is left", i);
        media_loop_fini(&f->loops[i]);
    }

    fixture_listen();
    mailbox_fini(&f->control);
    dtls_context_destroy(f->dtls);
    dtls_certificate_fini(&f->certificate);
    sfu_srtp_library_fini();
}

/* a peer whose client has not been heard of yet; see fixture.params */
static inline struct media_peer_handle *
fixture_peer(struct client *c, unsigned loop)
{
    static uint64_t session;
    struct media_peer_handle *peer = NULL;
    struct dtls_fingerprint fingerprint;

    fixture.params = (struct media_peer_params){
        .session = ++session, .on_event = fixture_event, .cname = "test",
    };
    ice_credentials_make(&fixture.params.credentials);
    client_open(c, media_loop_port(&fixture.loops[loop]));
    media_peer_create(&peer, &fixture.loops[loop], &fixture.params);
    client_fingerprint(c, &fingerprint);
    media_peer_set_remote(peer, false, &fingerprint);
    client_wait(c, NULL, 20);

    return peer;
}

static inline void
fixture_check(struct client *c)
{
    client_check(c, fixture.params.credentials.ufrag,
                 fixture.params.credentials.pwd);
}

static inline struct media_peer_handle *
fixture_connect(struct client *c, unsigned loop)
{
    struct media_peer_handle *peer = fixture_peer(c, loop);
    int before = fixture.connected;

    fixture_check(c);
    client_handshake(c, &fixture.fingerprint);
    client_wait(c, client_connected, 3000);
    tap_ok(fixture_wait(&fixture.connected, before + 1, c),
           "a client connects");

    return peer;
}

static inline void
fixture_source_params(struct media_source_params *p)
{
    *p = (struct media_source_params){
        .id = SOURCE, .kind = MEDIA_VIDEO, .mid = "v", .format_count = 1,
        .formats = { { CODEC_VP8, VIDEO_PT, RTX_PT, 90000, true, true,
                       false } },
    };
    rtp_extension_map_init(&p->extensions);
    rtp_extension_map_set(&p->extensions, MID_ID, RTP_EXT_MID);
}

static inline void
fixture_sink_params(struct media_sink_params *p)
{
    *p = (struct media_sink_params){
        .id = SINK, .source = SOURCE, .ssrc = SUBSCRIBER_SSRC,
        .rtx_ssrc = SUBSCRIBER_RTX_SSRC, .clock_rate = 90000, .mid = "s",
    };
    memset(p->pt, MEDIA_PT_NONE, sizeof(p->pt));
    memset(p->rtx_pt, MEDIA_PT_NONE, sizeof(p->rtx_pt));
    p->pt[VIDEO_PT] = SUBSCRIBER_PT;
    p->rtx_pt[SUBSCRIBER_PT] = SUBSCRIBER_RTX_PT;
    rtp_extension_map_init(&p->extensions);
}

/* a VP8 packet with its mid; the last byte is the number's low one */
static inline size_t
fixture_video(uint8_t out[64], uint32_t ssrc, uint16_t seq, bool keyframe)
{
    const uint8_t packet[] = {
        0x90, 0x80 | VIDEO_PT, (uint8_t)(seq >> 8), (uint8_t)seq,
        0, 0, (uint8_t)(seq >> 4), (uint8_t)(seq << 4),
        (uint8_t)(ssrc >> 24), (uint8_t)(ssrc >> 16), (uint8_t)(ssrc >> 8),
        (uint8_t)ssrc,
        0xbe, 0xde, 0, 1, MID_ID << 4, 'v', 0, 0,
        0x10, keyframe ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a,
        0x40, 0x01, 0xf0, 0x00, (uint8_t)seq,
    };

    memcpy(out, packet, sizeof(packet));

    return sizeof(packet);
}

static inline void
fixture_send(struct client *c, uint16_t seq, bool keyframe)
{
    uint8_t packet[64];
    size_t len = fixture_video(packet, PUBLISHER_SSRC, seq, keyframe);

    client_send_rtp(c, span_of(packet, len));
}

/* the same packet as a repair (RFC 4588), with the given last byte */
static inline void
fixture_repair(struct client *c, uint16_t rtx_seq, uint16_t seq, uint8_t last)
{
    uint8_t packet[64];
    size_t len = fixture_video(packet, PUBLISHER_RTX_SSRC, seq, false);

    memmove(packet + 22, packet + 20, len - 20);
    packet[1] = 0x80 | RTX_PT;
    packet[2] = (uint8_t)(rtx_seq >> 8);
    packet[3] = (uint8_t)rtx_seq;
    packet[20] = (uint8_t)(seq >> 8);
    packet[21] = (uint8_t)seq;
    packet[len + 1] = last;
    client_send_rtp(c, span_of(packet, len + 2));
}

static inline void
fixture_nack(struct client *c, const uint16_t *seqs, size_t count)
{
    uint8_t buffer[1200];
    struct writer w = writer_over(buffer, sizeof(buffer));

    rtcp_nack_write(&w, 1, SUBSCRIBER_SSRC, seqs, count);
    client_send_rtcp(c, writer_span(&w));
}

/* RTP packets of this payload type, in the order in which they came */
static inline size_t
fixture_got(const struct client *c, uint8_t pt,
            const struct client_packet *found[CLIENT_PACKETS])
{
    size_t n = 0;

    for (size_t i = 0; i < c->count; i++) {
        if (!c->packets[i].rtcp && (c->packets[i].data[1] & 0x7f) == pt) {
            found[n++] = &c->packets[i];
        }
    }

    return n;
}

static inline uint16_t
fixture_seq(const struct client_packet *p)
{
    return (uint16_t)(p->data[2] << 8 | p->data[3]);
}

/* a publisher, a subscriber, and what is between them, on loop 0 */
struct fixture_call {
    struct client publisher;
    struct client subscriber;
    struct media_peer_handle *from;
    struct media_peer_handle *to;
    struct media_source_handle *source;
    struct media_sink_handle *sink;
};

static inline void
fixture_call(struct fixture_call *call, const struct media_sink_params *sink)
{
    struct media_source_params params;

    call->from = fixture_connect(&call->publisher, 0);
    call->to = fixture_connect(&call->subscriber, 0);
    fixture_source_params(&params);
    media_peer_set_extensions(call->from, &params.extensions);
    media_source_create(&call->source, call->from, &params);
    media_sink_create(&call->sink, call->to, sink);
    media_sink_set(call->sink, sink);
    client_wait(&call->publisher, NULL, 50);
}

static inline void
fixture_hang_up(struct fixture_call *call)
{
    media_sink_destroy(call->sink);
    media_source_destroy(call->source);
    media_peer_destroy(call->from);
    media_peer_destroy(call->to);
    client_close(&call->publisher);
    client_close(&call->subscriber);
}

#endif
