/*
 * srtp/derive.h - session keys out of a master key (RFC 3711, 4.3).
 * Copyright (C) the ngx_sfu_module authors
 *
 * With a key derivation rate of zero, as DTLS-SRTP has it, they are derived
 * once and are the same for all SSRCs.
 */

#ifndef SFU_SRTP_DERIVE_H
#define SFU_SRTP_DERIVE_H

#include "srtp/profile.h"

enum { SRTP_AUTH_KEY = 20 };

/* of SRTP or SRTCP, one direction */
struct srtp_session_keys {
    const struct srtp_profile *profile;
    uint8_t cipher[SRTP_KEY_MAX];       /* profile->key_len bytes */
    uint8_t salt[SRTP_SALT_MAX];        /* profile->salt_len bytes */
    uint8_t auth[SRTP_AUTH_KEY];        /* HMAC-SHA1 only */
};

/* the caller wipes what it got.  SFU_ERR_LIBRARY */
int srtp_derive(struct srtp_session_keys *keys,
                const struct srtp_key_material *master);
int srtp_derive_rtcp(struct srtp_session_keys *keys,
                     const struct srtp_key_material *master);

#endif
