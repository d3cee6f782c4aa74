/*
 * srtp/key_openssl.c - keys of OpenSSL, on any machine.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/error.h"
#include "srtp/key_priv.h"
#include "srtp/openssl_priv.h"

struct openssl_key {
    /* owned; the key is set, IVs change; counter modes have one both ways */
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac;           /* owned; HMAC-SHA1 only; the key is set */
};

static void
destroy(struct srtp_key *key)
{
    struct openssl_key *own = srtp_key_own(key);

    EVP_CIPHER_CTX_free(own->cipher);
    EVP_MAC_CTX_free(own->mac);
    srtp_key_free(key, sizeof(*own));
}

static int
create(struct srtp_key **key, struct srtp_engine *engine,
       const struct srtp_session_keys *keys)
{
    const EVP_CIPHER *cipher = srtp_openssl_cipher(keys->profile->id);
    struct openssl_key *own;

    if (cipher == NULL) {
        return SFU_ERR_UNSUPPORTED;
    }

    *key = srtp_key_alloc(&srtp_key_openssl, engine, keys, sizeof(*own));

    if (*key == NULL) {
        return SFU_ERR_NOMEM;
    }

    own = srtp_key_own(*key);
    own->cipher = EVP_CIPHER_CTX_new();

    if (own->cipher == NULL
        || EVP_DecryptInit_ex(own->cipher, cipher, NULL, keys->cipher, NULL)
           != 1
        || (!(*key)->gcm && (own->mac = srtp_openssl_mac(keys)) == NULL)) {
        destroy(*key);
        *key = NULL;
        return SFU_ERR_LIBRARY;
    }

    return 0;
}

static int
open_gcm(struct openssl_key *own, struct srtp_parts *p)
{
    int n;

    if (EVP_DecryptInit_ex(own->cipher, NULL, NULL, NULL, p->iv) != 1
        || EVP_DecryptUpdate(own->cipher, NULL, &n, p->covered.data,
                             (int)p->covered.len) != 1
        || (p->text_len
            && EVP_DecryptUpdate(own->cipher, p->text, &n, p->text,
                                 (int)p->text_len) != 1)
        || EVP_CIPHER_CTX_ctrl(own->cipher, EVP_CTRL_AEAD_SET_TAG,
                               SRTP_GCM_TAG, p->tag) != 1) {
        return SFU_ERR_LIBRARY;
    }

    return EVP_DecryptFinal_ex(own->cipher, p->text + p->text_len, &n) == 1
               ? 0
               : SFU_ERR_AUTH;
}

static int
compute_mac(struct openssl_key *own, struct srtp_parts *p,
            uint8_t mac[SRTP_AUTH_KEY])
{
    size_t len;

    return EVP_MAC_init(own->mac, NULL, 0, NULL) == 1
           && EVP_MAC_update(own->mac, p->covered.data, p->covered.len) == 1
           && EVP_MAC_final(own->mac, mac, &len, SRTP_AUTH_KEY) == 1
               ? 0
               : SFU_ERR_LIBRARY;
}

static int
open_cm(struct openssl_key *own, struct srtp_parts *p)
{
    uint8_t mac[SRTP_AUTH_KEY];
    int n;

    if (compute_mac(own, p, mac)) {
        return SFU_ERR_LIBRARY;
    }

    if (CRYPTO_memcmp(mac, p->tag, SRTP_SHA1_80_TAG) != 0) {
        return SFU_ERR_AUTH;
    }

    return EVP_DecryptInit_ex(own->cipher, NULL, NULL, NULL, p->iv) == 1
           && (p->text_len == 0
               || EVP_DecryptUpdate(own->cipher, p->text, &n, p->text,
                                    (int)p->text_len) == 1)
               ? 0
               : SFU_ERR_LIBRARY;
}

static int
open_packet(struct srtp_key *key, struct srtp_parts *packet)
{
    struct openssl_key *own = srtp_key_own(key);

    return key->gcm ? open_gcm(own, packet) : open_cm(own, packet);
}

static int
seal_gcm(struct openssl_key *own, struct srtp_parts *p)
{
    int n;

    return EVP_EncryptInit_ex(own->cipher, NULL, NULL, NULL, p->iv) == 1
           && EVP_EncryptUpdate(own->cipher, NULL, &n, p->covered.data,
                                (int)p->covered.len) == 1
           && (p->text_len == 0
               || EVP_EncryptUpdate(own->cipher, p->text, &n, p->text,
                                    (int)p->text_len) == 1)
           && EVP_EncryptFinal_ex(own->cipher, p->text + p->text_len, &n) == 1
           && EVP_CIPHER_CTX_ctrl(own->cipher, EVP_CTRL_AEAD_GET_TAG,
                                  SRTP_GCM_TAG, p->tag) == 1
               ? 0
               : SFU_ERR_LIBRARY;
}

static int
seal_cm(struct openssl_key *own, struct srtp_parts *p)
{
    uint8_t mac[SRTP_AUTH_KEY];
    int n;

    if (EVP_EncryptInit_ex(own->cipher, NULL, NULL, NULL, p->iv) != 1
        || (p->text_len
            && EVP_EncryptUpdate(own->cipher, p->text, &n, p->text,
                                 (int)p->text_len) != 1)
        || compute_mac(own, p, mac)) {
        return SFU_ERR_LIBRARY;
    }

    memcpy(p->tag, mac, SRTP_SHA1_80_TAG);

    return 0;
}

static int
seal_packet(struct srtp_key *key, struct srtp_parts *packet)
{
    struct openssl_key *own = srtp_key_own(key);

    return key->gcm ? seal_gcm(own, packet) : seal_cm(own, packet);
}

const struct srtp_key_backend srtp_key_openssl = {
    .create = create,
    .destroy = destroy,
    .open = open_packet,
    .seal = seal_packet,
};
