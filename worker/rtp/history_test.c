/*
 * rtp/history_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/history.h"
#include "base/error.h"
#include "test/tap.h"

struct packet {
    int references;
};

static void
release(void *owner, void *packet)
{
    int *released = owner;

    ((struct packet *)packet)->references--;
    ++*released;
}

static int
build_and_destroy(void)
{
    struct rtp_history h;
    int released = 0;
    int error = rtp_history_init(&h, 8, release, &released);

    rtp_history_fini(&h);

    return error;
}

int
main(void)
{
    struct packet packets[16];
    struct rtp_history h;
    int released = 0;
    int held = 0;

    for (int i = 0; i < 16; i++) {
        packets[i].references = 1;
    }

    tap_is_int(rtp_history_init(&h, 0, release, &released),
               SFU_ERR_MALFORMED, "no capacity");
    rtp_history_fini(&h);
    tap_is_int(rtp_history_init(&h, 6, release, &released),
               SFU_ERR_MALFORMED, "no power of two");
    rtp_history_fini(&h);
    tap_is_int(rtp_history_init(&h, 8, release, &released), 0, "init");
    tap_ok(rtp_history_get(&h, 100) == NULL, "empty");
    tap_ok(rtp_history_get(&h, 0) == NULL, "number 0 is not there either");

    for (uint64_t i = 0; i < 8; i++) {
        rtp_history_put(&h, 100 + i, &packets[i]);
    }

    tap_ok(rtp_history_get(&h, 100) == &packets[0], "finds the oldest");
    tap_ok(rtp_history_get(&h, 107) == &packets[7], "and the newest");
    tap_ok(rtp_history_get(&h, 108) == NULL, "but not a number in its place");
    tap_is_int(released, 0, "nothing was released");

    tap_ok(rtp_history_put(&h, 108, &packets[8]), "one more");
    tap_is_int(packets[0].references, 0, "released the oldest");
    tap_ok(rtp_history_get(&h, 100) == NULL, "which is not found any more");
    tap_ok(rtp_history_get(&h, 108) == &packets[8], "the new one is");

    tap_ok(!rtp_history_put(&h, 108, &packets[9]), "a duplicate");
    tap_is_int(packets[9].references, 0, "is released");
    tap_ok(rtp_history_get(&h, 108) == &packets[8], "and the first stays");
    tap_ok(!rtp_history_put(&h, 100, &packets[10]), "one that is too late");
    tap_is_int(packets[10].references, 0, "is released");

    tap_ok(rtp_history_put(&h, 115, &packets[11]), "a jump ahead");
    tap_ok(rtp_history_put(&h, 110, &packets[12]), "and one from the gap");
    tap_ok(rtp_history_get(&h, 110) == &packets[12], "is found");

    rtp_history_clear(&h);
    tap_ok(rtp_history_get(&h, 110) == NULL, "clear forgets");
    tap_ok(rtp_history_put(&h, 110, &packets[13]), "and can be used");
    rtp_history_fini(&h);

    for (int i = 0; i < 14; i++) {
        held += packets[i].references;
    }

    tap_is_int(held, 0, "every reference was given back");
    tap_is_int(released, 14, "once");
    tap_each_allocation_fails(build_and_destroy);

    return tap_done();
}
