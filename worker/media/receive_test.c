/*
 * media/receive_test.c - a full socket, taken in one turn.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The loop's thread is stopped for that: one turn is one call.
 */

#include "media/fixture.h"
#include "media/receive.h"
#include "rtcp/report.h"

enum {
    PORT = 21764,
    REPORTS = 3 * UDP_TRAINS,   /* more than is ever kept */
};

static void
send_report(struct client *c)
{
    uint8_t buffer[128];
    struct writer w = writer_over(buffer, sizeof(buffer));

    rtcp_pli_write(&w, 1, SUBSCRIBER_SSRC + 1);
    client_send_rtcp(c, writer_span(&w));
}

int
main(void)
{
    struct media_loop *loop = &fixture.loops[0];
    const struct client_packet *got[CLIENT_PACKETS];
    struct media_sink_params params;
    struct fixture_call call;
    uint64_t packets;
    uint64_t plis;

    fixture.settings.socket_buffer = 8 << 20;
    fixture_begin(PORT);
    fixture_sink_params(&params);
    fixture_call(&call, &params);
    fixture_send(&call.publisher, 1, true);
    client_wait(&call.subscriber, NULL, 50);
    media_loop_stop(loop);
    atomic_store(&loop->stopping, false);

    packets = counter_get(&loop->counters.packets_in);
    plis = counter_get(&loop->counters.plis_in);

    for (int i = 0; i < REPORTS; i++) {
        send_report(&call.subscriber);
    }

    fixture_send(&call.publisher, 2, false);
    receive_udp(&loop->udp_source, 0);
    tap_is_int((long long)(counter_get(&loop->counters.packets_in) - packets),
               REPORTS + 1, "one turn takes all that came");
    tap_is_int((long long)(counter_get(&loop->counters.plis_in) - plis),
               REPORTS, "what viewers tell");
    client_wait(&call.subscriber, NULL, 50);
    tap_is_int((long long)fixture_got(&call.subscriber, SUBSCRIBER_PT, got), 2,
               "and the packet behind it is forwarded in that turn");

    media_loop_start(loop);
    fixture_hang_up(&call);
    fixture_end();

    return tap_done();
}
