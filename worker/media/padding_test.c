/*
 * media/padding_test.c - packets made equal, so that they leave in one run.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The loop's thread does not run, so that what is in a burst is known.
 */

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/fixture.h"
#include "media/peer.h"

enum {
    PORT = 21733,
    BURST = 4,
    TAG = 16,
    PLAYOUT_ID = 6,
    ABS_SEND_TIME_ID = 3,
};

struct arrival {
    size_t wire;                /* bytes of the datagram */
    size_t payload;             /* and of the payload, once opened */
    bool as_sent;               /* the payload is what was published */
};

static struct media_loop *loop;
static struct media_peer publisher;
static struct media_peer viewer;
static struct media_source source;
static struct media_sink sink;
static struct sfu_srtp *client;
static int receiver;
static uint16_t seq;
static bool playout;            /* a burst's first packet has an extension */
static struct arrival arrivals[BURST];

static void
make_peer(struct media_peer *peer, const struct srtp_key_material *keys)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof(name);
    struct media_peer_params params = { .on_event = fixture_event };
    struct address from;
    struct address to;

    getsockname(receiver, (struct sockaddr *)&name, &len);
    address_parse(&from, "127.0.0.1", 0);
    address_parse(&to, peer == &viewer ? "127.0.0.2" : "127.0.0.3",
                  ntohs(name.sin_port));
    ice_credentials_make(&params.credentials);
    media_peer_init(peer, loop, &params);
    ice_agent_checked(&peer->transport.ice, &peer->transport.ice.current, &to,
                      &from, NULL, true, loop->now);
    srtp_sealer_create(&peer->transport.sealer, loop->srtp, keys);
    srtp_rtcp_sealer_create(&peer->transport.rtcp_sealer, loop->srtp, keys);
    peer->transport.profile = keys->profile;
}

static void
begin(enum media_kind kind, bool rtx)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    struct srtp_key_material keys = {
        .profile = srtp_profile_find(SRTP_PROFILE_AEAD_AES_128_GCM),
    };
    struct media_source_params params;
    struct media_sink_params p;

    fixture_source_params(&params);
    params.kind = kind;
    rtp_extension_map_set(&params.extensions, PLAYOUT_ID,
                          RTP_EXT_PLAYOUT_DELAY);
    fixture_sink_params(&p);
    p.rtx_ssrc = rtx ? SUBSCRIBER_RTX_SSRC : 0;
    receiver = socket(AF_INET, SOCK_DGRAM, 0);
    bind(receiver, (struct sockaddr *)&name, sizeof(name));
    make_peer(&publisher, &keys);
    make_peer(&viewer, &keys);
    sfu_srtp_create(&client, SRTP_RECEIVE, &keys, 8);
    media_source_init(&source, loop, &publisher, &loop->mailbox, &params);
    media_sink_init(&sink, &viewer, &p);
    media_sink_activate(&sink, &p);
    media_sink_attach(&sink, &source);
    counter_set(&loop->counters.runs_out, 0);
}

static void
end(void)
{
    media_sink_fini(&sink);
    media_source_fini(&source);
    media_peer_fini(&publisher);
    media_peer_fini(&viewer);
    sfu_srtp_destroy(client);
    close(receiver);
}

/* four bytes more of extensions, and as many less of payload */
static void
put_playout(uint8_t *bytes)
{
    static const uint8_t block[] = { 0xbe, 0xde, 0, 2, MID_ID << 4, 'v',
                                     PLAYOUT_ID << 4 | 2, 0, 0, 10, 0, 0 };

    memmove(bytes + 24, bytes + 20, 12);
    memcpy(bytes + 12, block, sizeof(block));
}

static void
publish(uint8_t bytes[MEDIA_PACKET_MAX], size_t len, bool first)
{
    struct media_packet packet;

    memset(bytes, 0x5a, len);
    fixture_video(bytes, PUBLISHER_SSRC, seq, true);

    if (first && playout) {
        put_playout(bytes);
    }

    media_source_parse(&source, span_of(bytes, len), &packet);
    packet.seq = 65536 + (uint64_t)seq++;
    media_source_packet(&source, &packet, 0);
}

/* the packet that was published so, and how it came */
static struct arrival
receive(const uint8_t *sent, size_t sent_len)
{
    struct arrival a = { 0 };
    struct rtp_packet out;
    struct rtp_packet in;
    uint8_t data[2048];
    ssize_t n;

    do {
        n = recv(receiver, data, sizeof(data), MSG_DONTWAIT);
    } while (n > 0 && data[1] >= 192 && data[1] <= 223);

    if (n <= 0) {
        return a;
    }

    a.wire = (size_t)n;
    a.payload = a.wire;

    if (sfu_srtp_open(client, data, &a.payload)
        || rtp_packet_parse(&in, span_of(data, a.payload))
        || rtp_packet_unpad(&in)
        || rtp_packet_parse(&out, span_of(sent, sent_len))) {
        return (struct arrival){ 0 };
    }

    a.payload = in.payload.len;
    a.as_sent = span_eq(in.payload, out.payload);

    return a;
}

