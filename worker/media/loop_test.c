/*
 * media/loop_test.c - two loops, and clients that speak ICE, DTLS and SRTP.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/fixture.h"

enum {
    PORT = 21730,
    CC_ID = 3,                  /* extension ids that differ on both sides */
    SUBSCRIBER_MID_ID = 9,
};

static struct media_peer_handle *
connect_client(struct client *c, unsigned loop, uint64_t session)
{
    struct media_peer_params params = {
        .session = session, .on_event = fixture_event, .cname = "test",
    };
    struct dtls_fingerprint fingerprint;
    struct media_peer_handle *peer;
    int before = fixture.connected;

    ice_credentials_make(&params.credentials);
    client_open(c, (uint16_t)(PORT + loop));
    media_peer_create(&peer, &fixture.loops[loop], &params);
    client_fingerprint(c, &fingerprint);
    media_peer_set_remote(peer, false, &fingerprint);
    client_wait(c, NULL, 20);
    client_check(c, params.credentials.ufrag, params.credentials.pwd);
    client_handshake(c, &fixture.fingerprint);
    client_wait(c, client_connected, 3000);
    tap_ok(fixture_wait(&fixture.connected, before + 1, c),
           "session %d connects on loop %u", (int)session, loop);

    return peer;
}

/* a VP8 packet: the first byte of its payload header tells a key frame */
static size_t
video_packet(uint8_t *out, uint16_t seq, bool keyframe)
{
    const uint8_t packet[] = {
        0x90, 0x80 | VIDEO_PT, (uint8_t)(seq >> 8), (uint8_t)seq,
        0, 0, (uint8_t)(seq >> 4), (uint8_t)(seq << 4),
        0x11, 0x11, 0x11, 0x11,
        0xbe, 0xde, 0, 2,
        MID_ID << 4, 'v', CC_ID << 4 | 1, (uint8_t)(seq >> 8), (uint8_t)seq,
        0, 0, 0,
        0x10, keyframe ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a,
        0x40, 0x01, 0xf0, 0x00, (uint8_t)seq,
    };

    memcpy(out, packet, sizeof(packet));

    return sizeof(packet);
}

static void
send_video(struct client *c, uint16_t seq, bool keyframe)
{
    uint8_t packet[64];
    size_t len = video_packet(packet, seq, keyframe);

    client_send_rtp(c, span_of(packet, len));
}

/* what was lost, repaired in a stream of its own (RFC 4588) */
static void
send_repair(struct client *c, uint16_t seq)
{
    uint8_t original[64];
    uint8_t packet[80];
    size_t len = video_packet(original, seq, false);

    /* header and extensions, the original number, the original payload */
    memcpy(packet, original, 24);
    packet[1] = 0x80 | RTX_PT;
    packet[3] = (uint8_t)(seq + 50);
    memset(packet + 8, 0x44, 4);
    packet[24] = (uint8_t)(seq >> 8);
    packet[25] = (uint8_t)seq;
    memcpy(packet + 26, original + 24, len - 24);
    client_send_rtp(c, span_of(packet, len + 2));
}

static void
source_params(struct media_source_params *p)
{
    *p = (struct media_source_params){
        .id = 7, .kind = MEDIA_VIDEO, .mid = "v", .format_count = 1,
        .formats = { { CODEC_VP8, VIDEO_PT, RTX_PT, 90000, true, true,
                       false } },
    };
    rtp_extension_map_init(&p->extensions);
    rtp_extension_map_set(&p->extensions, MID_ID, RTP_EXT_MID);
    rtp_extension_map_set(&p->extensions, CC_ID, RTP_EXT_TRANSPORT_CC);
}

static void
sink_params(struct media_sink_params *p)
{
    *p = (struct media_sink_params){
        .id = 8, .source = 7, .ssrc = SUBSCRIBER_SSRC,
        .rtx_ssrc = SUBSCRIBER_RTX_SSRC, .clock_rate = 90000, .mid = "s",
    };
    memset(p->pt, MEDIA_PT_NONE, sizeof(p->pt));
    memset(p->rtx_pt, MEDIA_PT_NONE, sizeof(p->rtx_pt));
    p->pt[VIDEO_PT] = SUBSCRIBER_PT;
    p->rtx_pt[SUBSCRIBER_PT] = SUBSCRIBER_RTX_PT;
    rtp_extension_map_init(&p->extensions);
    rtp_extension_map_set(&p->extensions, SUBSCRIBER_MID_ID, RTP_EXT_MID);
}

/* of the packets that came: RTP of this payload type */
static size_t
media_packets(const struct client *c, uint8_t pt,
              const struct client_packet *found[])
{
    size_t n = 0;

    for (size_t i = 0; i < c->count; i++) {
        if (!c->packets[i].rtcp && (c->packets[i].data[1] & 0x7f) == pt) {
            found[n++] = &c->packets[i];
        }
    }

    return n;
}

