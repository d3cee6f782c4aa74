/*
 * srtp/sealer_openssl.c - sealing with OpenSSL, on any machine.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Packets are sealed one by one, as soon as they are added.
 */

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "srtp/key_priv.h"
#include "srtp/openssl_priv.h"
#include "srtp/sealer_priv.h"

struct openssl_sealer {
    struct srtp_sealer base;
    EVP_CIPHER_CTX *cipher;     /* owned; the key is set, IVs change */
    EVP_MAC_CTX *mac;           /* owned; HMAC-SHA1 only; the key is set */
};

static int
engine_create(struct srtp_engine **engine)
{
    struct srtp_engine *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        return SFU_ERR_NOMEM;
    }

    snprintf(e->name, sizeof(e->name), "OpenSSL %s",
             OpenSSL_version(OPENSSL_VERSION_STRING));
    *engine = e;

    return 0;
}

static void
engine_destroy(struct srtp_engine *engine)
{
    free(engine);
}

static void
destroy(struct srtp_sealer *sealer)
{
    struct openssl_sealer *s = (struct openssl_sealer *)sealer;

    EVP_CIPHER_CTX_free(s->cipher);
    EVP_MAC_CTX_free(s->mac);
    free(s);
}

static int
create(struct srtp_sealer **sealer, struct srtp_engine *engine,
       const struct srtp_session_keys *keys)
{
    struct openssl_sealer *s = calloc(1, sizeof(*s));

    (void)engine;

    if (s == NULL) {
        return SFU_ERR_NOMEM;
    }

    s->base.batch = 1;
    s->base.size = sizeof(*s);
    s->cipher = EVP_CIPHER_CTX_new();

    if (s->cipher == NULL
        || EVP_EncryptInit_ex(s->cipher, srtp_openssl_cipher(keys->profile->id), NULL,
                              keys->cipher, NULL) != 1
        || (keys->profile->id == SRTP_PROFILE_AES128_CM_SHA1_80
            && (s->mac = srtp_openssl_mac(keys)) == NULL)) {
        destroy(&s->base);
        return SFU_ERR_LIBRARY;
    }

    *sealer = &s->base;

    return 0;
}

static bool
add_gcm(struct openssl_sealer *s, uint8_t *packet, size_t header_len,
        struct span payload, uint64_t index)
{
    uint8_t *out = packet + header_len;
    uint8_t iv[SRTP_GCM_IV];
    int n;

    srtp_gcm_iv(s->base.salt, packet + SRTP_RTP_SSRC, index, iv);

    return EVP_EncryptInit_ex(s->cipher, NULL, NULL, NULL, iv) == 1
           && EVP_EncryptUpdate(s->cipher, NULL, &n, packet, (int)header_len)
              == 1
           && (payload.len == 0
               || EVP_EncryptUpdate(s->cipher, out, &n, payload.data,
                                    (int)payload.len) == 1)
           && EVP_EncryptFinal_ex(s->cipher, out + payload.len, &n) == 1
           && EVP_CIPHER_CTX_ctrl(s->cipher, EVP_CTRL_AEAD_GET_TAG,
                                  SRTP_GCM_TAG, out + payload.len) == 1;
}

static bool
add_cm(struct openssl_sealer *s, uint8_t *packet, size_t header_len,
       struct span payload, uint64_t index)
{
    uint8_t *out = packet + header_len;
    uint8_t mac[SRTP_AUTH_KEY];
    uint8_t iv[SRTP_CM_IV];
    uint8_t roc[SRTP_ROC];
    size_t len;
    int n;

    srtp_cm_iv(s->base.salt, packet + SRTP_RTP_SSRC, index, iv);
    srtp_write_roc(roc, index);

    if (EVP_EncryptInit_ex(s->cipher, NULL, NULL, NULL, iv) != 1
        || (payload.len
            && EVP_EncryptUpdate(s->cipher, out, &n, payload.data,
                                 (int)payload.len) != 1)
        || EVP_MAC_init(s->mac, NULL, 0, NULL) != 1
        || EVP_MAC_update(s->mac, packet, header_len + payload.len) != 1
        || EVP_MAC_update(s->mac, roc, sizeof(roc)) != 1
        || EVP_MAC_final(s->mac, mac, &len, sizeof(mac)) != 1) {
        return false;
    }

    memcpy(out + payload.len, mac, SRTP_SHA1_80_TAG);

    return true;
}

static int
add(struct srtp_sealer *sealer, uint8_t *packet, size_t header_len,
    struct span payload, uint64_t index)
{
    struct openssl_sealer *s = (struct openssl_sealer *)sealer;
    bool ok = s->mac != NULL ? add_cm(s, packet, header_len, payload, index)
                             : add_gcm(s, packet, header_len, payload, index);

    return ok ? 0 : SFU_ERR_LIBRARY;
}

static size_t
finish(struct srtp_engine *engine)
{
    (void)engine;

    return 0;
}

const struct srtp_backend srtp_backend_openssl = {
    .key = &srtp_key_openssl,
    .engine_create = engine_create,
    .engine_destroy = engine_destroy,
    .create = create,
    .destroy = destroy,
    .add = add,
    .finish = finish,
};
