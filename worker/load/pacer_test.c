/*
 * load/pacer_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/pacer.h"

#include "load/sender.h"
#include "test/tap.h"

/* what is sent in a time, in bursts of which sizes */
static size_t
run(struct load_pacer *p, usec_t until, size_t *largest, size_t *bursts)
{
    size_t packets = 0;

    *largest = *bursts = 0;

    while (p->next < until) {
        size_t n = load_pacer_burst(p);

        packets += n;
        *bursts += n > 0;
        *largest = n > *largest ? n : *largest;
    }

    return packets;
}

/* the load that figures are usually given for */
static void
test_usual(void)
{
    struct load_sender_rate r = load_sender_rate(CODEC_VP8, 2500000, 30, 1162);
    struct load_pacer p;
    size_t largest;
    size_t bursts;
    size_t sizes[3];

    tap_is_int((long long)r.packets, 9, "2.5 Mbit/s: packets of a frame");
    tap_is_int((long long)r.frame_bytes, 2500000 / 8 / 30,
               "bytes of a frame");
    load_pacer_init(&p, 1000, r.fps, r.packets, r.packet_bytes);

    for (int i = 0; i < 3; i++) {
        tap_is_int(p.next, 1000 + i * 5000, "a burst each 5 ms");
        sizes[i] = load_pacer_burst(&p);
    }

    tap_ok(sizes[0] == 4 && sizes[1] == 3 && sizes[2] == 2,
           "4, 3 and 2 packets: %zu %zu %zu", sizes[0], sizes[1], sizes[2]);
    tap_is_int(p.next, 1000 + 33333, "then the next frame");

    load_pacer_init(&p, 0, r.fps, r.packets, r.packet_bytes);
    tap_is_int((long long)run(&p, 10 * USEC_PER_SEC, &largest, &bursts), 2700,
               "270 packets a second, for ten");
    tap_is_int((long long)largest, 4, "never more than 4 at once");
}

/* whatever the rate, the average is right and frames do not pile up */
static void
test_rates(void)
{
    static const struct {
        uint64_t bitrate;
        unsigned fps;
    } rows[] = {
        { 100000, 15 }, { 2500000, 60 }, { 8000000, 30 }, { 50000000, 30 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct load_sender_rate r = load_sender_rate(
            CODEC_VP8, rows[i].bitrate, rows[i].fps, 1162);
        struct load_pacer p;
        size_t largest;
        size_t bursts;

        load_pacer_init(&p, 0, r.fps, r.packets, r.packet_bytes);
        tap_is_int((long long)run(&p, 4 * USEC_PER_SEC, &largest, &bursts),
                   (long long)(4 * rows[i].fps * r.packets),
                   "%llu bits, %u frames", (unsigned long long)rows[i].bitrate,
                   rows[i].fps);
        tap_ok(load_sender_bytes(&r, 0, 0) >= 88
                   && r.packet_bytes <= 1162,
               "its packets have room for a stamp, and are not too long");
    }
}

/* as browsers do: the larger ones last */
static void
test_division(void)
{
    struct load_sender_rate r = load_sender_rate(CODEC_VP8, 2500000, 30, 1162);
    bool seen[9] = { false };
    int places = 0;

    for (uint64_t frame = 0; frame < 30; frame++) {
        size_t change = 0;
        size_t sum = 0;

        for (size_t i = 0; i < r.packets; i++) {
            size_t bytes = load_sender_bytes(&r, frame, i);

            sum += bytes;

            if (i > 0 && bytes > load_sender_bytes(&r, frame, i - 1)) {
                change = i;
            }
        }

        places += !seen[change];
        seen[change] = true;

        if (sum < r.frame_bytes - 8 || sum > r.frame_bytes + 8
            || load_sender_bytes(&r, frame, 8)
                   - load_sender_bytes(&r, frame, 0) > 1) {
            places = -100;
        }
    }

    tap_is_int(places, 9, "a frame has packets of two sizes, one byte apart, "
               "the larger ones last, and it changes anywhere");
}

static void
test_late(void)
{
    struct load_pacer p;

    load_pacer_init(&p, 0, 30, 9, 1162);
    load_pacer_burst(&p);
    load_pacer_skip_to(&p, 5 * USEC_PER_SEC);
    tap_is_int((long long)p.frame, 150, "after a pause frames are left out");
    tap_is_int((long long)p.left, 9, "and the next one is whole");
    tap_is_int(p.next, 5 * USEC_PER_SEC, "at its time");
}

static void
test_audio(void)
{
    struct load_sender_rate r = load_sender_rate(CODEC_OPUS, 0, 30, 1162);
    struct load_pacer p;
    size_t largest;
    size_t bursts;

    load_pacer_init(&p, 0, r.fps, r.packets, r.packet_bytes);
    tap_is_int((long long)run(&p, USEC_PER_SEC, &largest, &bursts), 50,
               "sound: 50 packets a second");
    tap_is_int((long long)largest, 1, "one at a time");
}

int
main(void)
{
    test_usual();
    test_rates();
    test_division();
    test_late();
    test_audio();

    return tap_done();
}