/* how many RTCP packets of this type and format came */
static size_t
rtcp_packets(const struct client *c, uint8_t type, uint8_t format)
{
    size_t n = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct rtcp_compound walk;
        struct rtcp_packet pkt;

        if (!c->packets[i].rtcp) {
            continue;
        }

        walk = rtcp_compound_over(span_of(c->packets[i].data,
                                          c->packets[i].len));

        while (rtcp_compound_next(&walk, &pkt)) {
            n += pkt.type == type && (pkt.count == format || format == 255);
        }
    }

    return n;
}

static void
strangers_hear_nothing(void)
{
    struct client c;
    struct media_peer_params params = { .session = 1, .on_event = fixture_event };
    struct media_peer_handle *peer;
    uint8_t packet[64];
    size_t len = video_packet(packet, 1, true);

    ice_credentials_make(&params.credentials);
    media_peer_create(&peer, &fixture.loops[0], &params);
    client_open(&c, PORT);
    client_check(&c, params.credentials.ufrag, "wrong password of any kind");
    client_check(&c, "nobody", params.credentials.pwd);
    client_handshake(&c, &fixture.fingerprint);
    client_send_raw(&c, span_of(packet, len));
    client_send_raw(&c, span_str("\x00\x01garbage"));
    client_send_raw(&c, span_str("\xff"));
    client_wait(&c, NULL, 200);
    tap_is_int((long long)c.datagrams, 0,
               "an address that proved nothing is sent no byte");
    tap_ok(counter_get(&fixture.loops[0].counters.drops[MEDIA_DROP_no_session]) >= 2,
           "and is counted");

    /* a right check alone is answered, but DTLS waits for SDP's fingerprint */
    client_check(&c, params.credentials.ufrag, params.credentials.pwd);
    client_wait(&c, NULL, 100);
    tap_is_int((long long)c.stun_replies, 1, "a valid check is answered");
    tap_is_int((long long)c.datagrams, 1, "and nothing else is");
    client_close(&c);
    media_peer_destroy(peer);
}

static void
another_certificate_fails(void)
{
    struct media_peer_params params = { .session = 2, .on_event = fixture_event };
    struct media_peer_handle *peer;
    struct dtls_fingerprint wrong;
    struct client c;

    ice_credentials_make(&params.credentials);
    client_open(&c, PORT);
    media_peer_create(&peer, &fixture.loops[0], &params);
    client_fingerprint(&c, &wrong);
    wrong.hash[0] ^= 1;
    media_peer_set_remote(peer, false, &wrong);
    client_wait(&c, NULL, 20);
    client_check(&c, params.credentials.ufrag, params.credentials.pwd);
    client_handshake(&c, &fixture.fingerprint);
    tap_ok(fixture_wait(&fixture.ended, 1, &c), "a session with another "
                                          "certificate than SDP says ends");
    tap_is_int(fixture.end, MEDIA_END_HANDSHAKE, "by its handshake");
    tap_is_int(fixture.connected, 0, "and was never connected");
    client_close(&c);
    media_peer_destroy(peer);
}

/* an answer that is slower than the client's first handshake datagram */
static void
early_handshake_is_kept(void)
{
    struct media_peer_params params = { .session = 3, .on_event = fixture_event };
    struct media_peer_handle *peer;
    struct dtls_fingerprint fingerprint;
    struct client c;
    usec_t began;

    ice_credentials_make(&params.credentials);
    client_open(&c, PORT);
    media_peer_create(&peer, &fixture.loops[0], &params);
    client_wait(&c, NULL, 20);
    client_check(&c, params.credentials.ufrag, params.credentials.pwd);
    client_handshake(&c, &fixture.fingerprint);
    client_wait(&c, NULL, 100);
    client_fingerprint(&c, &fingerprint);
    began = clock_now();
    media_peer_set_remote(peer, false, &fingerprint);
    tap_ok(client_wait(&c, client_connected, 3000), "connects");
    tap_ok(clock_now() - began < 900 * USEC_PER_MS,
           "without waiting for a retransmission");
    tap_ok(fixture_wait(&fixture.connected, 1, &c), "and is told");
    client_close(&c);
    tap_ok(fixture_wait(&fixture.ended, 2, &c), "close_notify ends the session");
    tap_is_int(fixture.end, MEDIA_END_CLOSED, "as closed");
    media_peer_destroy(peer);
}

