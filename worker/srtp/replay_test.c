/*
 * srtp/replay_test.c - the index that a number stands for, and the window.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/replay.h"

#include "test/tap.h"

static const struct {
    const char *name;
    uint64_t highest;
    uint16_t seq;
    uint64_t index;
} estimates[] = {
    { "the first packet there is", 0, 0, 0 },
    { "a first packet from the middle", 0, 65535, 65535 },
    { "the next one", 7, 8, 8 },
    { "one before", 7, 6, 6 },
    { "the number wraps", 65535, 0, 65536 },
    { "and wraps with a few lost", 65530, 3, 65539 },
    { "late, from before the wrap", 65539, 65530, 65530 },
    { "half a cycle forward is forward", 65536, 32768, 98304 },
    { "more than that is back", 65536, 32769, 32769 },
    { "half a cycle back is back", 98304, 0, 65536 },
    { "more than that is forward", 98305, 0, 131072 },
    { "nothing is before the first cycle", 5, 65535, 65535 },
    { "though there is before the second", 65541, 65535, 65535 },
    { "the 48 bits end, and what uses the index must refuse it",
      0xffffffffffff, 0, 0x1000000000000 },
};

static void
test_window(void)
{
    struct srtp_replay r = { 0 };

    tap_ok(!srtp_replay_seen(&r, 0), "0 was not seen before it came");
    srtp_replay_note(&r, 0);
    tap_ok(srtp_replay_seen(&r, 0), "then it was");

    srtp_replay_note(&r, 5000);
    tap_ok(!srtp_replay_seen(&r, 5001), "what is new was not seen");
    tap_ok(srtp_replay_seen(&r, 5000), "the newest was");
    tap_ok(!srtp_replay_seen(&r, 5000 - SRTP_REPLAY_WINDOW + 1),
           "the oldest of the window was not");
    tap_ok(srtp_replay_seen(&r, 5000 - SRTP_REPLAY_WINDOW),
           "what is older counts as seen");

    srtp_replay_note(&r, 5000 - SRTP_REPLAY_WINDOW + 1);
    tap_ok(srtp_replay_seen(&r, 5000 - SRTP_REPLAY_WINDOW + 1),
           "the oldest comes late");
    srtp_replay_note(&r, 5001);
    tap_ok(!srtp_replay_seen(&r, 5002) && srtp_replay_seen(&r, 5000),
           "the window moves by one");

    srtp_replay_note(&r, 5001 + SRTP_REPLAY_WINDOW - 1);
    tap_ok(srtp_replay_seen(&r, 5001), "the longest move keeps the last bit");
    tap_ok(!srtp_replay_seen(&r, 5002), "and clears those between");
    srtp_replay_note(&r, 20000);
    tap_ok(!srtp_replay_seen(&r, 20000 - SRTP_REPLAY_WINDOW + 1)
               && !srtp_replay_seen(&r, 19999),
           "a jump beyond the window clears it");
}

int
main(void)
{
    for (size_t i = 0; i < sizeof(estimates) / sizeof(estimates[0]); i++) {
        struct srtp_replay r = { .highest = estimates[i].highest };

        tap_is_int((long long)srtp_replay_estimate(&r, estimates[i].seq),
                   (long long)estimates[i].index, "%s", estimates[i].name);
    }

    test_window();

    return tap_done();
}
