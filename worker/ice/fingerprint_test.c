/*
 * ice/fingerprint_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/fingerprint.h"

#include "test/tap.h"

static struct ice_fingerprint f;

static uint32_t
crc(const char *text)
{
    return ice_fingerprint_of(&f, span_str(text)) ^ 0x5354554e;
}

/* bit by bit, as the polynomial says */
static uint32_t
slowly(const uint8_t *data, size_t len)
{
    uint32_t v = 0xffffffff;

    for (size_t i = 0; i < 8 * len; i++) {
        uint32_t bit = data[i / 8] >> i % 8 & 1;

        v = (v ^ bit) & 1 ? v >> 1 ^ 0xedb88320 : v >> 1;
    }

    return v ^ 0xffffffff ^ 0x5354554e;
}

int
main(void)
{
    uint8_t data[600];
    int wrong = 0;

    ice_fingerprint_init(&f);
    tap_is_int(crc("12345678"), 0x9ae0daaf, "eight bytes, as zlib has it");
    tap_is_int(crc(""), 0, "of nothing");

    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * i >> 3);
    }

    for (size_t i = 0; i <= sizeof(data); i += 4) {
        wrong += ice_fingerprint_of(&f, span_of(data, i)) != slowly(data, i);
    }

    tap_is_int(wrong, 0, "every length, bit by bit");

    return tap_done();
}
