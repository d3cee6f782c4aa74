/*
 * srtp/key.c - the memory of an opener or sealer and its key.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "srtp/key_priv.h"

static size_t
whole_lines(size_t size)
{
    return (size + SRTP_CACHE_LINE - 1) / SRTP_CACHE_LINE * SRTP_CACHE_LINE;
}

int
srtp_key_create(struct srtp_key **key, struct srtp_engine *engine,
                const struct srtp_key_material *keys,
                int (*derive)(struct srtp_session_keys *,
                              const struct srtp_key_material *))
{
    struct srtp_session_keys session;
    int error = derive(&session, keys);

    *key = NULL;

    if (!error) {
        error = engine->backend->key->create(key, engine, &session);
    }

    OPENSSL_cleanse(&session, sizeof(session));

    return error;
}

struct srtp_key *
srtp_key_alloc(const struct srtp_key_backend *backend,
               struct srtp_engine *engine,
               const struct srtp_session_keys *keys, size_t own)
{
    size_t size = SRTP_KEY_HEAD + whole_lines(own);
    struct srtp_key *key = aligned_alloc(SRTP_CACHE_LINE, size);

    if (key == NULL) {
        return NULL;
    }

    memset(key, 0, size);
    key->backend = backend;
    key->engine = engine;
    key->gcm = keys->profile->id != SRTP_PROFILE_AES128_CM_SHA1_80;
    key->tag_len = key->gcm ? SRTP_GCM_TAG : SRTP_SHA1_80_TAG;
    memcpy(key->salt, keys->salt, sizeof(key->salt));

    return key;
}

void
srtp_key_free(struct srtp_key *key, size_t own)
{
    OPENSSL_cleanse(key, SRTP_KEY_HEAD + own);
    free(key);
}
