/*
 * srtp/profile.c - SRTP protection profiles.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/profile.h"

#include <stddef.h>

static const struct srtp_profile profiles[] = {
    { SRTP_PROFILE_AES128_CM_SHA1_80, "SRTP_AES128_CM_HMAC_SHA1_80", 16, 14 },
    { SRTP_PROFILE_AEAD_AES_128_GCM, "SRTP_AEAD_AES_128_GCM", 16, 12 },
    { SRTP_PROFILE_AEAD_AES_256_GCM, "SRTP_AEAD_AES_256_GCM", 32, 12 },
};

const struct srtp_profile *
srtp_profile_find(unsigned long id)
{
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (profiles[i].id == id) {
            return &profiles[i];
        }
    }

    return NULL;
}
