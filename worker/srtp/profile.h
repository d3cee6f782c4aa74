/*
 * srtp/profile.h - SRTP protection profiles (RFC 5764, RFC 7714) and keys.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_PROFILE_H
#define SFU_SRTP_PROFILE_H

#include <stdint.h>

enum {
    SRTP_KEY_MAX = 32,
    SRTP_SALT_MAX = 14,
    /* what a sealed packet may be longer than a plain one: SRTCP, 80 bits */
    SRTP_OVERHEAD_MAX = 4 + 16,
};

/* the numbers of the IANA registry "DTLS-SRTP Protection Profiles" */
enum srtp_profile_id {
    SRTP_PROFILE_NONE = 0,
    SRTP_PROFILE_AES128_CM_SHA1_80 = 0x0001,
    SRTP_PROFILE_AEAD_AES_128_GCM = 0x0007,
    SRTP_PROFILE_AEAD_AES_256_GCM = 0x0008,
};

struct srtp_profile {
    enum srtp_profile_id id;
    const char *name;           /* as in RFC 5764 and 7714 */
    uint8_t key_len;
    uint8_t salt_len;
};

/* master key and salt of one direction */
struct srtp_key_material {
    const struct srtp_profile *profile;
    uint8_t key[SRTP_KEY_MAX];
    uint8_t salt[SRTP_SALT_MAX];
};

/* NULL when it is not one of ours */
const struct srtp_profile *srtp_profile_find(unsigned long id);

#endif
