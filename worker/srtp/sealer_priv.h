/*
 * srtp/sealer_priv.h - what the back ends of srtp/sealer.h have in common.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SRTP_SEALER_PRIV_H
#define SFU_SRTP_SEALER_PRIV_H

#include "srtp/derive.h"
#include "srtp/sealer.h"

enum {
    SRTP_GCM_TAG = 16,
    SRTP_SHA1_80_TAG = 10,
    SRTP_GCM_IV = 12,
    SRTP_CM_IV = 16,
    SRTP_ROC = 4,

    /* where the SSRC is in a packet */
    SRTP_RTP_SSRC = 8,
    SRTP_RTCP_SSRC = 4,
};

/* the first member of every back end's own */
struct srtp_engine {
    const struct srtp_backend *backend;
    char name[48];
};

struct srtp_sealer {
    struct srtp_engine *engine;         /* borrowed */
    enum srtp_profile_id profile;
    uint8_t tag_len;
    uint8_t batch;
    uint16_t size;              /* bytes, from here on, that sealing reads */
    uint8_t salt[SRTP_SALT_MAX];
};

struct srtp_key_backend;

struct srtp_backend {
    const struct srtp_key_backend *key;
    /* names it as well; SFU_ERR_NOMEM, SFU_ERR_UNSUPPORTED */
    int (*engine_create)(struct srtp_engine **engine);
    void (*engine_destroy)(struct srtp_engine *engine);
    /* sets batch and all that is its own; SFU_ERR_NOMEM, SFU_ERR_LIBRARY */
    int (*create)(struct srtp_sealer **sealer, struct srtp_engine *engine,
                  const struct srtp_session_keys *keys);
    void (*destroy)(struct srtp_sealer *sealer);
    int (*add)(struct srtp_sealer *sealer, uint8_t *packet, size_t header_len,
               struct span payload, uint64_t index);
    size_t (*finish)(struct srtp_engine *engine);
};

extern const struct srtp_backend srtp_backend_openssl;
extern const struct srtp_backend srtp_backend_ipsec_mb;

/*
 * RFC 7714, 8.1: the salt over two zero bytes, SSRC and index.  That of SRTCP
 * has 31 bits, with zeros in front, and so both are the same (9.1).
 */
static inline void
srtp_gcm_iv(const uint8_t salt[SRTP_SALT_MAX], const uint8_t *ssrc,
            uint64_t index, uint8_t iv[SRTP_GCM_IV])
{
    iv[0] = salt[0];
    iv[1] = salt[1];

    for (int i = 0; i < 4; i++) {
        iv[2 + i] = salt[2 + i] ^ ssrc[i];
    }

    for (int i = 0; i < 6; i++) {
        iv[6 + i] = salt[6 + i] ^ (uint8_t)(index >> (40 - 8 * i));
    }
}

/* RFC 3711, 4.1.1: the salt over SSRC and index, then the counter's 16 bits */
static inline void
srtp_cm_iv(const uint8_t salt[SRTP_SALT_MAX], const uint8_t *ssrc,
           uint64_t index, uint8_t iv[SRTP_CM_IV])
{
    for (int i = 0; i < 4; i++) {
        iv[i] = salt[i];
        iv[4 + i] = salt[4 + i] ^ ssrc[i];
    }

    for (int i = 0; i < 6; i++) {
        iv[8 + i] = salt[8 + i] ^ (uint8_t)(index >> (40 - 8 * i));
    }

    iv[14] = 0;
    iv[15] = 0;
}

/* the rollover counter, which the tag covers and nobody sends (4.2) */
static inline void
srtp_write_roc(uint8_t to[SRTP_ROC], uint64_t index)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(index >> (40 - 8 * i));
    }
}

#endif
