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

/* which form of chunk is chosen, where it makes a difference */
static void
test_chunks(void)
{
    struct writer w = writer_over(out, sizeof(out));
    usec_t now = 64 * MS;

    begin();

    for (int i = 0; i < 22; i++) {
        now += i < 7 ? 100 * MS : i < 21 ? 1 * MS : 100 * MS;
        rtcp_transport_cc_received(&receiver, (uint16_t)i, now);
    }

    /* the first delta counts from the reference, so that one is small */
    rtcp_transport_cc_received(&receiver, 22, now);
    rtcp_transport_cc_write(&receiver, &w, 1, 2);
    tap_is_bytes(span_of(out + 20, 6),
                 span_of("\xda\xaa\x20\x0e\xe4\x00", 6),
                 "two bits each, a run of small ones, two bits each");

    begin();

    for (int i = 0; i < 9; i++) {
        rtcp_transport_cc_received(&receiver, (uint16_t)i, now);
        now += i == 0 ? 1 * MS : 100 * MS;
    }

    w = writer_over(out, sizeof(out));
    rtcp_transport_cc_write(&receiver, &w, 1, 2);
    tap_is_bytes(span_of(out + 20, 4), span_of("\xd6\xaa\x40\x02", 4),
                 "what is left is one run");
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

enum { BATCH = 200 };

static uint32_t random_state = 2026;

static uint32_t
random_bits(unsigned bits)
{
    random_state = random_state * 1664525 + 1013904223;

    return random_state >> (32 - bits);
}

/* what passes before the next packet, in four kinds of weather */
static usec_t
pause_of(int style)
{
    switch (style) {
    case 0:                     /* calm */
        return random_bits(9);
    case 1:                     /* jumpy */
        return random_bits(5) ? 500 : 90 * MS;
    case 2:                     /* lossy, and slow */
        return random_bits(12);
    default:                    /* bursts */
        return random_bits(4) ? 0 : 30 * MS;
    }
}

/* numbers from there on, some of which change places with the next */
static void
shuffle(uint16_t *order, uint16_t seq)
{
    for (int i = 0; i < BATCH; i++) {
        order[i] = (uint16_t)(seq + i);
    }

    for (int i = 1; i < BATCH; i++) {
        if (random_bits(4) == 0) {
            uint16_t other = order[i - 1];

            order[i - 1] = order[i];
            order[i] = other;
        }
    }
}

/* receives and reports a batch; how many packets were told wrong */
static int
random_batch(uint16_t seq, usec_t now, int style)
{
    static usec_t arrival[65536];
    uint16_t last = (uint16_t)(seq + BATCH - 1);
    uint16_t order[BATCH];
    int wrong = 0;

    shuffle(order, seq);
    memset(said, 0, sizeof(said));

    for (int i = 0; i < BATCH; i++) {
        bool gone = random_bits(style == 2 ? 2 : 7) == 0;

        now += pause_of(style);
        arrival[order[i]] = gone ? NEVER : now;

        if (!gone) {
            rtcp_transport_cc_received(&receiver, order[i], now);
        }
    }

    /* the last one always comes, so that all is reported now */
    if (arrival[last] == NEVER) {
        rtcp_transport_cc_received(&receiver, last, now);
        arrival[last] = now;
    }

    wrong += report(24 + random_bits(8)) < 1;

    for (int i = 0; i < BATCH; i++) {
        uint16_t s = (uint16_t)(seq + i);

        wrong += arrival[s] == NEVER ? !lost(s) : !came_at(s, arrival[s]);
    }

    return wrong;
}

/* random arrivals, gaps and sizes, read back by the decoder above */
static void
test_random(void)
{
    enum { BATCHES = 400 };
    int wrong = 0;

    begin();

    for (int i = 0; i < BATCHES; i++) {
        wrong += random_batch((uint16_t)(65000 + i * BATCH),
                              100 * USEC_PER_SEC + i * 50 * MS, i % 4);
    }

    tap_is_int(wrong, 0, "%d packets at random", BATCHES * BATCH);
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
    test_chunks();
    test_order();
    test_gaps();
    test_room();
    test_random();
    test_own_parser();

    return tap_done();
}
