/*
 * srtp/rtcp_replay_test.c - the window of SRTCP's indices.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/rtcp_replay.h"

#include "test/tap.h"

enum { LAST = 0x7fffffff };

static void
test_begin(void)
{
    struct srtp_rtcp_replay r = { 0 };

    tap_ok(!srtp_rtcp_replay_begun(&r), "nothing was noted yet");
    tap_ok(!srtp_rtcp_replay_seen(&r, 0), "0 was not seen before it came");
    srtp_rtcp_replay_note(&r, 0);
    tap_ok(srtp_rtcp_replay_begun(&r) && srtp_rtcp_replay_seen(&r, 0),
           "then it was");
    tap_ok(!srtp_rtcp_replay_seen(&r, 1), "1 was not");
}

static void
test_window(void)
{
    struct srtp_rtcp_replay r = { 0 };
    size_t wrong = 0;

    srtp_rtcp_replay_note(&r, 1000);
    tap_ok(!srtp_rtcp_replay_seen(&r, 873), "the window is 128 wide");
    tap_ok(srtp_rtcp_replay_seen(&r, 872), "what is before it counts as seen");
    srtp_rtcp_replay_note(&r, 873);
    tap_ok(srtp_rtcp_replay_seen(&r, 873), "its oldest can be noted");

    for (uint32_t i = 874; i < 1000; i++) {
        wrong += srtp_rtcp_replay_seen(&r, i);
    }

    tap_is_int((long long)wrong, 0, "and those between stay free");
    srtp_rtcp_replay_note(&r, 1127);
    tap_ok(srtp_rtcp_replay_seen(&r, 1000), "a jump of 127 keeps the newest");
    tap_ok(!srtp_rtcp_replay_seen(&r, 1001),
           "and puts nothing in the place of what left");
    srtp_rtcp_replay_note(&r, 1255);
    tap_ok(!srtp_rtcp_replay_seen(&r, 1128), "a jump of 128 forgets it");
    tap_ok(srtp_rtcp_replay_seen(&r, 1127), "but as too old");
}

static void
test_last(void)
{
    struct srtp_rtcp_replay r = { 0 };

    srtp_rtcp_replay_note(&r, LAST - 1);
    tap_ok(!srtp_rtcp_replay_seen(&r, LAST), "the last index can come");
    srtp_rtcp_replay_note(&r, LAST);
    tap_ok(srtp_rtcp_replay_seen(&r, LAST) && srtp_rtcp_replay_seen(&r, 0)
               && srtp_rtcp_replay_seen(&r, 1),
           "and after it nothing is new, for nothing wraps");
    tap_ok(!srtp_rtcp_replay_seen(&r, LAST - 2), "but what was left out");
}

int
main(void)
{
    test_begin();
    test_window();
    test_last();

    return tap_done();
}
