/*
 * rtp/receiver_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/receiver.h"
#include "test/tap.h"

enum { MS = USEC_PER_MS, RATE = 90000 };

static void
test_loss(void)
{
    struct rtp_receiver r;
    struct rtcp_report_block b;
    usec_t now = USEC_PER_SEC;

    rtp_receiver_init(&r, RATE);
    tap_ok(!rtp_receiver_report(&r, 1, now, &b), "nothing to report yet");

    /* 65530 to 5 (12 numbers) without 65535, 0 and 1 */
    for (int i = 0; i < 12; i++) {
        if (i < 5 || i > 7) {
            rtp_receiver_packet(&r, (uint16_t)(65530 + i), 0, 100, now);
        }
    }

    tap_is_int((long long)r.bytes, 900, "bytes");
    tap_ok(rtp_receiver_report(&r, 0xabc, now, &b), "report");
    tap_is_int(b.ssrc, 0xabc, "of this source");
    tap_is_int(b.lost, 3, "three were lost");
    tap_is_int(b.fraction_lost, 64, "a quarter");
    tap_is_int(b.highest_seq, 1 << 16 | 5, "one cycle");
    tap_is_int(b.last_sr, 0, "no sender report yet");
    tap_is_int(b.delay, 0, "so no delay");

    tap_is_int((long long)rtp_receiver_packet(&r, 65535, 0, 100, now),
               65536 + 65535, "late packet has its old number");
    tap_ok(rtp_receiver_report(&r, 1, now, &b), "next report");
    tap_is_int(b.lost, 2, "one less is lost");
    tap_is_int(b.fraction_lost, 0, "and none in this interval");

    rtp_receiver_packet(&r, 6, 0, 100, now);
    rtp_receiver_packet(&r, 6, 0, 100, now);
    rtp_receiver_packet(&r, 6, 0, 100, now);
    rtp_receiver_packet(&r, 6, 0, 100, now);
    rtp_receiver_report(&r, 1, now, &b);
    tap_is_int(b.lost, -1, "duplicates may make it negative");
    tap_is_int(b.fraction_lost, 0, "but never the fraction");
    rtp_receiver_report(&r, 1, now, &b);
    tap_is_int(b.fraction_lost, 0, "an interval without packets");

    rtp_receiver_packet(&r, 30000, 0, 0, now);
    rtp_receiver_report(&r, 1, now, &b);
    tap_is_int(b.fraction_lost, 255, "nearly all lost stays below 256");
}

static void
test_limit_of_lost(void)
{
    struct rtp_receiver r;
    struct rtcp_report_block b;
    uint16_t seq = 0;

    rtp_receiver_init(&r, RATE);

    for (int i = 0; i < 300; i++) {
        rtp_receiver_packet(&r, seq, 0, 0, 0);
        seq = (uint16_t)(seq + 30000);
    }

    tap_ok(rtp_receiver_lost(&r) > 0x7fffff, "more lost than 24 bits hold");
    rtp_receiver_report(&r, 1, 0, &b);
    tap_is_int(b.lost, 0x7fffff, "is cut to what they do");
}

static void
test_jitter(void)
{
    struct rtp_receiver r;
    struct rtcp_report_block b;
    uint32_t timestamp = 0xffffff00;
    usec_t now = 10 * (usec_t)USEC_PER_SEC;

    rtp_receiver_init(&r, RATE);

    for (int i = 0; i < 100; i++) {
        rtp_receiver_packet(&r, (uint16_t)i, timestamp, 0, now);
        timestamp += 900;
        now += 10 * MS;
    }

    tap_is_int(rtp_receiver_jitter(&r), 0, "no jitter when on time");

    /* every second packet 2 ms late: D is 180 ticks each time */
    for (int i = 100; i < 400; i++) {
        rtp_receiver_packet(&r, (uint16_t)i, timestamp, 0,
                            now + (i & 1) * 2 * MS);
        timestamp += 900;
        now += 10 * MS;
    }

    rtp_receiver_report(&r, 1, now, &b);
    tap_ok(b.jitter >= 178 && b.jitter <= 180, "2 ms are 180 ticks: %u",
           b.jitter);
    tap_ok(rtp_receiver_jitter(&r) > 1900 && rtp_receiver_jitter(&r) <= 2000,
           "and 2 ms again");

    timestamp += 0x40000000;
    rtp_receiver_packet(&r, 400, timestamp, 0, now);
    rtp_receiver_report(&r, 1, now, &b);
    tap_ok(b.jitter <= 180, "a new timeline is no jitter");

    rtp_receiver_init(&r, 0);
    rtp_receiver_packet(&r, 1, 0, 0, 0);
    tap_is_int(rtp_receiver_jitter(&r), 0, "a clock that is not known");
}

static void
test_sender_report(void)
{
    struct rtp_receiver r;
    struct rtcp_report_block b;

    rtp_receiver_init(&r, RATE);
    rtp_receiver_packet(&r, 1, 0, 0, 0);
    rtp_receiver_sender_report(&r, 0x1111222233334444, 5 * MS);
    rtp_receiver_report(&r, 1, 5 * MS + 1500000, &b);
    tap_is_int(b.last_sr, 0x22223333, "LSR: the middle of its time");
    tap_is_int(b.delay, 65536 + 32768, "DLSR: 1.5 s");
}

int
main(void)
{
    test_loss();
    test_limit_of_lost();
    test_jitter();
    test_sender_report();

    return tap_done();
}
