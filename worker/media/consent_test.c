/*
 * media/consent_test.c - how long a session lives that sends no checks.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The loop's thread does not run: its clock is ours.
 */

#include "media/fixture.h"
#include "media/peer.h"

enum { PORT = 21770, STEP = 5 };        /* seconds; checks come so, too */

static struct media_loop *loop;
static struct media_peer peer;
static struct sfu_srtp *client;         /* seals what the peer opens */
static int lost;
static int back;

static void
on_event(struct task *task, void *owner)
{
    struct media_event *event = container_of(task, struct media_event, task);

    lost += event->type == MEDIA_EVENT_CONSENT_LOST;
    back += event->type == MEDIA_EVENT_CONSENT_BACK;
    fixture_event(task, owner);
}

static void
make_peer(void)
{
    struct srtp_key_material keys = {
        .profile = srtp_profile_find(SRTP_PROFILE_AEAD_AES_128_GCM),
    };
    struct media_peer_params params = { .on_event = on_event };
    struct media_transport *t = &peer.transport;
    struct address remote;
    struct address local;

    ice_credentials_make(&params.credentials);
    media_peer_init(&peer, loop, &params);
    address_parse(&remote, "127.0.0.1", 9);
    address_parse(&local, "127.0.0.1", 0);
    media_transport_checked(t, &t->ice.current, &remote, &local, NULL, true);
    srtp_sealer_create(&t->sealer, loop->srtp, &keys);
    srtp_opener_create(&t->opener, loop->srtp, &keys, 8);
    srtp_rtcp_sealer_create(&t->rtcp_sealer, loop->srtp, &keys);
    srtp_rtcp_opener_create(&t->rtcp_opener, loop->srtp, &keys, 8);
    sfu_srtp_create(&client, SRTP_SEND, &keys, 0);
}

static void
seconds_pass(void)
{
    for (int i = 0; i < STEP; i++) {
        loop->now += USEC_PER_SEC;
        timer_wheel_run(&loop->wheel, loop->now);
    }

    fixture_listen();
}

static void
receive_rtp(bool forged)
{
    static uint16_t seq;
    uint8_t packet[128];
    size_t len = fixture_video(packet, PUBLISHER_SSRC, seq++, false);

    sfu_srtp_seal(client, packet, &len);
    packet[len - 1] ^= forged;
    media_transport_srtp(&peer.transport, packet, len);
}

static void
receive_rtcp(void)
{
    uint8_t packet[128];
    struct writer w = writer_over(packet, sizeof(packet));
    size_t len;

    rtcp_pli_write(&w, 1, 2);
    len = writer_len(&w);
    sfu_srtp_seal_rtcp(client, packet, &len);
    media_transport_srtcp(&peer.transport, packet, len);
}

int
main(void)
{
    fixture.settings.consent_lost = 8 * USEC_PER_SEC;
    fixture.settings.consent_expired = 30 * USEC_PER_SEC;
    fixture_make(PORT);
    loop = &fixture.loops[0];
    make_peer();

    receive_rtp(false);
    seconds_pass();
    receive_rtp(false);
    seconds_pass();
    tap_is_int(lost, 1, "media is no consent");

    /* but then the checks may have been among what was lost */
    loop->overflowed = loop->now;

    for (int i = 0; i < 8; i++) {
        receive_rtp(false);
        seconds_pass();
    }

    tap_ok(lost == 1 && back == 1 && fixture.ended == 0,
           "media stands for checks when we lose what comes");

    for (int i = 0; i < 8; i++) {
        receive_rtcp();
        seconds_pass();
    }

    tap_ok(lost == 1 && fixture.ended == 0, "and so does feedback");

    receive_rtp(true);
    seconds_pass();
    receive_rtp(true);
    seconds_pass();
    tap_is_int(lost, 2, "what is forged does not");
    receive_rtcp();
    seconds_pass();
    tap_is_int(back, 2, "who is heard of again is back");

    for (int i = 0; i < 6; i++) {
        seconds_pass();
    }

    tap_ok(fixture.ended == 1 && fixture.end == MEDIA_END_EXPIRED,
           "who is not heard of is gone");

    sfu_srtp_destroy(client);
    media_peer_fini(&peer);
    fixture_end();

    return tap_done();
}
