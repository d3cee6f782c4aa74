/*
 * media/ssrc_test.c - a session that sends more SSRCs than anybody needs.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/command_priv.h"
#include "media/fixture.h"

enum { PORT = 21748, FLOOD = 300 };

static void
report_from(struct client *c, uint32_t ssrc)
{
    uint8_t buffer[64];
    struct writer w = writer_over(buffer, sizeof(buffer));

    rtcp_rr_write(&w, ssrc, NULL, 0);
    client_send_rtcp(c, writer_span(&w));
}

static void
send_as(struct client *c, uint32_t ssrc, uint16_t seq, char mid)
{
    uint8_t packet[64];
    size_t len = fixture_video(packet, ssrc, seq, true);

    packet[17] = (uint8_t)mid;
    client_send_rtp(c, span_of(packet, len));
}

int
main(void)
{
    struct fixture_call call;
    struct media_sink_params params;
    const struct client_packet *got[CLIENT_PACKETS];
    struct media_source_params source;
    size_t max = fixture.settings.streams_max;
    size_t before;

    fixture_begin(PORT);
    fixture_sink_params(&params);
    fixture_call(&call, &params);

    /* the numbers wrap: a rollover counter of 1 from here on */
    fixture_send(&call.publisher, 65534, true);
    fixture_send(&call.publisher, 65535, false);
    fixture_send(&call.publisher, 0, false);

    for (uint32_t i = 0; i < FLOOD; i++) {
        report_from(&call.publisher, 0x70000000 + i);
        send_as(&call.publisher, 0x60000000 + i, 1, 'x');

        if (i % 5 == 0) {
            fixture_send(&call.publisher, (uint16_t)(1 + i / 5), false);
            client_wait(&call.publisher, NULL, 5);
        }
    }

    client_wait(&call.subscriber, NULL, 100);
    tap_is_int((long long)fixture_got(&call.subscriber, SUBSCRIBER_PT, got),
               3 + FLOOD / 5, "what is used stays in spite of a flood");
    tap_is_int((long long)srtp_opener_ssrcs(call.from->peer.transport.opener),
               (long long)max, "no more SSRCs than allowed have SRTP state");
    tap_is_int((long long)srtp_rtcp_opener_ssrcs(
                   call.from->peer.transport.rtcp_opener),
               (long long)max, "nor SRTCP state");

    /* stopped and started again: Chrome goes on with the SSRC and counters */
    media_sink_destroy(call.sink);
    media_source_destroy(call.source);
    fixture_source_params(&source);
    media_source_create(&call.source, call.from, &source);
    params.ssrc++;
    params.rtx_ssrc++;
    media_sink_create(&call.sink, call.to, &params);
    media_sink_set(call.sink, &params);
    client_wait(&call.publisher, NULL, 50);
    before = fixture_got(&call.subscriber, SUBSCRIBER_PT, got);
    fixture_send(&call.publisher, 500, true);
    client_wait(&call.subscriber, NULL, 100);
    tap_is_int((long long)(fixture_got(&call.subscriber, SUBSCRIBER_PT, got)
                           - before), 1,
               "a track that starts again is opened with its old counter");

    for (uint32_t i = 0; i < FLOOD; i++) {
        send_as(&call.publisher, 0x50000000 + i, 1, 'v');
    }

    client_wait(&call.publisher, NULL, 100);
    tap_is_int((long long)call.from->peer.streams.count, (long long)max,
               "nor are more streams made of SSRCs with a known mid");
    tap_ok(counter_get(&fixture.loops[0].counters
                            .drops[MEDIA_DROP_streams_limit]) > 0,
           "which is counted");
    fixture_hang_up(&call);
    fixture_end();

    return tap_done();
}
