/*
 * media/burst_test.c - who is sent what first, and how much of it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The loop's thread does not run, so that what is in a burst is known.  One
 * socket has all subscribers' addresses, and packets are told by their SSRC in
 * the order in which they leave.
 */

#include "media/resend.h"
#include "media/fixture.h"
#include "media/peer.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PORT = 21732,
    PEERS = 4,
    AUDIO_PT = 111,
    PACKETS = 40,
};

static struct media_loop *loop;
static struct media_peer publisher;
static struct media_peer viewers[PEERS];
static struct media_source video;
static struct media_source other;       /* video with one viewer */
static struct media_source audio;
static struct media_sink sinks[PEERS + 2];
static size_t sink_count;
static int receiver;

static const struct srtp_profile *
profile(void)
{
    return srtp_profile_find(SRTP_PROFILE_AEAD_AES_128_GCM);
}

/* as if it had proved its address and shaken hands */
static void
make_peer(struct media_peer *peer, const struct address *to)
{
    struct srtp_key_material keys = { .profile = profile() };
    struct media_peer_params params = { .on_event = fixture_event };
    struct address from;

    ice_credentials_make(&params.credentials);
    media_peer_init(peer, loop, &params);
    address_parse(&from, "127.0.0.1", 0);
    ice_agent_checked(&peer->transport.ice, &peer->transport.ice.current, to,
                      &from, NULL, true, loop->now);
    srtp_sealer_create(&peer->transport.sealer, loop->srtp, &keys);
    srtp_rtcp_sealer_create(&peer->transport.rtcp_sealer, loop->srtp, &keys);
    peer->transport.profile = keys.profile;
}

static void
make_source(struct media_source *source, uint64_t id, enum media_kind kind)
{
    struct media_source_params p = {
        .id = id, .kind = kind, .format_count = 1,
        .formats = { { CODEC_VP8, VIDEO_PT, MEDIA_PT_NONE, 90000, false,
                       false, false } },
    };

    if (kind == MEDIA_AUDIO) {
        p.formats[0] = (struct media_format){ CODEC_OPUS, AUDIO_PT,
                                              MEDIA_PT_NONE, 48000, false,
                                              false, false };
    }

    rtp_extension_map_init(&p.extensions);
    media_source_init(source, loop, &publisher, &loop->mailbox, &p);
}

/* its SSRC is the source's id in the first digit, the peer's in the second */
static void
follow(struct media_source *source, size_t peer)
{
    struct media_sink_params p = {
        .id = sink_count + 1, .source = source->params.id,
        .ssrc = (uint32_t)(source->params.id * 16 + peer),
        .clock_rate = 90000,
    };
    struct media_sink *sink = &sinks[sink_count++];

    memset(p.pt, MEDIA_PT_NONE, sizeof(p.pt));
    memset(p.rtx_pt, MEDIA_PT_NONE, sizeof(p.rtx_pt));
    p.pt[VIDEO_PT] = VIDEO_PT;
    p.pt[AUDIO_PT] = AUDIO_PT;
    rtp_extension_map_init(&p.extensions);
    media_sink_init(sink, &viewers[peer], &p);
    media_sink_activate(sink, &p);
    media_sink_attach(sink, source);
}

static void
send_one(struct media_source *source, uint16_t seq)
{
    /* each stays where it is until the burst was run */
    static uint8_t packets[1024][64];
    uint8_t *bytes = packets[seq % 1024];
    size_t len = fixture_video(bytes, PUBLISHER_SSRC, seq, seq == 0);
    struct media_packet packet;

    if (source == &audio) {
        bytes[1] = AUDIO_PT;
    }

    media_source_parse(source, span_of(bytes, len), &packet);
    packet.seq = 65536 + (uint64_t)seq;
    media_source_packet(source, &packet, 0);
}

