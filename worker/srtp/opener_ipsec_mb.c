/*
 * srtp/opener_ipsec_mb.c - opening with Intel's multi-buffer library, amd64.
 * Copyright (C) the ngx_sfu_module authors
 *
 * AES-GCM only.  Its HMAC-SHA1 is quick when many packets are hashed side by
 * side, and these come one after another: OpenSSL's takes less then.
 */

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "srtp/ipsec_mb_priv.h"
#include "srtp/opener_priv.h"

struct mb_opener {
    struct srtp_opener base;
    IMB_MGR *mgr;               /* borrowed from the engine */
    bool long_key;              /* 256 bits */
    /* stored to with aligned instructions, though its type does not say so */
    _Alignas(64) struct gcm_key_data key;
};

static int
create(struct srtp_opener **opener, struct srtp_engine *engine,
       const struct srtp_session_keys *keys)
{
    struct mb_opener *o;

    if (keys->profile->id == SRTP_PROFILE_AES128_CM_SHA1_80) {
        return srtp_opener_openssl.create(opener, engine, keys);
    }

    o = aligned_alloc(64, sizeof(*o));

    if (o == NULL) {
        return SFU_ERR_NOMEM;
    }

    memset(o, 0, sizeof(*o));
    o->base.backend = &srtp_opener_ipsec_mb;
    o->mgr = srtp_ipsec_mb_manager(engine);

    switch (keys->profile->id) {

    case SRTP_PROFILE_AEAD_AES_128_GCM:
        IMB_AES128_GCM_PRE(o->mgr, keys->cipher, &o->key);
        break;

    case SRTP_PROFILE_AEAD_AES_256_GCM:
        o->long_key = true;
        IMB_AES256_GCM_PRE(o->mgr, keys->cipher, &o->key);
        break;

    default:
        free(o);
        return SFU_ERR_UNSUPPORTED;
    }

    *opener = &o->base;

    return 0;
}

static void
destroy(struct srtp_opener *opener)
{
    OPENSSL_cleanse(opener, sizeof(struct mb_opener));
    free(opener);
}

static int
open_packet(struct srtp_opener *opener, uint8_t *packet, size_t header_len,
            size_t payload_len, uint64_t index)
{
    struct mb_opener *o = (struct mb_opener *)opener;
    uint8_t *payload = packet + header_len;
    struct gcm_context_data gcm;
    uint8_t tag[SRTP_GCM_TAG];
    uint8_t iv[SRTP_GCM_IV];

    srtp_gcm_iv(o->base.salt, packet, index, iv);

    if (o->long_key) {
        IMB_AES256_GCM_DEC(o->mgr, &o->key, &gcm, payload, payload,
                           payload_len, iv, packet, header_len, tag,
                           sizeof(tag));
    } else {
        IMB_AES128_GCM_DEC(o->mgr, &o->key, &gcm, payload, payload,
                           payload_len, iv, packet, header_len, tag,
                           sizeof(tag));
    }

    return CRYPTO_memcmp(tag, payload + payload_len, sizeof(tag)) == 0
               ? 0
               : SFU_ERR_AUTH;
}

const struct srtp_opener_backend srtp_opener_ipsec_mb = {
    .create = create,
    .destroy = destroy,
    .open = open_packet,
};
