/*
 * media/handshake_test.c - many handshakes at once, and those that wait.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/fixture.h"
#include "media/handshake.h"
#include "media/receive.h"

enum {
    PORT = 21716,
    CLIENTS = 24,               /* far more steps than a turn has room for */
    EARLY = TRANSPORT_WAITING_MAX + 2,
    TOO_LONG = 4000,            /* for any datagram of DTLS */
};

static struct client clients[CLIENTS];
static struct media_peer_handle *peers[CLIENTS];

/* the loop does not run yet: everything lies in its socket when it begins */
static void
all_at_once(void)
{
    for (int i = 0; i < CLIENTS; i++) {
        peers[i] = fixture_peer(&clients[i], 0);
        fixture_check(&clients[i]);
        client_handshake(&clients[i], &fixture.fingerprint);
    }

    media_loop_drain(&fixture.loops[0]);
    media_loop_start(&fixture.loops[0]);

    for (int i = 0; i < CLIENTS; i++) {
        tap_ok(client_wait(&clients[i], client_connected, 5000),
               "client %d shakes hands", i);
    }

    tap_ok(fixture_wait(&fixture.connected, CLIENTS, &clients[0]),
           "and all are told of");
}

/* what a client sends while its answer is under way has a limit */
static void
few_are_kept(void)
{
    struct media_counters *counters = &fixture.loops[0].counters;
    static const uint8_t record[32] = { 22, 0xfe, 0xfd };
    struct media_peer_params params = {
        .session = 99, .on_event = fixture_event, .cname = "test",
    };
    struct media_peer_handle *peer = NULL;
    struct client c;
    uint64_t before;

    ice_credentials_make(&params.credentials);
    client_open(&c, PORT);
    media_peer_create(&peer, &fixture.loops[0], &params);
    client_wait(&c, NULL, 50);
    client_check(&c, params.credentials.ufrag, params.credentials.pwd);
    client_wait(&c, NULL, 50);
    before = counter_get(&counters->drops[MEDIA_DROP_not_ready]);

    for (int i = 0; i < EARLY; i++) {
        client_send_raw(&c, span_of(record, sizeof(record)));
    }

    client_wait(&c, NULL, 100);
    tap_is_int((long long)(counter_get(
                               &counters->drops[MEDIA_DROP_not_ready])
                           - before),
               EARLY - TRANSPORT_WAITING_MAX, "the others are counted drops");
    media_peer_destroy(peer);
    client_close(&c);
}

/* media goes to one who left until its close_notify is read */
static void
leaving_does_not_wait(void)
{
    struct media_loop *loop = &fixture.loops[0];
    struct client *c = &clients[CLIENTS - 1];
    struct ice_generation *generation;
    struct media_transport *t;

    media_loop_stop(loop);
    atomic_store(&loop->stopping, false);
    generation = ice_directory_ufrag(
        &loop->ice, span_str(fixture.params.credentials.ufrag));
    t = generation->agent->user;
    tap_ok(media_transport_connected(t), "somebody is there");

    /* it repeated something before it was connected; others wait, too */
    t->waiting[0] = calloc(1, 32);
    t->waiting_len[0] = 32;
    t->waiting_count = 1;
    list_append(&loop->handshakes, &t->in_handshakes);
    loop->handshake_portion = 0;

    client_close(c);
    receive_udp(&loop->udp_source, 0);
    tap_ok(t->end == MEDIA_END_CLOSED, "and is gone at once");

    media_peer_destroy(peers[CLIENTS - 1]);
    media_loop_drain(loop);
    peers[CLIENTS - 1] = fixture_peer(c, 0);
    media_loop_start(loop);
}

/* sessions that end while their datagrams wait for a turn */
static void
ends_in_the_queue(void)
{
    media_loop_stop(&fixture.loops[0]);
    atomic_store(&fixture.loops[0].stopping, false);

    for (int i = 0; i < CLIENTS; i++) {
        media_peer_destroy(peers[i]);
        client_close(&clients[i]);
    }

    for (int i = 0; i < CLIENTS; i++) {
        peers[i] = fixture_peer(&clients[i], 0);
        fixture_check(&clients[i]);
        client_handshake(&clients[i], &fixture.fingerprint);
    }

    media_loop_drain(&fixture.loops[0]);
    media_loop_start(&fixture.loops[0]);

    for (int i = 0; i < CLIENTS; i++) {
        media_peer_destroy(peers[i]);
    }

    client_wait(&clients[0], NULL, 100);

    for (int i = 0; i < CLIENTS; i++) {
        client_close(&clients[i]);
    }

    tap_is_int((long long)counter_get(&fixture.loops[0].counters.transports),
               0, "no transport is left");
}