/* SSRCs in the order in which their packets came, each run of them once */
static const char *
arrived(size_t *count)
{
    static char text[1024];
    uint8_t data[2048];
    uint8_t last = 0;
    size_t at = 0;

    text[0] = '\0';
    *count = 0;

    while (recv(receiver, data, sizeof(data), MSG_DONTWAIT) > 12) {
        /* key frames are asked for as well */
        if (data[1] >= 192 && data[1] <= 223) {
            continue;
        }

        ++*count;

        if (data[11] != last) {
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%02x",
                                   at ? " " : "", data[11]);
            last = data[11];
        }
    }

    return text;
}

static void
begin(void)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof(name);
    struct address to;

    fixture_make(PORT);
    loop = &fixture.loops[0];
    receiver = socket(AF_INET, SOCK_DGRAM, 0);
    bind(receiver, (struct sockaddr *)&name, sizeof(name));
    getsockname(receiver, (struct sockaddr *)&name, &len);
    address_parse(&to, "127.0.0.9", ntohs(name.sin_port));
    make_peer(&publisher, &to);

    for (size_t i = 0; i < PEERS; i++) {
        char ip[16];

        snprintf(ip, sizeof(ip), "127.0.0.%zu", 10 + i);
        address_parse(&to, ip, ntohs(name.sin_port));
        make_peer(&viewers[i], &to);
    }

    make_source(&video, 1, MEDIA_VIDEO);
    make_source(&other, 2, MEDIA_VIDEO);
    make_source(&audio, 3, MEDIA_AUDIO);

    for (size_t i = 0; i < PEERS; i++) {
        follow(&video, i);
    }

    follow(&other, 2);
    follow(&audio, 1);
}

static void
end(void)
{
    for (size_t i = 0; i < sink_count; i++) {
        media_sink_fini(&sinks[i]);
    }

    media_source_fini(&video);
    media_source_fini(&other);
    media_source_fini(&audio);
    media_peer_fini(&publisher);

    for (size_t i = 0; i < PEERS; i++) {
        media_peer_fini(&viewers[i]);
    }

    close(receiver);
    fixture_end();
}

static void
test_order(void)
{
    size_t count;

    /* pictures first, and sound last, and one viewer between */
    send_one(&video, 0);
    send_one(&other, 0);
    send_one(&audio, 0);
    send_one(&video, 1);
    send_one(&audio, 1);
    tap_is_str(arrived(&count), "", "nothing leaves before the burst is run");
    burst_run(loop);
    tap_is_str(arrived(&count), "11 31 12 22 10 13",
               "who gets sound, then few viewers, then many; all of a viewer "
               "at once, its sound last");
    tap_is_int((long long)count, 2 + 1 + 4 * 2, "all of it");
    burst_run(loop);
    tap_is_str(arrived(&count), "", "and once");
}

static void
test_gone_viewer(void)
{
    size_t count;

    send_one(&video, 2);
    media_transport_end(&viewers[1].transport, MEDIA_END_CLOSED);
    burst_run(loop);
    tap_is_str(arrived(&count), "10 12 13",
               "a viewer that left meanwhile is passed over");
    viewers[1].transport.end = MEDIA_END_NONE;
}

/* more than its share, and the others do not notice */
static void
test_share(void)
{
    counter_t *limit = &loop->counters.drops[MEDIA_DROP_source_limit];
    size_t count;
    size_t all = 0;
    int runs = 0;

    for (uint16_t i = 0; i < PACKETS; i++) {
        send_one(&video, (uint16_t)(3 + i));
    }

    send_one(&other, 1);
    burst_run(loop);
    arrived(&count);
    tap_is_int((long long)count, 4 * MEDIA_BURST_SHARE_MIN + 1,
               "a source has its share, another one all it has");
    tap_ok(burst_waits(loop), "the rest waits");

    /* what comes meanwhile comes behind it */
    send_one(&video, 3 + PACKETS);
    all = count - 1;

    while (burst_waits(loop) && runs < 10) {
        burst_run(loop);
        arrived(&count);
        all += count;
        runs++;
    }

    tap_is_int(runs, 2, "for two more bursts");
    tap_is_int((long long)all, 4 * (PACKETS + 1), "all of it is sent");
    tap_is_int((long long)counter_get(limit), 0, "nothing is lost");
    tap_is_int((long long)sinks[0].rewrite.next_in, 65536 + 3 + PACKETS + 1,
               "in the order of its numbers");
}

