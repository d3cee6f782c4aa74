/*
 * rtp/nack_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/nack.h"
#include "base/error.h"
#include "test/tap.h"

enum { MS = USEC_PER_MS, LIST = 2048 };

static uint16_t list[LIST];

static struct rtp_nack
begin(void)
{
    struct rtp_nack_settings settings = rtp_nack_settings_default();
    struct rtp_nack n;

    tap_is_int(rtp_nack_init(&n, &settings), 0, "init");

    return n;
}

static void
test_when(void)
{
    struct rtp_nack n = begin();

    rtp_nack_received(&n, 70000, 0);
    rtp_nack_received(&n, 70003, 0);
    tap_is_int((long long)n.missing, 2, "a gap of two");
    tap_is_int((long long)rtp_nack_due(&n, 9 * MS, 0, list, LIST), 0,
               "may be reordering for 10 ms");
    rtp_nack_received(&n, 70002, 9 * MS);
    tap_is_int((long long)rtp_nack_due(&n, 10 * MS, 0, list, LIST), 1,
               "one was, the other is asked for");
    tap_is_int(list[0], 70001 & 0xffff, "by its 16 bits");
    tap_is_int((long long)n.recovered, 0, "reordered is not recovered");
    tap_is_int((long long)rtp_nack_due(&n, 29 * MS, 0, list, LIST), 0,
               "not again at once");
    tap_is_int((long long)rtp_nack_due(&n, 30 * MS, 100 * MS, list, LIST), 1,
               "but after 20 ms, when no RTT is known");
    tap_is_int((long long)rtp_nack_due(&n, 129 * MS, 100 * MS, list, LIST), 0,
               "or after the RTT");
    tap_is_int((long long)rtp_nack_due(&n, 130 * MS, 100 * MS, list, LIST), 1,
               "if that is longer");
    rtp_nack_received(&n, 70001, 131 * MS);
    tap_is_int((long long)n.missing, 0, "came back");
    tap_is_int((long long)n.recovered, 1, "recovered");
    rtp_nack_received(&n, 70001, 132 * MS);
    tap_is_int((long long)n.recovered, 1, "only once");
    tap_is_int((long long)rtp_nack_due(&n, 900 * MS, 0, list, LIST), 0,
               "nothing more to ask");
    tap_ok(!rtp_nack_take_keyframe_wanted(&n), "no key frame needed");
    rtp_nack_fini(&n);
}

static void
test_giving_up(void)
{
    struct rtp_nack n = begin();
    int asked = 0;

    rtp_nack_received(&n, 70000, 0);
    rtp_nack_received(&n, 70002, 0);

    for (usec_t now = 0; now <= 205 * MS; now += 5 * MS) {
        asked += (int)rtp_nack_due(&n, now, 0, list, LIST);
    }

    tap_is_int(asked, 10, "asked ten times");
    tap_ok(!rtp_nack_take_keyframe_wanted(&n), "the last may be answered");
    (void)rtp_nack_due(&n, 210 * MS, 0, list, LIST);
    tap_is_int((long long)n.given_up, 1, "then given up");
    tap_ok(rtp_nack_take_keyframe_wanted(&n), "which takes a key frame");
    tap_ok(!rtp_nack_take_keyframe_wanted(&n), "said once");
    rtp_nack_received(&n, 70001, 220 * MS);
    tap_is_int((long long)n.recovered, 0, "too late to count");

    rtp_nack_received(&n, 70004, 300 * MS);
    asked = 0;

    for (usec_t now = 300 * MS; now <= 1300 * MS; now += 5 * MS) {
        asked += (int)rtp_nack_due(&n, now, 300 * MS, list, LIST);
    }

    tap_is_int(asked, 4, "a long round trip: four times in a second");
    tap_is_int((long long)rtp_nack_due(&n, 1301 * MS, 300 * MS, list, LIST),
               0, "then no more");
    tap_is_int((long long)n.given_up, 2, "given up for its age");
    rtp_nack_fini(&n);
}

static void
test_window(void)
{
    struct rtp_nack n = begin();
    size_t count;
    bool ascending = true;

    rtp_nack_received(&n, 131000, 0);
    rtp_nack_received(&n, 131000 + 1024, 0);
    tap_is_int((long long)n.missing, 1023, "as many as the window holds");
    tap_ok(!rtp_nack_take_keyframe_wanted(&n), "can be asked for");
    tap_is_int((long long)rtp_nack_due(&n, 10 * MS, 0, list, 1000), 1000,
               "as many as the list holds");
    count = rtp_nack_due(&n, 10 * MS, 0, list + 1000, LIST - 1000);
    tap_is_int((long long)count, 23, "and the rest");

    for (size_t i = 1; i < 1023; i++) {
        ascending &= (uint16_t)(list[i] - list[i - 1]) == 1;
    }

    tap_ok(ascending, "in ascending order, across the wrap");
    rtp_nack_received(&n, 131000 + 1034, 20 * MS);
    tap_is_int((long long)n.missing, 1022, "the window moves over ten");
    tap_is_int((long long)n.given_up, 10, "which are given up");
    tap_ok(rtp_nack_take_keyframe_wanted(&n), "so a key frame is needed");
    rtp_nack_received(&n, 131001, 21 * MS);
    tap_is_int((long long)n.missing, 1022, "one of those changes nothing");

    rtp_nack_received(&n, 200000, 30 * MS);
    tap_is_int((long long)n.missing, 0, "a jump starts anew");
    tap_ok(rtp_nack_take_keyframe_wanted(&n), "with a key frame");
    rtp_nack_received(&n, 199999, 30 * MS);
    rtp_nack_received(&n, 200001, 30 * MS);
    tap_is_int((long long)n.missing, 0, "older packets are no gap");
    rtp_nack_fini(&n);
}

static void
test_forget(void)
{
    struct rtp_nack n = begin();

    rtp_nack_received(&n, 70000, 0);
    rtp_nack_received(&n, 70010, 0);
    rtp_nack_forget_before(&n, 70008);
    tap_is_int((long long)n.missing, 2, "only behind the key frame");
    tap_is_int((long long)rtp_nack_due(&n, 10 * MS, 0, list, LIST), 2,
               "is asked for");
    tap_is_int(list[0], 70008 & 0xffff, "its first one");
    tap_is_int((long long)n.given_up, 0, "forgotten is not given up");
    rtp_nack_forget_before(&n, 90000);
    tap_is_int((long long)n.missing, 0, "before a number to come");

    rtp_nack_received(&n, 70012, 20 * MS);
    rtp_nack_reset(&n);
    tap_is_int((long long)n.missing, 0, "reset");
    rtp_nack_forget_before(&n, 5);
    tap_is_int((long long)rtp_nack_due(&n, 90 * MS, 0, list, LIST), 0,
               "has nothing due");
    rtp_nack_received(&n, 66000, 100 * MS);
    tap_is_int((long long)n.missing, 0, "and may start anywhere");
    rtp_nack_fini(&n);
}

static int
build_and_destroy(void)
{
    struct rtp_nack_settings settings = rtp_nack_settings_default();
    struct rtp_nack n;
    int error = rtp_nack_init(&n, &settings);

    rtp_nack_fini(&n);

    return error;
}

static void
test_settings(void)
{
    struct rtp_nack_settings settings = rtp_nack_settings_default();
    struct rtp_nack n;

    settings.window = 1000;
    tap_is_int(rtp_nack_init(&n, &settings), SFU_ERR_MALFORMED,
               "a window that is no power of two");
    settings.window = 0;
    tap_is_int(rtp_nack_init(&n, &settings), SFU_ERR_MALFORMED, "none");
    settings = rtp_nack_settings_default();
    settings.tries_max = 256;
    tap_is_int(rtp_nack_init(&n, &settings), SFU_ERR_MALFORMED,
               "more tries than can be counted");
}

int
main(void)
{
    test_when();
    test_giving_up();
    test_window();
    test_forget();
    test_settings();
    tap_each_allocation_fails(build_and_destroy);

    return tap_done();
}