/* what a turn took so far, and what handshakes may take of the next */
static void
portions_follow_turns(struct media_loop *loop)
{
    static const usec_t turns[][2] = {
        { 0, 500 }, { 4000, 500 }, { 16000, 2000 }, { 1000000, 2500 },
    };

    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        loop->woke = loop->now - turns[i][0];
        media_handshakes_run(loop);
        tap_is_int((long long)loop->handshake_portion, turns[i][1],
                   "after a turn of %lld us", (long long)turns[i][0]);
    }
}

/* a transport that waits for a ClientHello; the loop does not run */
static struct media_transport *
proven(struct client *c, struct media_peer_handle **peer, uint16_t port)
{
    struct media_loop *loop = &fixture.loops[0];
    struct ice_generation *generation;
    struct media_transport *t;
    struct address remote;
    struct address local;

    *peer = fixture_peer(c, 0);
    media_loop_drain(loop);
    generation = ice_directory_ufrag(
        &loop->ice, span_str(fixture.params.credentials.ufrag));
    t = generation->agent->user;
    address_parse(&remote, "127.0.0.1", port);
    address_parse(&local, "127.0.0.1", 0);
    media_transport_checked(t, generation, &remote, &local, NULL, true);

    return t;
}

static void
turns_are_in_order(void)
{
    static const uint8_t record[TOO_LONG] = { 22, 0xfe, 0xfd };
    struct media_loop *loop = &fixture.loops[0];
    struct media_peer_handle *handles[2];
    struct media_transport *t[2];
    struct client c[2];
    uint64_t before = counter_get(&loop->counters.drops[MEDIA_DROP_not_ready]);
    struct address from = { 0 };

    t[0] = proven(&c[0], &handles[0], 9001);
    t[1] = proven(&c[1], &handles[1], 9002);

    loop->handshake_portion = 0;
    media_handshake_datagram(t[0], span_of(record, TOO_LONG), &from);
    tap_is_int((long long)(counter_get(
                               &loop->counters.drops[MEDIA_DROP_not_ready])
                           - before),
               1, "what is too long to be kept is a counted drop");
    tap_ok(!media_handshakes_run(loop), "and waits for nothing");
    /* the next turn */
    tap_ok(!media_handshakes_run(loop), "nor later");

    loop->handshake_portion = 0;
    media_handshake_datagram(t[0], span_of(record, 32), &from);
    loop->handshake_portion = 1000;
    media_handshake_datagram(t[1], span_of(record, 32), &from);
    tap_is_int((long long)t[1]->waiting_count, 1,
               "a newcomer does not take what others wait for");

    media_handshake_datagram(t[0], span_of(record, 32), &from);
    tap_ok(loop->handshakes.next == &t[0]->in_handshakes,
           "who sends more keeps its place");
    loop->now += 5000;
    loop->handshake_portion = 0;
    media_handshakes_run(loop);
    tap_is_int((long long)counter_get(&loop->counters.handshake_wait), 5000,
               "how long the first of them waits is told");

    while (media_handshakes_run(loop)) {
    }

    tap_is_int((long long)(t[0]->waiting_count + t[1]->waiting_count), 0,
               "all had their turn");
    tap_is_int((long long)counter_get(&loop->counters.handshake_wait), 0,
               "and nobody waits");
    portions_follow_turns(loop);

    for (int i = 0; i < 2; i++) {
        media_peer_destroy(handles[i]);
        client_close(&c[i]);
    }

    media_loop_drain(loop);
}

/*
 * The control thread posts a session before it says where that is.  A loop
 * whose socket was ready before finds both at once, and must not look at the
 * check first: it would be a stranger's.
 */
static void
posted_before(void)
{
    static const uint8_t nothing[4] = { 0xff };
    struct media_peer_handle *peer;
    struct client early;
    struct client c;

    client_open(&early, PORT);
    client_send_raw(&early, span_of(nothing, sizeof(nothing)));
    peer = fixture_peer(&c, 0);
    fixture_check(&c);
    client_handshake(&c, &fixture.fingerprint);
    media_loop_start(&fixture.loops[0]);
    tap_ok(client_wait(&c, client_connected, 5000), "a client connects");
    tap_is_int((long long)counter_get(
                   &fixture.loops[0].counters.drops[MEDIA_DROP_stun_invalid]),
               0, "its session, posted before, is there for its first check");

    media_loop_stop(&fixture.loops[0]);
    atomic_store(&fixture.loops[0].stopping, false);
    fixture_listen();
    fixture.connected = 0;
    media_peer_destroy(peer);
    client_close(&c);
    client_close(&early);
    media_loop_drain(&fixture.loops[0]);
}

int
main(void)
{
    fixture_make(PORT);
    media_loop_start(&fixture.loops[1]);
    posted_before();            /* nothing was posted yet */
    turns_are_in_order();
    all_at_once();
    few_are_kept();
    leaving_does_not_wait();
    ends_in_the_queue();
    fixture_end();

    return tap_done();
}
