/*
 * srtp/backends.h - each back end and each profile, for tests of all of them.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_BACKENDS_H
#define SFU_SRTP_BACKENDS_H

#include "base/error.h"
#include "srtp/profile.h"
#include "srtp/sealer.h"
#include "test/tap.h"

static const struct backend {
    const char *name;
    enum srtp_backend_id id;
} backends[] = {
    { "openssl", SRTP_BACKEND_OPENSSL },
#ifdef SFU_IPSEC_MB
    { "ipsec-mb", SRTP_BACKEND_IPSEC_MB },
#endif
};

static const enum srtp_profile_id profiles[] = {
    SRTP_PROFILE_AES128_CM_SHA1_80,
    SRTP_PROFILE_AEAD_AES_128_GCM,
    SRTP_PROFILE_AEAD_AES_256_GCM,
};

enum {
    BACKENDS = sizeof(backends) / sizeof(backends[0]),
    PROFILES = sizeof(profiles) / sizeof(profiles[0]),
};

/* whether this processor has it; all have OpenSSL's */
static inline bool
backend_works(const struct backend *b)
{
    struct srtp_engine *engine;
    int error = srtp_engine_create(&engine, b->id);

    srtp_engine_destroy(engine);

    if (error == SFU_ERR_UNSUPPORTED && b->id != SRTP_BACKEND_OPENSSL) {
        tap_ok(true, "%s # SKIP not for this processor", b->name);
        return false;
    }

    tap_is_int(error, 0, "%s: an engine", b->name);

    return true;
}

/*
 * With each of profiles[k]: an error of any of them, but for those that this
 * processor does not have.
 */
static inline int
each_backend(int (*run)(enum srtp_backend_id backend, size_t k))
{
    int result = 0;

    for (size_t b = 0; b < BACKENDS; b++) {
        for (size_t k = 0; k < PROFILES; k++) {
            int error = run(backends[b].id, k);

            if (error && error != SFU_ERR_UNSUPPORTED) {
                result = error;
            }
        }
    }

    return result;
}

#endif
