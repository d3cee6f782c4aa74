/*
 * rtcp/transport_cc_receiver_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtcp/transport_cc_receiver.h"

#include "rtcp/compound.h"
#include "rtcp/transport_cc.h"
#include "test/tap.h"

enum { MS = USEC_PER_MS, TICK = 250, NEVER = -1 };

static struct rtcp_transport_cc_receiver receiver;
static uint8_t out[RTCP_TRANSPORT_CC_MAX];

/* what the feedback said, by number; ticks of the receiver's clock */
struct said {
    bool reported;
    long long tick;             /* NEVER: lost */
};

static struct said said[65536];

/*
 * A decoder that shares nothing with ours, written from the draft's figures
 * bit by bit.  Answers the number of statuses, or -1.
 */
static int
decode(const uint8_t *p, size_t len)
{
    static unsigned symbols[70000];
    unsigned base = p[12] * 256u + p[13];
    unsigned count = p[14] * 256u + p[15];
    long long tick = ((long)p[16] << 16 | p[17] << 8 | p[18]) * 256LL;
    size_t at = 20;
    unsigned n = 0;

    if (len % 4 != 0 || p[0] != 0x8f || p[1] != 205
        || (size_t)(p[2] * 256 + p[3]) * 4 + 4 != len)
    {
        return -1;
    }

    while (n < count) {
        unsigned chunk = p[at] * 256u + p[at + 1];
        at += 2;

        if (chunk < 0x8000) {
            for (unsigned i = 0; i < chunk % 0x2000; i++) {
                symbols[n++] = chunk / 0x2000;
            }
        } else if (chunk < 0xc000) {
            for (unsigned bit = 0x2000; bit; bit /= 2) {
                symbols[n++] = chunk & bit ? 1 : 0;
            }
        } else {
            for (unsigned unit = 0x1000; unit; unit /= 4) {
                symbols[n++] = chunk / unit % 4;
            }
        }
    }

    for (unsigned i = 0; i < count; i++) {
        struct said *s = &said[(base + i) % 65536];

        s->reported = true;

        if (symbols[i] == 0) {
            s->tick = NEVER;
            continue;
        }

        if (symbols[i] == 1) {
            tick += p[at++];
        } else if (symbols[i] == 2) {
            int delta = p[at] * 256 + p[at + 1];

            tick += delta >= 32768 ? delta - 65536 : delta;
            at += 2;
        } else {
            return -1;
        }

        s->tick = tick;
    }

    /* nothing but padding may follow */
    return at <= len && len - at < 4 ? (int)count : -1;
}

/* writes all there is into packets of that size; how many, or -1 */
static int
report(size_t size)
{
    int packets = 0;

    for (;;) {
        struct writer w = writer_over(out, size);

        if (!rtcp_transport_cc_write(&receiver, &w, 1, 2)) {
            return writer_ok(&w) && writer_len(&w) == 0 ? packets : -1;
        }

        if (!writer_ok(&w) || decode(out, writer_len(&w)) < 1) {
            return -1;
        }

        packets++;
    }
}

static void
begin(void)
{
    rtcp_transport_cc_receiver_init(&receiver);
    memset(said, 0, sizeof(said));
}

static bool
came_at(uint16_t seq, usec_t time)
{
    /* the receiver's ticks begin at 1 */
    return said[seq].reported && said[seq].tick == time / TICK + 1;
}

static bool
lost(uint16_t seq)
{
    return said[seq].reported && said[seq].tick == NEVER;
}

