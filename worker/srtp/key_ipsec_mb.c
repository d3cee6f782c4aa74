/*
 * srtp/key_ipsec_mb.c - keys of Intel's multi-buffer library, amd64.
 * Copyright (C) the ngx_sfu_module authors
 *
 * AES-GCM only.  Its HMAC-SHA1 is quick when many packets are hashed side by
 * side, and these come one after another: OpenSSL's takes less then.
 */

#include <openssl/crypto.h>

#include "base/error.h"
#include "srtp/ipsec_mb_priv.h"
#include "srtp/key_priv.h"

static void
destroy(struct srtp_key *key)
{
    srtp_key_free(key, sizeof(struct gcm_key_data));
}

static int
open_by(aes_gcm_enc_dec_t decrypt, struct srtp_key *key, struct srtp_parts *p)
{
    struct gcm_context_data gcm;
    uint8_t tag[SRTP_GCM_TAG];

    decrypt(srtp_key_own(key), &gcm, p->text, p->text, p->text_len, p->iv,
            p->covered.data, p->covered.len, tag, sizeof(tag));

    return CRYPTO_memcmp(tag, p->tag, sizeof(tag)) == 0 ? 0 : SFU_ERR_AUTH;
}

static int
seal_by(aes_gcm_enc_dec_t encrypt, struct srtp_key *key, struct srtp_parts *p)
{
    struct gcm_context_data gcm;

    encrypt(srtp_key_own(key), &gcm, p->text, p->text, p->text_len, p->iv,
            p->covered.data, p->covered.len, p->tag, SRTP_GCM_TAG);

    return 0;
}

static int
open_128(struct srtp_key *key, struct srtp_parts *p)
{
    return open_by(srtp_ipsec_mb_manager(key->engine)->gcm128_dec, key, p);
}

static int
open_256(struct srtp_key *key, struct srtp_parts *p)
{
    return open_by(srtp_ipsec_mb_manager(key->engine)->gcm256_dec, key, p);
}

static int
seal_128(struct srtp_key *key, struct srtp_parts *p)
{
    return seal_by(srtp_ipsec_mb_manager(key->engine)->gcm128_enc, key, p);
}

static int
seal_256(struct srtp_key *key, struct srtp_parts *p)
{
    return seal_by(srtp_ipsec_mb_manager(key->engine)->gcm256_enc, key, p);
}

/* of keys, once their length is known */
static const struct srtp_key_backend gcm_128 = {
    .destroy = destroy,
    .open = open_128,
    .seal = seal_128,
};

static const struct srtp_key_backend gcm_256 = {
    .destroy = destroy,
    .open = open_256,
    .seal = seal_256,
};

static int
create(struct srtp_key **key, struct srtp_engine *engine,
       const struct srtp_session_keys *keys)
{
    IMB_MGR *mgr = srtp_ipsec_mb_manager(engine);
    const struct srtp_key_backend *backend;

    switch (keys->profile->id) {
    case SRTP_PROFILE_AES128_CM_SHA1_80:
        return srtp_key_openssl.create(key, engine, keys);
    case SRTP_PROFILE_AEAD_AES_128_GCM:
        backend = &gcm_128;
        break;
    case SRTP_PROFILE_AEAD_AES_256_GCM:
        backend = &gcm_256;
        break;
    default:
        return SFU_ERR_UNSUPPORTED;
    }

    *key = srtp_key_alloc(backend, engine, keys,
                          sizeof(struct gcm_key_data));

    if (*key == NULL) {
        return SFU_ERR_NOMEM;
    }

    if (backend == &gcm_128) {
        IMB_AES128_GCM_PRE(mgr, keys->cipher, srtp_key_own(*key));
    } else {
        IMB_AES256_GCM_PRE(mgr, keys->cipher, srtp_key_own(*key));
    }

    return 0;
}

const struct srtp_key_backend srtp_key_ipsec_mb = {
    .create = create,
};
