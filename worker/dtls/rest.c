/*
 * dtls/rest.c - what is kept of an association that has nothing more to say.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "dtls/rest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/reader.h"

enum {
    KEY_MAX = 32,
    SALT = 4,                   /* the implicit part of the nonce, RFC 5288 */
    NONCE = 8,                  /* the explicit one, in the record */
    TAG = 16,
    RANDOM = 32,                /* of a hello message */
    MASTER_SECRET = 48,
    FAREWELL_MAX = 64,          /* an alert is 13 + 8 + 2 + 16 bytes */

    /* RFC 6347, 4.1; RFC 5246, 7.2 */
    ALERT_RECORD = 21,
    ALERT_BYTES = 2,
    ALERT_FATAL = 2,
    CLOSE_NOTIFY = 0,
    DTLS_1_2 = 0xfefd,
    FIRST_EPOCH = 1,            /* and the last: nobody renegotiates */
};

struct dtls_rest {
    uint8_t key[KEY_MAX];       /* the peer writes with it */
    uint8_t salt[SALT];
    uint8_t key_len;
    uint8_t farewell_len;
    uint8_t farewell[FAREWELL_MAX];
};

/* the PRF of TLS 1.2 with "key expansion" and the server's random first */
static int
expand(SSL *ssl, const char *digest, uint8_t *block, size_t len)
{
    static const char label[] = "key expansion";
    uint8_t seed[sizeof(label) - 1 + 2 * RANDOM];
    uint8_t master[MASTER_SECRET];
    size_t master_len = SSL_SESSION_get_master_key(SSL_get_session(ssl),
                                                   master, sizeof(master));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         (char *)(uintptr_t)digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master,
                                          master_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed,
                                          sizeof(seed)),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    int error = SFU_ERR_LIBRARY;

    memcpy(seed, label, sizeof(label) - 1);
    SSL_get_server_random(ssl, seed + sizeof(label) - 1, RANDOM);
    SSL_get_client_random(ssl, seed + sizeof(label) - 1 + RANDOM, RANDOM);

    if (ctx != NULL && EVP_KDF_derive(ctx, block, len, params) == 1) {
        error = 0;
    }

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    OPENSSL_cleanse(master, sizeof(master));

    return error;
}

/* RFC 5246, 6.3: both keys, then both salts, the client's first; no MACs */
static int
take_keys(struct dtls_rest *rest, SSL *ssl, const char *digest)
{
    uint8_t block[2 * (KEY_MAX + SALT)] = { 0 };
    size_t key_len = rest->key_len;
    size_t peer = SSL_is_server(ssl) ? 0 : 1;
    int error = expand(ssl, digest, block, 2 * (key_len + SALT));

    memcpy(rest->key, block + peer * key_len, key_len);
    memcpy(rest->salt, block + 2 * key_len + peer * SALT, SALT);
    OPENSSL_cleanse(block, sizeof(block));

    return error;
}

int
dtls_rest_create(struct dtls_rest **rest, SSL *ssl)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    const EVP_MD *md = cipher != NULL ? SSL_CIPHER_get_handshake_digest(cipher)
                                      : NULL;
    int nid = cipher != NULL ? SSL_CIPHER_get_cipher_nid(cipher) : NID_undef;
    struct dtls_rest *r;
    int error;

    *rest = NULL;

    if (md == NULL || (nid != NID_aes_128_gcm && nid != NID_aes_256_gcm)) {
        return SFU_ERR_UNSUPPORTED;
    }

    r = calloc(1, sizeof(*r));

    if (r == NULL) {
        return SFU_ERR_NOMEM;
    }

    r->key_len = nid == NID_aes_128_gcm ? 16 : 32;
    error = take_keys(r, ssl, EVP_MD_get0_name(md));

    if (error) {
        dtls_rest_destroy(r);
        return error;
    }

    *rest = r;

    return 0;
}

void
dtls_rest_destroy(struct dtls_rest *rest)
{
    if (rest != NULL) {
        OPENSSL_cleanse(rest, sizeof(*rest));
        free(rest);
    }
}

void
dtls_rest_set_farewell(struct dtls_rest *rest, struct span datagram)
{
    if (datagram.len <= sizeof(rest->farewell)) {
        memcpy(rest->farewell, datagram.data, datagram.len);
        rest->farewell_len = (uint8_t)datagram.len;
    }
}

struct span
dtls_rest_farewell(const struct dtls_rest *rest)
{
    return span_of(rest->farewell, rest->farewell_len);
}

/* aad: what the record's header says, in the order of RFC 6347, 4.1.2.1 */
static bool
open_alert(struct dtls_rest *rest, const uint8_t aad[13],
           struct span fragment, uint8_t alert[ALERT_BYTES])
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const uint8_t *sealed = fragment.data + NONCE;
    uint8_t nonce[SALT + NONCE];
    uint8_t tag[TAG];
    int n;
    bool ok;

    memcpy(nonce, rest->salt, SALT);
    memcpy(nonce + SALT, fragment.data, NONCE);
    memcpy(tag, sealed + ALERT_BYTES, TAG);

    ok = ctx != NULL
         && EVP_DecryptInit_ex(ctx,
                               rest->key_len == 16 ? EVP_aes_128_gcm()
                                                   : EVP_aes_256_gcm(),
                               NULL, rest->key, nonce)
         && EVP_DecryptUpdate(ctx, NULL, &n, aad, 13)
         && EVP_DecryptUpdate(ctx, alert, &n, sealed, ALERT_BYTES)
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag)
         && EVP_DecryptFinal_ex(ctx, alert + n, &n) > 0;
    EVP_CIPHER_CTX_free(ctx);

    return ok;
}

/* the next record of the datagram; false after the last whole one */
static bool
next_record(struct reader *r, uint8_t aad[13], struct span *fragment)
{
    struct span header = reader_bytes(r, 11);

    *fragment = reader_bytes(r, reader_u16(r));

    if (!reader_ok(r)) {
        return false;
    }

    /* epoch and number, type, version, and the length of the plaintext */
    memcpy(aad, header.data + 3, 8);
    memcpy(aad + 8, header.data, 3);
    aad[11] = 0;
    aad[12] = ALERT_BYTES;

    return true;
}

static bool
may_be_alert(const uint8_t aad[13], struct span fragment)
{
    return aad[8] == ALERT_RECORD && (aad[9] << 8 | aad[10]) == DTLS_1_2
           && (aad[0] << 8 | aad[1]) == FIRST_EPOCH
           && fragment.len == NONCE + ALERT_BYTES + TAG;
}

enum dtls_rest_heard
dtls_rest_receive(struct dtls_rest *rest, struct span datagram)
{
    struct reader r = reader_over(datagram);
    struct span fragment;
    uint8_t aad[13];
    uint8_t alert[ALERT_BYTES];

    while (next_record(&r, aad, &fragment)) {
        if (!may_be_alert(aad, fragment)
            || !open_alert(rest, aad, fragment, alert)) {
            continue;
        }

        if (alert[1] == CLOSE_NOTIFY) {
            return DTLS_REST_CLOSE;
        }

        if (alert[0] == ALERT_FATAL) {
            return DTLS_REST_FATAL;
        }
    }

    return DTLS_REST_NOTHING;
}
