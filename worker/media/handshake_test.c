/*
 * media/handshake_test.c - many handshakes at once, and those that wait.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/fixture.h"

enum {
    PORT = 21716,
    CLIENTS = 24,               /* far more steps than a turn has room for */
    EARLY = TRANSPORT_WAITING_MAX + 2,
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

int
main(void)
{
    fixture_make(PORT);
    media_loop_start(&fixture.loops[1]);
    all_at_once();
    few_are_kept();
    ends_in_the_queue();
    fixture_end();

    return tap_done();
}
