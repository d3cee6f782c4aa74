/*
 * rtp/seq_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/seq.h"
#include "rtp/timestamp.h"
#include "test/tap.h"

struct row {
    const char *why;
    uint16_t seq;
    uint64_t extended;
};

/* one after another */
static const struct row rows[] = {
    { "the first is in cycle 1", 65533, 131069 },
    { "the next", 65534, 131070 },
    { "a gap over the wrap", 2, 131074 },
    { "late packet keeps its cycle", 65535, 131071 },
    { "late packet of the new cycle", 0, 131072 },
    { "once more", 65533, 131069 },
    { "on from the highest", 3, 131075 },
    { "as far ahead as can be", 32770, 163842 },
    { "half a circle back", 2, 131074 },
    { "over the next wrap", 1, 196609 },
};

int
main(void)
{
    struct rtp_seq s = { 0 };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int((long long)rtp_seq_update(&s, rows[i].seq),
                   (long long)rows[i].extended, "%s", rows[i].why);
    }

    s = (struct rtp_seq){ 0 };
    tap_is_int((long long)rtp_seq_update(&s, 0), 65536, "starts at 0");
    tap_is_int((long long)rtp_seq_update(&s, 65535), 65535,
               "one before the first");
    tap_is_int((long long)s.highest, 65536, "changes no highest");

    tap_ok(rtp_timestamp_newer(1, 0xffffffff), "newer over the wrap");
    tap_ok(!rtp_timestamp_newer(0xffffffff, 1), "older over the wrap");
    tap_ok(!rtp_timestamp_newer(5, 5), "the same is not newer");
    tap_is_int((long long)rtp_timestamp_extend(0x1fffffff0, 4), 0x200000004,
               "timestamp extended over the wrap");
    tap_is_int((long long)rtp_timestamp_extend(0x200000004, 0xfffffff0),
               0x1fffffff0, "and back");
    tap_is_int((long long)rtp_timestamp_ticks(1500000, 90000), 135000,
               "ticks of 1.5 s");
    tap_is_int((long long)rtp_timestamp_ticks(
                   (usec_t)USEC_PER_SEC * 86400 * 365 * 100, 90000),
               (long long)90000 * 86400 * 365 * 100, "of a hundred years");

    return tap_done();
}