static void
test_age(void)
{
    counter_t *limit = &loop->counters.drops[MEDIA_DROP_source_limit];
    size_t count;

    for (size_t i = 0; i < MEDIA_BURST_SHARE_MIN + 3; i++) {
        send_one(&video, (uint16_t)(500 + i));
    }

    loop->now += MEDIA_BACKLOG_AGE + 1;
    send_one(&video, 500 + MEDIA_BURST_SHARE_MIN + 3);
    burst_run(loop);
    arrived(&count);
    tap_is_int((long long)count, 4 * MEDIA_BURST_SHARE_MIN, "a share is sent");
    burst_run(loop);
    arrived(&count);
    tap_ok(count == 4 && !burst_waits(loop),
           "and after a second what is new, without what waited so long");
    tap_is_int((long long)counter_get(limit), 3, "which is counted");
    counter_set(limit, 0);
}

/* what was asked for again must not add to what cannot be sent in time */
static void
test_resends(void)
{
    counter_t *limit = &loop->counters.drops[MEDIA_DROP_resend_limit];
    counter_t *resent = &loop->counters.retransmitted;
    uint16_t last = (uint16_t)sinks[0].rewrite.highest;
    size_t count;

    for (size_t i = 0; i < MEDIA_BURST_SHARE_MIN + 1; i++) {
        send_one(&video, (uint16_t)(60 + i));
    }

    resend_asked(&sinks[0], last);
    tap_ok(counter_get(resent) == 0 && counter_get(limit) == 1,
           "nothing is sent again while new packets wait, and that is counted");

    while (burst_waits(loop)) {
        burst_run(loop);
    }

    arrived(&count);
    resend_asked(&sinks[0], last);
    outbox_flush(&loop->outbox);
    arrived(&count);
    tap_ok(count == 1 && counter_get(resent) == 1,
           "then it is, though it was asked for just now");

    loop->burst.resent = MEDIA_BURST_RESENDS;
    resend_asked(&sinks[1], (uint16_t)sinks[1].rewrite.highest);
    tap_ok(counter_get(resent) == 1 && counter_get(limit) == 2,
           "between two bursts only so much, for all together");
    burst_run(loop);
    resend_asked(&sinks[1], (uint16_t)sinks[1].rewrite.highest);
    outbox_flush(&loop->outbox);
    arrived(&count);
    tap_ok(count == 1 && counter_get(resent) == 2, "and then as much again");
}

static void
test_too_much(void)
{
    counter_t *limit = &loop->counters.drops[MEDIA_DROP_source_limit];
    size_t max = video.backlog.max;
    size_t count;

    for (size_t i = 0; i < MEDIA_BURST_SHARE_MIN + max + 5; i++) {
        send_one(&video, (uint16_t)(600 + i));
    }

    tap_is_int((long long)counter_get(limit), 5,
               "what does not fit in the backlog is lost, and counted");
    burst_run(loop);
    arrived(&count);
    tap_is_int((long long)video.backlog.count,
               (long long)max, "a backlog of %zu", max);

    /* another stream of the same track: numbers begin anew */
    burst_forget(&video);
    arrived(&count);
    tap_ok(!burst_waits(loop), "a new stream has none of the old");
    tap_is_int((long long)counter_get(limit),
               (long long)(5 + max - MEDIA_BURST_SHARE_MIN),
               "and that is counted");

    /* sound is not kept, so it cannot wait */
    counter_set(limit, 0);

    for (size_t i = 0; i < MEDIA_BURST_SHARE_MIN + 3; i++) {
        send_one(&audio, (uint16_t)(600 + i));
    }

    tap_is_int((long long)counter_get(limit), 3, "too much sound is lost");
    burst_run(loop);
    arrived(&count);
    tap_is_int((long long)count, MEDIA_BURST_SHARE_MIN, "the rest is sent");
}

int
main(void)
{
    fixture.settings.burst_share = 1;
    begin();
    test_order();
    test_gone_viewer();
    test_share();
    test_resends();
    test_age();
    test_too_much();
    end();

    return tap_done();
}
