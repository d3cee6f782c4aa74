/*
 * srtp/sealer.c - sealing RTP packets to one peer: choice of the back end.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "srtp/sealer_priv.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/error.h"

/* the quicker ones first */
static const struct {
    enum srtp_backend_id id;
    const struct srtp_backend *backend;
} backends[] = {
#ifdef SFU_IPSEC_MB
    { SRTP_BACKEND_IPSEC_MB, &srtp_backend_ipsec_mb },
#endif
    { SRTP_BACKEND_OPENSSL, &srtp_backend_openssl },
};

int
srtp_engine_create(struct srtp_engine **engine, enum srtp_backend_id id)
{
    int error = SFU_ERR_UNSUPPORTED;

    *engine = NULL;

    /* a processor may lack what a back end was made for: then the next one */
    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0])
                       && error == SFU_ERR_UNSUPPORTED; i++) {
        if (id == SRTP_BACKEND_BEST || id == backends[i].id) {
            error = backends[i].backend->engine_create(engine);

            if (!error) {
                (*engine)->backend = backends[i].backend;
            }
        }
    }

    return error;
}

void
srtp_engine_destroy(struct srtp_engine *engine)
{
    if (engine != NULL) {
        engine->backend->engine_destroy(engine);
    }
}

const char *
srtp_engine_name(const struct srtp_engine *engine)
{
    return engine->name;
}

int
srtp_sealer_create(struct srtp_sealer **sealer, struct srtp_engine *engine,
                   const struct srtp_key_material *keys)
{
    struct srtp_session_keys session;
    int error = srtp_derive(&session, keys);

    *sealer = NULL;

    if (!error) {
        error = engine->backend->create(sealer, engine, &session);
    }

    if (!error) {
        struct srtp_sealer *s = *sealer;

        s->engine = engine;
        s->profile = keys->profile->id;
        s->tag_len = s->profile == SRTP_PROFILE_AES128_CM_SHA1_80
                     ? SRTP_SHA1_80_TAG : SRTP_GCM_TAG;
        memcpy(s->salt, session.salt, sizeof(s->salt));
    }

    OPENSSL_cleanse(&session, sizeof(session));

    return error;
}

void
srtp_sealer_destroy(struct srtp_sealer *sealer)
{
    if (sealer != NULL) {
        sealer->engine->backend->destroy(sealer);
    }
}

size_t
srtp_sealer_tag_len(const struct srtp_sealer *sealer)
{
    return sealer->tag_len;
}

size_t
srtp_sealer_batch(const struct srtp_sealer *sealer)
{
    return sealer->batch;
}

void
srtp_sealer_prefetch(const struct srtp_sealer *sealer)
{
    for (size_t i = 0; i < sealer->size; i += 64) {
        __builtin_prefetch((const char *)sealer + i);
    }
}

int
srtp_sealer_add(struct srtp_sealer *sealer, uint8_t *packet,
                size_t header_len, struct span payload, uint64_t index)
{
    if (index > SRTP_INDEX_MAX) {
        return SFU_ERR_LIMIT;
    }

    return sealer->engine->backend->add(sealer, packet, header_len, payload,
                                        index);
}

size_t
srtp_engine_finish(struct srtp_engine *engine)
{
    return engine->backend->finish(engine);
}
