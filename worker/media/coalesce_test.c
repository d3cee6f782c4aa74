/*
 * media/coalesce_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/coalesce.h"

#include "test/tap.h"

static struct coalesce c = { .interval = 400 };

static bool
decide(int bursts_a_second, uint64_t busy)
{
    coalesce_arrived(&c, bursts_a_second * 2);
    coalesce_decide(&c, 2 * USEC_PER_SEC, busy);

    return c.on;
}

int
main(void)
{
    tap_ok(!decide(0, 0), "nothing comes");
    tap_ok(!decide(7400, 300), "less than three bursts an interval");
    tap_ok(decide(7600, 300), "three");
    tap_ok(decide(5100, 300), "goes on with two");
    tap_ok(!decide(4900, 300), "ends below");
    tap_ok(!decide(100000, 650), "who is busy does not begin");
    tap_ok(decide(100000, 550), "who is not, does");
    tap_ok(decide(100000, 700), "and goes on a little longer");
    tap_ok(!decide(100000, 800), "not for ever");

    tap_is_int(coalesce_rest(&c, 1000, 1050, 5000), 0, "off: no rest");
    decide(100000, 0);
    tap_is_int(coalesce_rest(&c, 1000, 1050, 5000), 350,
               "what is left since it woke up");
    tap_is_int(coalesce_rest(&c, 1000, 1050, 200), 200,
               "a timer is not late");
    tap_is_int(coalesce_rest(&c, 1000, 1050, -1), 350, "there may be none");
    tap_is_int(coalesce_rest(&c, 1000, 1050, 0), 0,
               "who has something to do has none");
    tap_is_int(coalesce_rest(&c, 1000, 1380, 5000), 0,
               "too short for a system call");
    tap_is_int(coalesce_rest(&c, 1000, 9000, 5000), 0,
               "a turn took longer than that");

    c.interval = 0;
    tap_ok(!decide(100000, 0), "the setting 0 means never");

    return tap_done();
}
