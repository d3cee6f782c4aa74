/*
 * media/report_test.c - what subscribers and publishers are told of time.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/fixture.h"
#include "rtcp/report.h"

enum { PORT = 21768, HELD_UP = 300 };

/* a report that says which time it was when the timestamp was 0 */
static void
send_report(struct client *c, usec_t began)
{
    uint8_t buffer[64];
    struct writer w = writer_over(buffer, sizeof(buffer));
    usec_t now = clock_realtime();
    struct rtcp_sender_info info = {
        .ssrc = PUBLISHER_SSRC,
        .ntp = clock_ntp(now),
        .timestamp = (uint32_t)((now - began) * 9 / 100),
        .packets = 1,
    };

    rtcp_sr_write(&w, &info, NULL, 0);
    client_send_rtcp(c, writer_span(&w));
}

/* the same, but held up on its way */
static void
send_late_report(struct client *c, usec_t began)
{
    uint8_t buffer[64];
    struct writer w = writer_over(buffer, sizeof(buffer));
    usec_t then = clock_realtime() - HELD_UP * USEC_PER_MS;
    struct rtcp_sender_info info = {
        .ssrc = PUBLISHER_SSRC,
        .ntp = clock_ntp(then),
        .timestamp = (uint32_t)((then - began) * 9 / 100),
        .packets = 1,
    };

    rtcp_sr_write(&w, &info, NULL, 0);
    client_send_rtcp(c, writer_span(&w));
}

/* what our last sender report says timestamp 0 was, in ms since began */
static int
origin_told(const struct client *c, usec_t began, uint32_t offset)
{
    int told = -100000;

    for (size_t i = 0; i < c->count; i++) {
        struct rtcp_report_blocks blocks;
        struct rtcp_sender_info info;
        struct rtcp_compound walk;
        struct rtcp_packet pkt;

        if (!c->packets[i].rtcp) {
            continue;
        }

        walk = rtcp_compound_over(span_of(c->packets[i].data,
                                          c->packets[i].len));

        while (rtcp_compound_next(&walk, &pkt)) {
            if (pkt.type == RTCP_SR
                && rtcp_sr_parse(&pkt, &info, &blocks) == 0) {
                usec_t at = clock_of_ntp(info.ntp)
                            - clock_of_ntp(clock_ntp(began));
                int32_t ticks = (int32_t)(info.timestamp - offset);

                told = (int)(at / USEC_PER_MS - ticks / 90);
            }
        }
    }

    return told;
}

/* report blocks about the publisher's stream */
static int
blocks_told(const struct client *c)
{
    int count = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct rtcp_report_blocks blocks;
        struct rtcp_report_block block;
        struct rtcp_compound walk;
        struct rtcp_packet pkt;
        uint32_t ssrc;

        if (!c->packets[i].rtcp) {
            continue;
        }

        walk = rtcp_compound_over(span_of(c->packets[i].data,
                                          c->packets[i].len));

        while (rtcp_compound_next(&walk, &pkt)) {
            if (pkt.type == RTCP_RR
                && rtcp_rr_parse(&pkt, &ssrc, &blocks) == 0) {
                while (rtcp_report_blocks_next(&blocks, &block)) {
                    count += block.ssrc == PUBLISHER_SSRC;
                }
            }
        }
    }

    return count;
}

/* our timestamps minus the publisher's, from a packet with timestamp 0 */
static uint32_t
offset_of(const struct client *c)
{
    const struct client_packet *got[CLIENT_PACKETS];
    const uint8_t *p;

    if (fixture_got(c, SUBSCRIBER_PT, got) == 0) {
        return 0;
    }

    p = got[0]->data + 4;

    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
           | p[3];
}

int
main(void)
{
    struct fixture_call call;
    struct media_sink_params params;
    usec_t began;
    uint32_t offset;
    int before;
    int told;

    fixture_begin(PORT);
    fixture_sink_params(&params);
    fixture_call(&call, &params);
    began = clock_realtime();
    fixture_send(&call.publisher, 0, true);
    client_wait(&call.subscriber, NULL, 50);
    offset = offset_of(&call.subscriber);

    send_report(&call.publisher, began);
    client_wait(&call.subscriber, NULL, 300);
    told = origin_told(&call.subscriber, began, offset);
    tap_ok(told > -20 && told < 20,
           "a sender report carries the publisher's time: off by %d ms", told);
    send_late_report(&call.publisher, began);
    client_wait(&call.subscriber, NULL, 300);
    told = origin_told(&call.subscriber, began, offset);
    tap_ok(told > -20 && told < 20,
           "also after one of its own was held up: off by %d ms", told);

    client_wait(&call.publisher, NULL, 300);
    before = blocks_told(&call.publisher);
    tap_ok(before > 0, "the publisher is told how it was received");
    client_wait(&call.publisher, NULL, 500);
    tap_is_int(blocks_told(&call.publisher), before,
               "but not of a stream that was silent since");
    fixture_send(&call.publisher, 1, false);
    client_wait(&call.publisher, NULL, 300);
    tap_is_int(blocks_told(&call.publisher), before + 1,
               "and again when it goes on");
    fixture_hang_up(&call);
    fixture_end();

    return tap_done();
}