static void
send_nack(struct client *c, uint16_t seq)
{
    uint8_t buffer[64];
    struct writer w = writer_over(buffer, sizeof(buffer));

    rtcp_nack_write(&w, 1, SUBSCRIBER_SSRC, &seq, 1);
    client_send_rtcp(c, writer_span(&w));
}

static void
send_pli(struct client *c)
{
    uint8_t buffer[64];
    struct writer w = writer_over(buffer, sizeof(buffer));

    rtcp_pli_write(&w, 1, SUBSCRIBER_SSRC);
    client_send_rtcp(c, writer_span(&w));
}

static uint16_t
seq_of(const struct client_packet *p)
{
    return (uint16_t)(p->data[2] << 8 | p->data[3]);
}

static void
check_forwarded(struct client *subscriber, unsigned loop)
{
    const struct client_packet *got[CLIENT_PACKETS];
    size_t n = media_packets(subscriber, SUBSCRIBER_PT, got);
    int in_order = 0;

    if (!tap_is_int((long long)n, 10, "loop %u: all from the key frame on",
                    loop)) {
        return;
    }

    for (size_t i = 0; i < n; i++) {
        in_order += (uint16_t)(seq_of(got[i]) - seq_of(got[0])) == i;
    }

    tap_is_int(in_order, 10, "loop %u: with continuous numbers", loop);
    tap_is_bytes(span_of(got[0]->data + 8, 4), span_str("\x22\x22\x22\x22"),
                 "loop %u: under the subscriber's SSRC", loop);
    tap_is_bytes(span_of(got[0]->data + 12, 8),
                 span_of("\xbe\xde\x00\x01\x90s\x00\x00", 8),
                 "loop %u: with the subscriber's mid and id", loop);
    tap_is_int(got[0]->data[got[0]->len - 1], 103,
               "loop %u: and the publisher's payload", loop);
}

static void
check_resent(struct client *subscriber, unsigned loop)
{
    const struct client_packet *got[CLIENT_PACKETS];
    const struct client_packet *rtx[CLIENT_PACKETS];
    size_t n = media_packets(subscriber, SUBSCRIBER_PT, got);
    uint16_t missing = n > 3 ? seq_of(got[3]) : 0;

    send_nack(subscriber, missing);
    send_nack(subscriber, missing);
    send_nack(subscriber, (uint16_t)(missing + 1000));
    client_wait(subscriber, NULL, 150);

    if (tap_is_int((long long)media_packets(subscriber, SUBSCRIBER_RTX_PT,
                                            rtx),
                   1, "loop %u: a NACK is answered once", loop)) {
        size_t at = rtx[0]->len - 12 - 2;

        tap_is_int(rtx[0]->data[at] << 8 | rtx[0]->data[at + 1], missing,
                   "loop %u: with the original number", loop);
        tap_is_int(rtx[0]->data[rtx[0]->len - 1], 106,
                   "loop %u: and the original payload", loop);
    }
}

static void
check_repaired(struct client *publisher, struct client *subscriber,
               unsigned loop)
{
    const struct client_packet *got[CLIENT_PACKETS];
    size_t before;
    size_t n;

    client_wait(subscriber, NULL, 50);
    before = media_packets(subscriber, SUBSCRIBER_PT, got);
    send_repair(publisher, 115);
    send_repair(publisher, 115);
    send_repair(publisher, 113);
    client_wait(subscriber, NULL, 150);
    n = media_packets(subscriber, SUBSCRIBER_PT, got);

    if (tap_is_int((long long)(n - before), 1,
                   "loop %u: a repaired packet is forwarded once", loop)) {
        tap_is_int((uint16_t)(seq_of(got[n - 1]) - seq_of(got[0])), 12,
                   "loop %u: at its place", loop);
        tap_is_int(got[n - 1]->data[got[n - 1]->len - 1], 115,
                   "loop %u: with its payload", loop);
    }
}

