/*
 * srtp/derive.c - session keys out of a master key (RFC 3711, 4.3).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/derive.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/error.h"

enum {
    /* where three of them begin, */
    LABELS_RTP = 0,
    LABELS_RTCP = 3,
    /* of which each is one (4.3.2) */
    LABEL_CIPHER = 0,
    LABEL_AUTH = 1,
    LABEL_SALT = 2,

    /* the label's place in the 112 bits that the salt is combined with */
    LABEL_AT = 7,
};

/* AES in counter mode over nothing: the key stream is the key */
static int
derive(const struct srtp_key_material *master, uint8_t label, uint8_t *out,
       size_t len)
{
    const EVP_CIPHER *cipher = master->profile->key_len == 32
                               ? EVP_aes_256_ctr()
                               : EVP_aes_128_ctr();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t iv[16] = { 0 };
    int n;
    int ok;

    /* a salt of 96 bits is filled up with zeros (RFC 7714, 11) */
    memcpy(iv, master->salt, master->profile->salt_len);
    iv[LABEL_AT] ^= label;
    memset(out, 0, len);

    ok = ctx != NULL
         && EVP_EncryptInit_ex(ctx, cipher, NULL, master->key, iv) == 1
         && EVP_EncryptUpdate(ctx, out, &n, out, (int)len) == 1;

    EVP_CIPHER_CTX_free(ctx);

    return ok ? 0 : SFU_ERR_LIBRARY;
}

static int
derive_keys(struct srtp_session_keys *keys,
            const struct srtp_key_material *master, uint8_t labels)
{
    int error;

    *keys = (struct srtp_session_keys){ .profile = master->profile };
    error = derive(master, labels + LABEL_CIPHER, keys->cipher,
                   master->profile->key_len);

    if (!error) {
        error = derive(master, labels + LABEL_SALT, keys->salt,
                       master->profile->salt_len);
    }

    if (!error && master->profile->id == SRTP_PROFILE_AES128_CM_SHA1_80) {
        error = derive(master, labels + LABEL_AUTH, keys->auth,
                       sizeof(keys->auth));
    }

    return error;
}

int
srtp_derive(struct srtp_session_keys *keys,
            const struct srtp_key_material *master)
{
    return derive_keys(keys, master, LABELS_RTP);
}

int
srtp_derive_rtcp(struct srtp_session_keys *keys,
                 const struct srtp_key_material *master)
{
    return derive_keys(keys, master, LABELS_RTCP);
}