/* packets of these lengths in one burst; the runs in which they left */
static long long
send_burst(const size_t lens[BURST])
{
    static uint8_t bytes[BURST][MEDIA_PACKET_MAX];
    uint64_t before = counter_get(&loop->counters.runs_out);

    for (int i = 0; i < BURST; i++) {
        publish(bytes[i], lens[i], i == 0);
    }

    burst_run(loop);

    for (int i = 0; i < BURST; i++) {
        arrivals[i] = receive(bytes[i], lens[i]);
    }

    return (long long)(counter_get(&loop->counters.runs_out) - before);
}

static bool
all_as_sent(void)
{
    for (int i = 0; i < BURST; i++) {
        if (!arrivals[i].as_sent) {
            return false;
        }
    }

    return true;
}

/* bytes that were added to a packet; published ones have 8 of extensions */
static long long
added(int i, size_t len)
{
    return (long long)(arrivals[i].wire - TAG) - (long long)(len - 8);
}

static void
test_video(void)
{
    const size_t a_byte[BURST] = { 1000, 1000, 1001, 1001 };
    const size_t last[BURST] = { 1000, 1010, 1010, 600 };
    const size_t far[BURST] = { 1000, 1100, 1000, 1100 };
    const size_t one[BURST] = { 1000, 1019, 1000, 1018 };

    begin(MEDIA_VIDEO, true);
    tap_is_int(send_burst(a_byte), 1, "packets that differ by a byte: a run");
    tap_ok(all_as_sent() && arrivals[0].wire == arrivals[2].wire,
           "as long as the others, with what was published in them");
    tap_is_int(added(0, 1000), 1, "a byte was added");
    tap_is_int(added(2, 1001), 0, "not to the larger ones");

    tap_is_int(send_burst(last), 1, "a short one at the end is of the run");
    tap_is_int(added(3, 600), 0, "and stays short");
    tap_is_int(added(0, 1000), 10, "what is shorter before is not");
    tap_ok(all_as_sent(), "and yet the same");

    tap_is_int(send_burst(far), 3, "what differs too much stays apart");
    tap_ok(all_as_sent() && added(0, 1000) == 0 && added(2, 1000) == 0,
           "and nothing is added");
    tap_is_int(send_burst(one), 1, "just so much is enough");

    fixture.settings.run_padding = 0;
    tap_is_int(send_burst(a_byte), 2, "the setting 0: no padding");
    fixture.settings.run_padding = 2;
    tap_is_int((long long)sink.bytes,
               2 * 4002 + 3620 + 4200 + 4037 - 5 * BURST * 20,
               "reports count payload, not padding");
    end();
}

/* what passes through may be on some packets only, and others are in the way */
static void
test_extensions(void)
{
    const size_t equal[BURST] = { 1000, 1000, 1000, 1000 };
    const size_t a_byte[BURST] = { 1000, 1000, 1001, 1001 };
    struct media_sink_params p;

    playout = true;
    begin(MEDIA_VIDEO, true);
    tap_is_int(send_burst(equal), 1,
               "an extension that is left out is made up for");
    tap_ok(all_as_sent() && added(0, 1000) == 0 && added(1, 1000) == 0,
           "by as much: it came with a smaller payload");

    fixture_sink_params(&p);
    p.rtx_ssrc = SUBSCRIBER_RTX_SSRC;
    rtp_extension_map_set(&p.extensions, MID_ID, RTP_EXT_MID);
    rtp_extension_map_set(&p.extensions, ABS_SEND_TIME_ID,
                          RTP_EXT_ABS_SEND_TIME);
    rtp_extension_map_set(&p.extensions, TRANSPORT_CC_ID,
                          RTP_EXT_TRANSPORT_CC);
    media_sink_activate(&sink, &p);
    tap_is_int(send_burst(a_byte), 1, "extensions that all packets get");

    rtp_extension_map_set(&p.extensions, PLAYOUT_ID, RTP_EXT_PLAYOUT_DELAY);
    media_sink_activate(&sink, &p);
    tap_is_int(send_burst(equal), 1, "one that only the first has");
    tap_is_int(send_burst(a_byte), 1, "and a byte between them");
    tap_ok(all_as_sent() && arrivals[0].wire == arrivals[3].wire, "too");
    playout = false;
    end();
}

static void
test_others(void)
{
    const size_t a_byte[BURST] = { 1000, 1000, 1001, 1001 };

    begin(MEDIA_VIDEO, false);
    tap_is_int(send_burst(a_byte), 2,
               "who is sent the same packet again gets it as it was");
    tap_is_int(added(0, 1000), 0, "nothing is added");
    end();

    begin(MEDIA_AUDIO, true);
    send_burst(a_byte);
    tap_is_int(added(0, 1000), 0, "nor to sound");
    end();
}

int
main(void)
{
    fixture.settings.run_padding = 2;
    fixture.settings.history_packets = 64;
    fixture_make(PORT);
    loop = &fixture.loops[0];
    test_video();
    test_extensions();
    test_others();
    fixture_end();

    return tap_done();
}
