/*
 * srtp/opener_openssl.c - opening with OpenSSL, on any machine.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "srtp/opener_priv.h"
#include "srtp/openssl_priv.h"

struct openssl_opener {
    struct srtp_opener base;
    EVP_CIPHER_CTX *cipher;     /* owned; the key is set, IVs change */
    EVP_MAC_CTX *mac;           /* owned; HMAC-SHA1 only; the key is set */
};

static void
destroy(struct srtp_opener *opener)
{
    struct openssl_opener *o = (struct openssl_opener *)opener;

    EVP_CIPHER_CTX_free(o->cipher);
    EVP_MAC_CTX_free(o->mac);
    free(o);
}

static int
create(struct srtp_opener **opener, struct srtp_engine *engine,
       const struct srtp_session_keys *keys)
{
    const EVP_CIPHER *cipher = srtp_openssl_cipher(keys->profile->id);
    struct openssl_opener *o;

    (void)engine;

    if (cipher == NULL) {
        return SFU_ERR_UNSUPPORTED;
    }

    o = calloc(1, sizeof(*o));

    if (o == NULL) {
        return SFU_ERR_NOMEM;
    }

    o->base.backend = &srtp_opener_openssl;
    o->cipher = EVP_CIPHER_CTX_new();

    if (o->cipher == NULL
        || EVP_DecryptInit_ex(o->cipher, cipher, NULL, keys->cipher, NULL)
           != 1
        || (keys->profile->id == SRTP_PROFILE_AES128_CM_SHA1_80
            && (o->mac = srtp_openssl_mac(keys)) == NULL)) {
        destroy(&o->base);
        return SFU_ERR_LIBRARY;
    }

    *opener = &o->base;

    return 0;
}

static int
open_gcm(struct openssl_opener *o, uint8_t *packet, size_t header_len,
         size_t payload_len, uint64_t index)
{
    uint8_t *payload = packet + header_len;
    uint8_t iv[SRTP_GCM_IV];
    int n;

    srtp_gcm_iv(o->base.salt, packet, index, iv);

    if (EVP_DecryptInit_ex(o->cipher, NULL, NULL, NULL, iv) != 1
        || EVP_DecryptUpdate(o->cipher, NULL, &n, packet, (int)header_len)
           != 1
        || (payload_len
            && EVP_DecryptUpdate(o->cipher, payload, &n, payload,
                                 (int)payload_len) != 1)
        || EVP_CIPHER_CTX_ctrl(o->cipher, EVP_CTRL_AEAD_SET_TAG,
                               SRTP_GCM_TAG, payload + payload_len) != 1) {
        return SFU_ERR_LIBRARY;
    }

    return EVP_DecryptFinal_ex(o->cipher, payload + payload_len, &n) == 1
               ? 0
               : SFU_ERR_AUTH;
}

static int
open_cm(struct openssl_opener *o, uint8_t *packet, size_t header_len,
        size_t payload_len, uint64_t index)
{
    uint8_t *payload = packet + header_len;
    uint8_t mac[SRTP_AUTH_KEY];
    uint8_t iv[SRTP_CM_IV];
    uint8_t roc[4];
    size_t len;
    int n;

    srtp_write_roc(roc, index);

    if (EVP_MAC_init(o->mac, NULL, 0, NULL) != 1
        || EVP_MAC_update(o->mac, packet, header_len + payload_len) != 1
        || EVP_MAC_update(o->mac, roc, sizeof(roc)) != 1
        || EVP_MAC_final(o->mac, mac, &len, sizeof(mac)) != 1) {
        return SFU_ERR_LIBRARY;
    }

    if (CRYPTO_memcmp(mac, payload + payload_len, SRTP_SHA1_80_TAG) != 0) {
        return SFU_ERR_AUTH;
    }

    srtp_cm_iv(o->base.salt, packet, index, iv);

    return EVP_DecryptInit_ex(o->cipher, NULL, NULL, NULL, iv) == 1
           && (payload_len == 0
               || EVP_DecryptUpdate(o->cipher, payload, &n, payload,
                                    (int)payload_len) == 1)
               ? 0
               : SFU_ERR_LIBRARY;
}

static int
open_packet(struct srtp_opener *opener, uint8_t *packet, size_t header_len,
            size_t payload_len, uint64_t index)
{
    struct openssl_opener *o = (struct openssl_opener *)opener;

    return o->mac != NULL
               ? open_cm(o, packet, header_len, payload_len, index)
               : open_gcm(o, packet, header_len, payload_len, index);
}

const struct srtp_opener_backend srtp_opener_openssl = {
    .create = create,
    .destroy = destroy,
    .open = open_packet,
};
