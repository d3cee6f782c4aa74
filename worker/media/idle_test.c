/*
 * media/idle_test.c - sessions that are only there cost next to nothing.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <unistd.h>

#include "media/fixture.h"
#include "rtcp/xr.h"

enum {
    PORT = 21796,
    QUESTION = 0x12345678,      /* the middle of an NTP time */
};

struct look {
    struct task task;
    size_t armed;
    atomic_bool done;
};

static void
look(struct task *task, void *owner)
{
    struct look *l = container_of(task, struct look, task);

    l->armed = ((struct media_loop *)owner)->wheel.armed;
    atomic_store(&l->done, true);
}

/* timers of the loop, counted by itself */
static long long
timers(void)
{
    struct look l = { .task.run = look };

    atomic_init(&l.done, false);
    mailbox_post(&fixture.loops[0].mailbox, &l.task);

    while (!atomic_load(&l.done)) {
        usleep(1000);
    }

    return (long long)l.armed;
}

/* whether so many timers are armed, soon */
static bool
timers_become(long long expected)
{
    for (int i = 0; i < 200 && timers() != expected; i++) {
        usleep(10000);
    }

    return timers() == expected;
}

static bool
is_answered(const struct client *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct rtcp_compound walk = rtcp_compound_over(
            span_of(c->packets[i].data, c->packets[i].len));
        struct rtcp_packet pkt;

        while (c->packets[i].rtcp && rtcp_compound_next(&walk, &pkt)) {
            struct rtcp_xr xr;
            struct rtcp_xr_block block;
            struct rtcp_xr_dlrr item;

            if (rtcp_xr_parse(&pkt, &xr)) {
                continue;
            }

            while (rtcp_xr_next(&xr, &block)) {
                struct reader items = reader_over(block.body);

                if (block.type == RTCP_XR_DLRR
                    && rtcp_xr_dlrr_next(&items, &item)
                    && item.last_rr == QUESTION) {
                    return true;
                }
            }
        }
    }

    return false;
}

static void
ask(struct client *c)
{
    uint8_t buffer[64];
    struct writer w = writer_over(buffer, sizeof(buffer));

    rtcp_xr_rrtr_write(&w, 1, (uint64_t)QUESTION << 16);
    client_send_rtcp(c, writer_span(&w));
}

/* once more after it came back, and not only when the session would expire */
static void
consent_is_lost_twice(void)
{
    struct client c;
    struct media_peer_handle *peer = fixture_connect(&c, 0);

    tap_ok(fixture_wait(&fixture.consent_lost, 1, &c), "consent is lost");
    fixture_check(&c);
    tap_ok(fixture_wait(&fixture.consent_lost, 2, &c),
           "and, after a check, lost again");
    media_peer_destroy(peer);
    client_close(&c);
}

int
main(void)
{
    struct client c;
    struct client other;
    struct media_peer_handle *peer;
    struct media_peer_handle *another;
    struct media_sink_handle *sink;
    struct media_sink_params params;
    long long before;

    fixture_begin(PORT);
    before = timers();
    peer = fixture_connect(&c, 0);
    tap_ok(timers_become(before + 1),
           "sessions with nothing to report have one timer, for consent");
    another = fixture_connect(&other, 0);
    tap_ok(timers_become(before + 1), "all of them the same");
    media_peer_destroy(another);
    client_close(&other);
    ask(&c);
    tap_ok(client_wait(&c, is_answered, 2000),
           "and yet an answer to who asks for the round trip");
    tap_ok(timers_become(before + 1), "once");

    fixture_sink_params(&params);
    media_sink_create(&sink, peer, &params);
    tap_ok(timers_become(before + 2), "a subscription has reports");
    media_sink_destroy(sink);
    tap_ok(timers_become(before + 1), "which end with it");

    media_peer_destroy(peer);
    client_close(&c);
    tap_ok(timers_become(before), "a session that goes leaves no timer");
    fixture.settings.consent_lost = 300 * USEC_PER_MS;
    consent_is_lost_twice();
    fixture_end();

    return tap_done();
}