static void
media_flows(unsigned loop)
{
    struct client publisher;
    struct client subscriber;
    struct media_peer_handle *from = connect_client(&publisher, 0, 10);
    struct media_peer_handle *to = connect_client(&subscriber, loop, 11);
    struct media_source_handle *source;
    struct media_source_handle *replica = NULL;
    struct media_sink_handle *sink;
    struct media_source_params source_p;
    struct media_sink_params sink_p;
    size_t plis;

    source_params(&source_p);
    sink_params(&sink_p);
    media_peer_set_extensions(from, &source_p.extensions);
    media_source_create(&source, from, &source_p);
    client_wait(&publisher, NULL, 50);
    fixture.live = 0;
    send_video(&publisher, 100, true);
    tap_ok(fixture_wait(&fixture.live, 1, &publisher), "the track is live");
    tap_is_int(fixture.pt, VIDEO_PT, "with its payload type");

    if (loop != 0) {
        media_replica_create(&replica, source, &fixture.loops[loop]);
    }

    media_sink_create(&sink, to, &sink_p);
    media_sink_set(sink, &sink_p);
    client_wait(&publisher, NULL, 100);
    plis = rtcp_packets(&publisher, RTCP_PSFB, RTCP_PSFB_PLI);
    tap_ok(plis >= 1, "loop %u: a new subscriber wants a key frame", loop);

    send_video(&publisher, 101, false);
    send_video(&publisher, 102, false);
    client_wait(&subscriber, NULL, 20);

    for (uint16_t i = 103; i < 113; i++) {
        send_video(&publisher, i, i == 103);
    }

    client_wait(&subscriber, NULL, 150);
    check_forwarded(&subscriber, loop);
    check_resent(&subscriber, loop);

    client_wait(&publisher, NULL, 300);
    plis = rtcp_packets(&publisher, RTCP_PSFB, RTCP_PSFB_PLI);

    for (int i = 0; i < 20; i++) {
        send_pli(&subscriber);
    }

    client_wait(&publisher, NULL, 600);
    plis = rtcp_packets(&publisher, RTCP_PSFB, RTCP_PSFB_PLI) - plis;
    tap_ok(plis >= 1 && plis <= 3, "loop %u: 20 requests at once become %zu",
           loop, plis);

    /* 114 to 116 are lost on the way to us */
    send_video(&publisher, 113, false);
    send_video(&publisher, 117, false);
    client_wait(&publisher, NULL, 100);
    tap_ok(rtcp_packets(&publisher, RTCP_RTPFB, RTCP_RTPFB_NACK) >= 1,
           "loop %u: what is missing is asked for", loop);
    tap_ok(rtcp_packets(&publisher, RTCP_RTPFB, RTCP_RTPFB_TRANSPORT_CC) >= 1,
           "loop %u: arrivals are told", loop);
    check_repaired(&publisher, &subscriber, loop);
    client_wait(&subscriber, NULL, 200);
    tap_ok(rtcp_packets(&publisher, RTCP_RR, 255) >= 1,
           "loop %u: the publisher gets receiver reports", loop);
    tap_ok(rtcp_packets(&subscriber, RTCP_SR, 255) >= 1,
           "loop %u: the subscriber gets sender reports", loop);

    media_sink_destroy(sink);
    media_replica_destroy(replica);
    media_source_destroy(source);
    client_close(&publisher);
    client_close(&subscriber);
    media_peer_destroy(from);
    media_peer_destroy(to);
}

/* the publisher goes first, and its subscribers must not notice but by silence */
static void
any_order_of_ends(void)
{
    struct client publisher;
    struct client subscriber;
    struct media_peer_handle *from = connect_client(&publisher, 0, 12);
    struct media_peer_handle *to = connect_client(&subscriber, 1, 13);
    struct media_source_handle *source;
    struct media_source_handle *replica;
    struct media_sink_handle *sink;
    struct media_source_params source_p;
    struct media_sink_params sink_p;

    source_params(&source_p);
    sink_params(&sink_p);
    media_source_create(&source, from, &source_p);
    media_replica_create(&replica, source, &fixture.loops[1]);
    media_sink_create(&sink, to, &sink_p);
    media_sink_set(sink, &sink_p);

    for (uint16_t i = 0; i < 50; i++) {
        send_video(&publisher, i, i % 10 == 0);
    }

    media_source_destroy(source);
    media_peer_destroy(from);
    client_wait(&subscriber, NULL, 50);
    send_pli(&subscriber);
    client_wait(&subscriber, NULL, 50);
    media_replica_destroy(replica);
    client_wait(&subscriber, NULL, 20);
    media_sink_destroy(sink);
    media_peer_destroy(to);
    client_close(&publisher);
    client_close(&subscriber);
    tap_ok(true, "a publisher may end before its subscribers");
}

static void
nothing_is_left(void)
{
    struct client c;
    int left = 1;

    client_open(&c, PORT);

    for (int i = 0; i < 50 && left; i++) {
        left = 0;
        client_wait(&c, NULL, 20);

        for (int j = 0; j < FIXTURE_LOOPS; j++) {
            left += (int)counter_get(&fixture.loops[j].counters.transports)
                    + (int)counter_get(&fixture.loops[j].counters.buffers);
        }
    }

    tap_is_int(left, 0, "no transport and no buffer is left");
    client_close(&c);
}

int
main(void)
{
    fixture_begin(PORT);
    strangers_hear_nothing();
    another_certificate_fails();
    early_handshake_is_kept();
    media_flows(0);
    media_flows(1);
    any_order_of_ends();
    nothing_is_left();
    fixture_end();

    return tap_done();
}
