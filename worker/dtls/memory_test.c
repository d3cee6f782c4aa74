/*
 * dtls/memory_test.c - large buffers go back to where they came from.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/memory.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "test/tap.h"

enum { SIZE = 20000, MANY = 3 * DTLS_MEMORY_WARM };

static size_t
used(void)
{
    size_t in_use;
    size_t warm;

    dtls_memory_count(&in_use, &warm);

    return in_use;
}

static size_t
warm(void)
{
    size_t in_use;
    size_t kept;

    dtls_memory_count(&in_use, &kept);

    return kept;
}

static bool
is_all(const uint8_t *p, uint8_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] != value) {
            return false;
        }
    }

    return true;
}

static void
test_many(void)
{
    uint8_t *blocks[MANY];
    int damaged = 0;
    int zero = 0;

    for (int i = 0; i < MANY; i++) {
        blocks[i] = dtls_memory_alloc(SIZE);
        memset(blocks[i], i + 1, SIZE);
    }

    for (int i = 0; i < MANY; i++) {
        damaged += !is_all(blocks[i], (uint8_t)(i + 1), SIZE);
    }

    tap_is_int(damaged, 0, "blocks do not overlap");
    tap_is_int((long long)used(), MANY, "and are counted");

    for (int i = 0; i < MANY; i++) {
        dtls_memory_free(blocks[i]);
    }

    tap_is_int((long long)used(), 0, "all are given back");
    tap_is_int((long long)warm(), DTLS_MEMORY_WARM, "some stay warm");

    for (int i = 0; i < MANY; i++) {
        blocks[i] = dtls_memory_alloc(SIZE);
        zero += is_all(blocks[i], 0, SIZE);
    }

    tap_is_int(zero, MANY - DTLS_MEMORY_WARM, "the system had the others");

    for (int i = 0; i < MANY; i++) {
        dtls_memory_free(blocks[i]);
    }
}

static void
test_resize(void)
{
    uint8_t *p = dtls_memory_resize(NULL, SIZE);
    uint8_t *same;

    memset(p, 7, SIZE);
    same = dtls_memory_resize(p, DTLS_MEMORY_BLOCK);
    tap_ok(same == p, "a block that is large enough stays");
    p = dtls_memory_resize(same, 2 * DTLS_MEMORY_BLOCK);
    tap_ok(p != NULL && is_all(p, 7, SIZE), "what is in it moves with it");
    tap_is_int((long long)used(), 0, "out of the block");
    p = dtls_memory_resize(p, 100);
    tap_ok(p != NULL && is_all(p, 7, 100), "and gets smaller");
    dtls_memory_free(p);
}

static int
move_out(void)
{
    uint8_t *p = dtls_memory_alloc(SIZE);
    uint8_t *q = p != NULL ? dtls_memory_resize(p, 2 * DTLS_MEMORY_BLOCK)
                           : NULL;

    if (q == NULL && p != NULL && used() != 1) {
        abort();                /* it must stay where it was */
    }

    dtls_memory_free(q != NULL ? q : p);

    return q != NULL ? 0 : -1;
}

int
main(void)
{
    void *p;

    tap_ok(dtls_memory_use(), "OpenSSL agrees");
    p = OPENSSL_malloc(SIZE);
    tap_is_int((long long)used(), 1, "and takes large buffers from here");
    OPENSSL_free(p);
    tap_is_int((long long)used(), 0, "and gives them back");
    p = OPENSSL_malloc(100);
    tap_is_int((long long)used(), 0, "small ones come from elsewhere");
    OPENSSL_free(p);
    test_many();
    test_resize();
    tap_each_allocation_fails(move_out);

    return tap_done();
}
