/*
 * srtp/openssl.c - what sealing and opening with OpenSSL have in common.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/openssl_priv.h"

#include <openssl/core_names.h>

const EVP_CIPHER *
srtp_openssl_cipher(enum srtp_profile_id id)
{
    switch (id) {
    case SRTP_PROFILE_AES128_CM_SHA1_80:
        return EVP_aes_128_ctr();
    case SRTP_PROFILE_AEAD_AES_128_GCM:
        return EVP_aes_128_gcm();
    case SRTP_PROFILE_AEAD_AES_256_GCM:
        return EVP_aes_256_gcm();
    case SRTP_PROFILE_NONE:
        break;
    }

    return NULL;
}

EVP_MAC_CTX *
srtp_openssl_mac(const struct srtp_session_keys *keys)
{
    OSSL_PARAM params[2] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA1", 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;

    EVP_MAC_free(hmac);

    if (mac != NULL
        && EVP_MAC_init(mac, keys->auth, sizeof(keys->auth), params) != 1) {
        EVP_MAC_CTX_free(mac);
        mac = NULL;
    }

    return mac;
}
