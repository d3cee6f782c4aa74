/*
 * base/ring_test.c - a writer and a reader in two threads.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "test/tap.h"

enum { RECORDS = 200000 };

static size_t
length_of(uint32_t i)
{
    return 4 + (i * 7919) % 1500;
}

static void *
write_all(void *arg)
{
    struct ring *ring = arg;

    for (uint32_t i = 0; i < RECORDS; i++) {
        uint8_t *p;

        while ((p = ring_reserve(ring, length_of(i))) == NULL) {
            sched_yield();
        }

        memset(p, (int)(i & 0xff), length_of(i));
        memcpy(p, &i, sizeof(i));
        ring_commit(ring, length_of(i));
    }

    return NULL;
}

static int
build(void)
{
    struct ring ring;
    int error = ring_init(&ring, 4096);

    ring_fini(&ring);

    return error;
}

int
main(void)
{
    struct ring ring;
    pthread_t writer;
    size_t len;
    size_t end;
    int wrong = 0;

    tap_is_int(ring_init(&ring, 16384), 0, "init");
    tap_ok(ring_peek(&ring, &len) == NULL, "nothing in it");
    tap_ok(ring_reserve(&ring, 16384) == NULL, "more than it holds");
    tap_ok(ring_reserve(&ring, 100) != NULL, "a reservation");
    tap_ok(ring_peek(&ring, &len) == NULL, "is not yet a record");
    pthread_create(&writer, NULL, write_all, &ring);

    for (uint32_t i = 0; i < RECORDS; i++) {
        uint32_t number;
        uint8_t *p;

        while ((p = ring_peek(&ring, &len)) == NULL) {
            sched_yield();
        }

        memcpy(&number, p, sizeof(number));
        wrong += number != i || len != length_of(i)
                 || (len > 4 && p[len - 1] != (i & 0xff));
        ring_advance(&ring);

        /* several at once, as a burst does */
        if (i % 3 == 0) {
            ring_release(&ring);
        }
    }

    pthread_join(writer, NULL);
    tap_is_int(wrong, 0, "%d records, whole and in order", RECORDS);
    tap_ok(ring_peek(&ring, &len) == NULL, "empty again");
    ring_release(&ring);
    ring_reserve(&ring, 8);
    ring_commit(&ring, 8);
    end = ring_end(&ring);
    ring_reserve(&ring, 8);
    ring_commit(&ring, 8);
    tap_ok(ring_is_before(&ring, end), "one record is from before");
    ring_peek(&ring, &len);
    ring_advance(&ring);
    tap_ok(!ring_is_before(&ring, end) && ring_peek(&ring, &len) != NULL,
           "the next one is not, though it is there");
    ring_fini(&ring);
    tap_each_allocation_fails(build);

    return tap_done();
}