static void
test_bytes(void)
{
    /* base 5, 4 packets, reference 1 (64 ms), number 0 */
    static const uint8_t expected[] = {
        0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2,
        0, 5, 0, 4, 0, 0, 1, 0,
        0xd1, 0x80,             /* two bits each: 1, 0, 1, 2, then nothing */
        1, 4, 0x01, 0x90, 0, 0,
    };
    struct writer w = writer_over(out, sizeof(out));

    begin();
    rtcp_transport_cc_received(&receiver, 5, 64 * MS);
    rtcp_transport_cc_received(&receiver, 7, 65 * MS);
    rtcp_transport_cc_received(&receiver, 8, 165 * MS);
    tap_is_int((long long)receiver.pending, 3, "three to be reported");
    tap_ok(rtcp_transport_cc_write(&receiver, &w, 1, 2), "written");
    tap_is_bytes(writer_span(&w), span_of(expected, sizeof(expected)),
                 "byte for byte");
    tap_is_int((long long)receiver.pending, 0, "nothing pending");
    w = writer_over(out, sizeof(out));
    tap_ok(!rtcp_transport_cc_write(&receiver, &w, 1, 2), "nothing new");
    rtcp_transport_cc_received(&receiver, 9, 166 * MS);
    rtcp_transport_cc_write(&receiver, &w, 1, 2);
    tap_is_int(out[19], 1, "the next has the next number");
    tap_is_int(out[13], 9, "and begins behind the last");
}

static void
test_order(void)
{
    begin();
    rtcp_transport_cc_received(&receiver, 65534, 1000 * MS);
    rtcp_transport_cc_received(&receiver, 1, 1003 * MS);
    rtcp_transport_cc_received(&receiver, 65535, 1004 * MS);
    rtcp_transport_cc_received(&receiver, 65535, 1009 * MS);
    tap_is_int(report(1100), 1, "reordering over the wrap");
    tap_ok(came_at(65534, 1000 * MS) && lost(0) && came_at(1, 1003 * MS),
           "as they came");
    tap_ok(came_at(65535, 1004 * MS), "of a duplicate the first");

    memset(said, 0, sizeof(said));
    rtcp_transport_cc_received(&receiver, 2, 1010 * MS);
    rtcp_transport_cc_received(&receiver, 0, 1011 * MS);
    tap_is_int(report(1100), 1, "a packet that was reported lost came late");
    tap_ok(came_at(0, 1011 * MS), "is corrected");
    tap_ok(came_at(1, 1003 * MS) && came_at(2, 1010 * MS),
           "with what follows it");
    tap_ok(!said[65535].reported, "and not what went before");

    memset(said, 0, sizeof(said));
    rtcp_transport_cc_received(&receiver, 65533, 1012 * MS);
    tap_is_int(report(1100), 1, "one from before the first");
    tap_ok(came_at(65533, 1012 * MS), "is reported too");
}

static void
test_gaps(void)
{
    begin();
    rtcp_transport_cc_received(&receiver, 10, 0);
    rtcp_transport_cc_received(&receiver, 11, 9000 * MS);
    tap_is_int(report(1100), 2, "a pause longer than a delta can say");
    tap_ok(came_at(10, 0) && came_at(11, 9000 * MS), "is two packets");

    rtcp_transport_cc_received(&receiver, 11 + 900, 9001 * MS);
    tap_is_int(report(1100), 1, "a gap within the window");
    tap_ok(lost(12) && lost(910) && came_at(911, 9001 * MS), "is told");

    memset(said, 0, sizeof(said));
    rtcp_transport_cc_received(&receiver, 911 + 5000, 9002 * MS);
    tap_is_int(report(1100), 1, "one larger than that");
    tap_ok(!said[911 + 5000 - 1024].reported && lost(911 + 5000 - 1023)
           && came_at(911 + 5000, 9002 * MS), "as far as the window goes");
    rtcp_transport_cc_received(&receiver, 911 + 5000 - 1024, 9003 * MS);
    tap_is_int(report(1100), 0, "what is older is not reported");
}

static void
test_room(void)
{
    int packets;
    bool right = true;

    begin();

    for (int i = 0; i < 1000; i++) {
        rtcp_transport_cc_received(&receiver, (uint16_t)i,
                                   (usec_t)i * 100 * MS);
    }

    packets = report(sizeof(out));
    tap_is_int(packets, 2, "more large deltas than fit one packet");

    for (int i = 0; i < 1000; i++) {
        right &= came_at((uint16_t)i, (usec_t)i * 100 * MS);
    }

    tap_ok(right, "none is left out");

    begin();
    rtcp_transport_cc_received(&receiver, 1, 0);
    tap_is_int(report(23), 0, "too little room for anything");
    tap_is_int(report(24), 1, "just enough");
}

