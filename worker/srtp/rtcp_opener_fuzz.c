/*
 * srtp/rtcp_opener_fuzz.c - an opener of SRTCP decides as libsrtp2 does,
 * whatever comes.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The first byte chooses back end and profile, then each eight are a packet.
 */

#include <stdint.h>
#include <stdlib.h>

#include "base/reader.h"
#include "srtp/rtcp_opener_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rtcp_pair_step
read_step(struct reader *r)
{
    struct rtcp_pair_step step;
    uint8_t first = reader_u8(r);

    step.ssrc = first >> 5;
    step.in_clear = first & 4;
    step.fate = first & 3;
    step.lost = reader_u8(r);
    step.back = reader_u16(r);
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
    static struct rtcp_pair pair;
    static bool initialised;
    struct reader r = reader_over(span_of(data, size));
    uint8_t choice = reader_u8(&r);

    if (!initialised) {
        initialised = sfu_srtp_library_init() == 0;
    }

    if (rtcp_pair_begin(&pair, choice & 1 ? SRTP_BACKEND_BEST
                                          : SRTP_BACKEND_OPENSSL,
                        profiles[choice / 2 % 3])) {
        abort();
    }

    while (reader_left(&r) >= 8) {
        struct rtcp_pair_step step = read_step(&r);

        if (!rtcp_pair_step(&pair, &step)) {
            abort();
        }
    }

    rtcp_pair_end(&pair);

    return 0;
}
