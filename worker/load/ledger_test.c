/*
 * load/ledger_test.c
 * Copyright (C) the ngx_sfu_module authors
 *
 * The publisher's numbers and those of RTP run side by side; what is left out
 * between them must be found, wherever it was.
 */

#include "load/ledger.h"

#include "rtp/seq.h"
#include "test/tap.h"

enum { FIRST_COUNT = 1000 };

/* so many packets from this RTP number on, without those in the list */
static void
play(struct load_ledger *l, uint16_t first, uint64_t packets,
     const uint64_t *lost, size_t lost_count)
{
    struct rtp_seq seq = { 0 };

    for (uint64_t i = 0; i < packets; i++) {
        bool skip = false;

        for (size_t k = 0; k < lost_count; k++) {
            skip = skip || lost[k] == i;
        }

        if (skip) {
            continue;
        }

        uint64_t extended = rtp_seq_update(&seq, (uint16_t)(first + i));

        if (!l->begun) {
            load_ledger_begin(l, extended, FIRST_COUNT + i);
        }

        load_ledger_packet(l, extended);
    }
}

static const struct {
    const char *name;
    uint16_t first;
    uint64_t packets;
    uint64_t lost[3];
    size_t lost_count;
    long long expected;
    long long got;
} rows[] = {
    { "nothing is lost", 7, 100, { 0 }, 0, 100, 100 },
    { "in the middle", 7, 100, { 50, 51 }, 2, 100, 98 },
    { "the last ones, which leave no gap", 7, 100, { 98, 99 }, 2, 100, 98 },
    { "the first one is before the viewer came", 7, 100, { 0 }, 1, 99, 99 },
    { "over the wrap of RTP numbers", 65500, 100, { 36 }, 1, 100, 99 },
    { "over three wraps", 65500, 200000, { 70000 }, 1, 200000, 199999 },
    { "one packet", 65535, 1, { 0 }, 0, 1, 1 },
};

static void
test_order(void)
{
    struct load_ledger l = { 0 };

    load_ledger_begin(&l, 70000, 5);
    tap_is_int(load_ledger_packet(&l, 70000), LOAD_LEDGER_NEW, "the first");
    tap_is_int(load_ledger_packet(&l, 70003), LOAD_LEDGER_NEW, "a jump");
    tap_is_int(load_ledger_packet(&l, 70001), LOAD_LEDGER_NEW, "late");
    tap_is_int(load_ledger_packet(&l, 70001), LOAD_LEDGER_DUPLICATE,
               "late, and once more");
    tap_is_int(load_ledger_packet(&l, 70003), LOAD_LEDGER_DUPLICATE,
               "the highest once more");
    tap_is_int(load_ledger_packet(&l, 69999), LOAD_LEDGER_BEFORE,
               "older than the first");
    tap_is_int((long long)l.got, 3, "each counts once");
    tap_is_int((long long)l.duplicates, 2, "duplicates");
    tap_is_int((long long)load_ledger_expected(&l, 9), 4, "four were sent");
}

/* a bit of the window is used again for a number 4096 further on */
static void
test_window(void)
{
    struct load_ledger l = { 0 };

    load_ledger_begin(&l, 100, 0);
    load_ledger_packet(&l, 100);
    tap_is_int(load_ledger_packet(&l, 100 + LOAD_LEDGER_WINDOW),
               LOAD_LEDGER_NEW, "a jump over the whole window");
    tap_is_int(load_ledger_packet(&l, 101 + 2 * LOAD_LEDGER_WINDOW),
               LOAD_LEDGER_NEW, "and over more than that");
    tap_is_int(load_ledger_packet(&l, 102 + LOAD_LEDGER_WINDOW),
               LOAD_LEDGER_NEW, "late, at the window's edge");
    tap_is_int(load_ledger_packet(&l, 101), LOAD_LEDGER_DUPLICATE,
               "so late that nobody can tell");
    tap_is_int((long long)l.got, 4, "what counts");
}

static void
test_padding(void)
{
    struct load_ledger l = { 0 };

    load_ledger_begin(&l, 100, 0);
    load_ledger_packet(&l, 100);
    load_ledger_ignore(&l, 101);
    load_ledger_ignore(&l, 101);
    load_ledger_packet(&l, 102);
    tap_is_int((long long)l.got, 2, "padding alone is no packet");
    tap_is_int((long long)l.ignored, 1, "and is noted once");
    tap_is_int((long long)load_ledger_expected(&l, 2), 2,
               "the publisher sent two");
    tap_is_int((long long)load_ledger_expected_by_seq(&l), 2,
               "which RTP numbers say, too");
}

int
main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct load_ledger l = { 0 };

        play(&l, rows[i].first, rows[i].packets, rows[i].lost,
             rows[i].lost_count);
        tap_is_int((long long)load_ledger_expected(
                       &l, FIRST_COUNT + rows[i].packets),
                   rows[i].expected, "%s: expected", rows[i].name);
        tap_is_int((long long)l.got, rows[i].got, "%s: got", rows[i].name);
    }

    test_order();
    test_window();
    test_padding();

    struct load_ledger none = { 0 };

    tap_is_int((long long)load_ledger_expected(&none, 100), 0,
               "a viewer that saw nothing expects nothing");

    return tap_done();
}
