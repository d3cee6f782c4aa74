/*
 * media/memory_test.c - a loop that runs out of memory, anywhere.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The loop's thread is not started: its tasks run here, one after another.
 */

#include <fcntl.h>

#include "base/error.h"
#include "media/command_priv.h"
#include "media/fixture.h"
#include "media/relay.h"

enum { PORT = 21764 };

static struct media_peer_handle *peer;
static struct media_source_handle *source;
static struct media_source_handle *replica;
static struct media_sink_handle *sink;

static void
run_tasks(void)
{
    for (int i = 0; i < FIXTURE_LOOPS; i++) {
        media_loop_drain(&fixture.loops[i]);
    }

    fixture_listen();
}

static int
begin(void)
{
    struct media_source_params source_params;
    struct media_sink_params sink_params;
    struct dtls_fingerprint fingerprint = { .algorithm = "sha-256" };
    struct media_peer_params params = { .session = 1,
                                        .on_event = fixture_event };
    int error;

    ice_credentials_make(&params.credentials);
    fixture_source_params(&source_params);
    fixture_sink_params(&sink_params);
    source_params.ssrcs[0] = PUBLISHER_SSRC;
    source_params.rtx_ssrcs[0] = PUBLISHER_RTX_SSRC;
    source_params.ssrc_count = 1;
    error = media_peer_create(&peer, &fixture.loops[0], &params);

    if (!error) {
        error = media_peer_set_remote(peer, false, &fingerprint);
    }

    if (!error) {
        error = media_source_create(&source, peer, &source_params);
    }

    if (!error) {
        error = media_source_set(source, &source_params);
    }

    if (!error) {
        error = media_replica_create(&replica, source, &fixture.loops[1]);
    }

    if (!error) {
        error = media_sink_create(&sink, peer, &sink_params);
    }

    if (!error) {
        error = media_sink_set(sink, &sink_params);
    }

    return error ? error : media_peer_figures(peer, 1);
}

/* as if it had been decrypted; twice as many as the history holds */
static void
feed(void)
{
    uint8_t bytes[64];

    for (uint16_t i = 0; i < 2 * fixture.settings.history_packets; i++) {
        size_t len = fixture_video(bytes, PUBLISHER_SSRC, i, i == 0);

        peer->peer.transport.events->rtp(&peer->peer.transport, bytes, len);
        burst_run(&fixture.loops[0]);
    }

    relay_receive(&fixture.loops[1]);
}

static int
live_and_die(void)
{
    int error;
    int ended = fixture.ended;

    peer = NULL;
    source = replica = NULL;
    sink = NULL;
    error = begin();
    run_tasks();

    if (source != NULL) {
        feed();
    }

    if (peer != NULL && peer->peer.transport.end != MEDIA_END_NONE) {
        fixture_listen();
        error = SFU_ERR_NOMEM;

        if (fixture.ended == ended && peer->peer.last_event != NULL) {
            abort();            /* it ended, and could have told so */
        }
    }

    media_sink_destroy(sink);
    media_replica_destroy(replica);
    media_source_destroy(source);
    media_peer_destroy(peer);
    run_tasks();

    for (int i = 0; i < FIXTURE_LOOPS; i++) {
        if (counter_get(&fixture.loops[i].counters.transports)
            || fixture.loops[i].sources.count
            || fixture.loops[i].ice.ufrags.count
            || counter_get(&fixture.loops[i].counters.buffers)) {
            abort();            /* something was left */
        }
    }

    return error;
}

int
main(void)
{
    fixture.settings.tcp = false;
    fixture.settings.history_packets = 16;
    fixture.log.level = LOG_ERROR;
    fixture.log.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fixture_make(PORT);
    tap_each_allocation_fails(live_and_die);
    tap_ok(fixture.live > 0, "and with enough memory the track is live");
    fixture_end();

    return tap_done();
}
