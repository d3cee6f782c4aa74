/*
 * srtp/opener_fuzz.c - an opener decides as libsrtp2 does, whatever comes.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The first byte chooses back end and profile, then each eight are a packet.
 */

#include <stdint.h>
#include <stdlib.h>

#include "base/reader.h"
#include "srtp/opener_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pair_step
read_step(struct reader *r)
{
    struct pair_step step;
    uint8_t first = reader_u8(r);
    uint8_t scale = reader_u8(r);
    int8_t advance = (int8_t)reader_u8(r);

    step.ssrc = first >> 5;
    step.fate = first & 3;
    step.advance = advance * (1 << scale % 12);
    step.shape = reader_u8(r);
    step.payload = reader_u16(r);
    step.where = reader_u16(r);

    return step;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum srtp_profile_id profiles[] = {
        SRTP_PROFILE_AES128_CM_SHA1_80,
        SRTP_PROFILE_AEAD_AES_128_GCM,
        SRTP_PROFILE_AEAD_AES_256_GCM,
    };
    static bool initialised;
    struct reader r = reader_over(span_of(data, size));
    uint8_t choice = reader_u8(&r);
    struct opener_pair pair;

    if (!initialised) {
        initialised = sfu_srtp_library_init() == 0;
    }

    if (pair_begin(&pair, choice & 1 ? SRTP_BACKEND_BEST
                                     : SRTP_BACKEND_OPENSSL,
                   profiles[choice / 2 % 3])) {
        abort();
    }

    while (reader_left(&r) >= 8) {
        struct pair_step step = read_step(&r);

        if (!pair_step(&pair, &step)) {
            abort();
        }
    }

    pair_end(&pair);

    return 0;
}