/* random arrivals, gaps and sizes, read back by the decoder above */
static void
test_random(void)
{
    static usec_t arrival[65536];
    uint32_t random = 2026;
    int wrong = 0;
    long reported = 0;

    begin();

    for (int round = 0; round < 400; round++) {
        static uint16_t order[200];
        uint16_t seq = (uint16_t)(65000 + round * 200);
        usec_t now = 100000000 + round * 50 * MS;
        unsigned style = round % 4;

        memset(said, 0, sizeof(said));

        for (int i = 0; i < 200; i++) {
            arrival[(uint16_t)(seq + i)] = NEVER;
            order[i] = (uint16_t)(seq + i);
        }

        for (int i = 0; i < 200; i++) {
            random = random * 1664525 + 1013904223;

            /* neighbours change places */
            if (i > 0 && (random >> 20) % 16 == 0) {
                uint16_t other = order[i - 1];

                order[i - 1] = order[i];
                order[i] = other;
            }
        }

        for (int i = 0; i < 200; i++) {
            random = random * 1664525 + 1013904223;

            switch (style) {
            case 0:             /* calm */
                now += random >> 23;
                break;
            case 1:             /* jumpy */
                now += random >> 27 ? 500 : 90 * MS;
                break;
            case 2:             /* lossy */
                now += random >> 20;
                break;
            default:            /* bursts */
                now += random >> 28 ? 0 : 30 * MS;
            }

            if (style == 2 ? random >> 30 == 0 : random >> 25 == 0) {
                continue;
            }

            rtcp_transport_cc_received(&receiver, order[i], now);
            arrival[order[i]] = now;
        }

        /* the last one always comes, so that all is reported now */
        rtcp_transport_cc_received(&receiver, (uint16_t)(seq + 199), now);

        if (arrival[(uint16_t)(seq + 199)] == NEVER) {
            arrival[(uint16_t)(seq + 199)] = now;
        }

        wrong += report(24 + random % 300) < 1;

        for (int i = 0; i < 200; i++) {
            uint16_t s = (uint16_t)(seq + i);

            wrong += arrival[s] == NEVER ? !lost(s)
                                         : !came_at(s, arrival[s]);
            reported++;
        }
    }

    tap_is_int(wrong, 0, "%ld packets at random", reported);
}

/* our own parser says the same as the decoder */
static void
test_own_parser(void)
{
    struct writer w = writer_over(out, sizeof(out));
    struct rtcp_transport_cc_status s;
    struct rtcp_transport_cc tcc;
    struct rtcp_compound c;
    struct rtcp_packet pkt;
    struct rtcp_feedback fb;
    int wrong = 0;
    int count = 0;

    begin();

    for (int i = 0; i < 300; i++) {
        if (i % 7 != 3) {
            rtcp_transport_cc_received(&receiver, (uint16_t)(65400 + i),
                                       (5000 + i + i % 50 * 20) * MS);
        }
    }

    rtcp_transport_cc_write(&receiver, &w, 1, 2);
    decode(out, writer_len(&w));
    c = rtcp_compound_over(writer_span(&w));
    tap_ok(rtcp_compound_next(&c, &pkt)
           && rtcp_feedback_parse(&pkt, &fb) == 0
           && rtcp_transport_cc_parse(&fb, &tcc) == 0, "parses");

    while (rtcp_transport_cc_next(&tcc, &s)) {
        wrong += s.received ? said[s.seq].tick * TICK != s.time
                            : !lost(s.seq);
        count++;
    }

    tap_is_int(count, 300, "every packet");
    tap_is_int(wrong, 0, "says the same");
}

int
main(void)
{
    test_bytes();
    test_order();
    test_gaps();
    test_room();
    test_random();
    test_own_parser();

    return tap_done();
}
