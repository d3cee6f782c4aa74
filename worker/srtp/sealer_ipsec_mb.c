/*
 * srtp/sealer_ipsec_mb.c - sealing with Intel's multi-buffer library, amd64.
 * Copyright (C) the ngx_sfu_module authors
 *
 * AES-GCM is done at once, by wide vectors within one packet: four times as
 * quick as OpenSSL 3.0.  HMAC-SHA1 cannot be split so; it is quick when many
 * packets are hashed side by side, so those wait for each other.
 *
 * Built where the library is installed (see the Makefile).
 */

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "srtp/ipsec_mb_priv.h"
#include "srtp/key_priv.h"
#include "srtp/sealer_priv.h"

enum {
    /*
     * A packet alone costs 0.95 us of HMAC, of 4 each 0.6, of 16 each 0.24,
     * of 64 each 0.22 (1150 bytes, EPYC with AVX-512).
     */
    BATCH = 16,
    /* the library's own queue takes 256 */
    WAITING_MAX = 128,
    AES_SCHEDULE = 16 * 15,     /* at most; AES-128 has 11 round keys */
    SHA1_BLOCK = 64,
    SHA1_STATE = 20,
};

/* what a job points to while it waits */
struct waiting {
    uint8_t iv[SRTP_CM_IV];
    uint8_t tag[SHA1_STATE];
    uint8_t *out;
    size_t len;                 /* of the payload; the tag comes behind */
};

struct mb_engine {
    struct srtp_engine base;
    IMB_MGR *mgr;               /* owned */
    struct gcm_context_data gcm;
    struct waiting waiting[WAITING_MAX];
    size_t added;
    size_t done;
    size_t failed;
};

struct mb_sealer {
    struct srtp_sealer base;

    union {
        struct gcm_key_data gcm;
        struct {
            _Alignas(16) uint8_t expanded[AES_SCHEDULE];
            uint8_t ipad[SHA1_STATE];
            uint8_t opad[SHA1_STATE];
        } cm;
    } keys;
};

static int
engine_create(struct srtp_engine **engine)
{
    const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    struct mb_engine *e = calloc(1, sizeof(*e));
    IMB_ARCH arch = IMB_ARCH_NONE;

    if (e == NULL) {
        return SFU_ERR_NOMEM;
    }

    e->mgr = alloc_mb_mgr(0);

    if (e->mgr == NULL) {
        free(e);
        return SFU_ERR_NOMEM;
    }

    init_mb_mgr_auto(e->mgr, &arch);

    /* it would emulate them, slowly and through tables */
    if (arch < IMB_ARCH_SSE || (e->mgr->features & needed) != needed) {
        free_mb_mgr(e->mgr);
        free(e);
        return SFU_ERR_UNSUPPORTED;
    }

    snprintf(e->base.name, sizeof(e->base.name), "ipsec-mb %s (%s)",
             imb_get_version_str(),
             arch == IMB_ARCH_AVX512 ? "AVX512"
             : arch == IMB_ARCH_AVX2 ? "AVX2"
             : arch == IMB_ARCH_AVX  ? "AVX"
                                     : "SSE");
    *engine = &e->base;

    return 0;
}

static void
engine_destroy(struct srtp_engine *engine)
{
    struct mb_engine *e = (struct mb_engine *)engine;

    free_mb_mgr(e->mgr);
    OPENSSL_cleanse(e, sizeof(*e));
    free(e);
}

IMB_MGR *
srtp_ipsec_mb_manager(struct srtp_engine *engine)
{
    return ((struct mb_engine *)engine)->mgr;
}

/* the state of SHA-1 after the key's block (RFC 2104) */
static void
hash_pad(IMB_MGR *mgr, const uint8_t key[SRTP_AUTH_KEY], uint8_t pad,
         uint8_t state[SHA1_STATE])
{
    uint8_t block[SHA1_BLOCK];

    memset(block, pad, sizeof(block));

    for (int i = 0; i < SRTP_AUTH_KEY; i++) {
        block[i] ^= key[i];
    }

    IMB_SHA1_ONE_BLOCK(mgr, block, state);
    OPENSSL_cleanse(block, sizeof(block));
}

static int
create(struct srtp_sealer **sealer, struct srtp_engine *engine,
       const struct srtp_session_keys *keys)
{
    IMB_MGR *mgr = ((struct mb_engine *)engine)->mgr;
    struct mb_sealer *s = aligned_alloc(64, (sizeof(*s) + 63) / 64 * 64);

    if (s == NULL) {
        return SFU_ERR_NOMEM;
    }

    memset(s, 0, sizeof(*s));
    s->base.batch = 1;
    s->base.size = sizeof(*s);

    switch (keys->profile->id) {

    case SRTP_PROFILE_AEAD_AES_128_GCM:
        IMB_AES128_GCM_PRE(mgr, keys->cipher, &s->keys.gcm);
        break;

    case SRTP_PROFILE_AEAD_AES_256_GCM:
        IMB_AES256_GCM_PRE(mgr, keys->cipher, &s->keys.gcm);
        break;

    case SRTP_PROFILE_AES128_CM_SHA1_80: {
        _Alignas(16) uint8_t unused[sizeof(s->keys.cm.expanded)];

        s->base.batch = BATCH;
        s->base.size = offsetof(struct mb_sealer, keys)
                       + sizeof(s->keys.cm);
        IMB_AES_KEYEXP_128(mgr, keys->cipher, s->keys.cm.expanded, unused);
        hash_pad(mgr, keys->auth, 0x36, s->keys.cm.ipad);
        hash_pad(mgr, keys->auth, 0x5c, s->keys.cm.opad);
        OPENSSL_cleanse(unused, sizeof(unused));
        break;
    }

    case SRTP_PROFILE_NONE:
        free(s);
        return SFU_ERR_UNSUPPORTED;
    }

    *sealer = &s->base;

    return 0;
}

static void
destroy(struct srtp_sealer *sealer)
{
    OPENSSL_cleanse(sealer, sizeof(struct mb_sealer));
    free(sealer);
}

static int
add_gcm(struct mb_engine *e, struct mb_sealer *s, uint8_t *packet,
        size_t header_len, struct span payload, uint64_t index)
{
    uint8_t *out = packet + header_len;
    uint8_t iv[SRTP_GCM_IV];

    srtp_gcm_iv(s->base.salt, packet + SRTP_RTP_SSRC, index, iv);

    /* with nothing to encrypt it still wants an address */
    if (payload.len == 0) {
        payload.data = out;
    }

    if (s->base.profile == SRTP_PROFILE_AEAD_AES_128_GCM) {
        IMB_AES128_GCM_ENC(e->mgr, &s->keys.gcm, &e->gcm, out, payload.data,
                           payload.len, iv, packet, header_len,
                           out + payload.len, SRTP_GCM_TAG);
    } else {
        IMB_AES256_GCM_ENC(e->mgr, &s->keys.gcm, &e->gcm, out, payload.data,
                           payload.len, iv, packet, header_len,
                           out + payload.len, SRTP_GCM_TAG);
    }

    return 0;
}

/* jobs come back in the order in which they went in */
static void
completed(struct mb_engine *e, const IMB_JOB *job)
{
    struct waiting *w = job->user_data;

    if (job->status == IMB_STATUS_COMPLETED) {
        memcpy(w->out + w->len, w->tag, SRTP_SHA1_80_TAG);
    } else {
        /* it may still be in plaintext */
        memset(w->out, 0, w->len + SRTP_SHA1_80_TAG);
        e->failed++;
    }

    e->done++;
}

static void
complete_all(struct mb_engine *e)
{
    while (e->done < e->added) {
        IMB_JOB *job = IMB_FLUSH_JOB(e->mgr);

        if (job == NULL) {
            break;
        }

        completed(e, job);
    }
}

static int
add_cm(struct mb_engine *e, struct mb_sealer *s, uint8_t *packet,
       size_t header_len, struct span payload, uint64_t index)
{
    struct waiting *w;
    IMB_JOB *job;

    if (e->added - e->done == WAITING_MAX) {
        complete_all(e);
    }

    w = &e->waiting[e->added++ % WAITING_MAX];
    w->out = packet + header_len;
    w->len = payload.len;
    srtp_cm_iv(s->base.salt, packet + SRTP_RTP_SSRC, index, w->iv);
    /* the tag covers it; then the tag takes its place */
    srtp_write_roc(w->out + payload.len, index);

    job = IMB_GET_NEXT_JOB(e->mgr);
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->chain_order = IMB_ORDER_CIPHER_HASH;
    job->cipher_mode = payload.len ? IMB_CIPHER_CNTR : IMB_CIPHER_NULL;
    job->src = payload.len ? payload.data : w->out;
    job->dst = w->out;
    job->enc_keys = job->dec_keys = s->keys.cm.expanded;
    job->key_len_in_bytes = IMB_KEY_128_BYTES;
    job->iv = w->iv;
    job->iv_len_in_bytes = SRTP_CM_IV;
    job->cipher_start_src_offset_in_bytes = 0;
    job->msg_len_to_cipher_in_bytes = payload.len;
    job->hash_alg = IMB_AUTH_HMAC_SHA_1;
    /* counted from the source, though what is hashed is the packet */
    job->hash_start_src_offset_in_bytes = (uintptr_t)packet
                                          - (uintptr_t)job->src;
    job->msg_len_to_hash_in_bytes = header_len + payload.len + 4;
    job->auth_tag_output = w->tag;
    job->auth_tag_output_len_in_bytes = SHA1_STATE;
    job->u.HMAC._hashed_auth_key_xor_ipad = s->keys.cm.ipad;
    job->u.HMAC._hashed_auth_key_xor_opad = s->keys.cm.opad;
    job->user_data = w;

    for (job = IMB_SUBMIT_JOB(e->mgr); job != NULL;
         job = IMB_GET_COMPLETED_JOB(e->mgr)) {
        completed(e, job);
    }

    return 0;
}

static int
add(struct srtp_sealer *sealer, uint8_t *packet, size_t header_len,
    struct span payload, uint64_t index)
{
    struct mb_engine *e = (struct mb_engine *)sealer->engine;
    struct mb_sealer *s = (struct mb_sealer *)sealer;

    return s->base.profile == SRTP_PROFILE_AES128_CM_SHA1_80
               ? add_cm(e, s, packet, header_len, payload, index)
               : add_gcm(e, s, packet, header_len, payload, index);
}

static size_t
finish(struct srtp_engine *engine)
{
    struct mb_engine *e = (struct mb_engine *)engine;
    size_t failed;

    complete_all(e);
    failed = e->failed;
    e->failed = 0;

    return failed;
}

const struct srtp_backend srtp_backend_ipsec_mb = {
    .key = &srtp_key_ipsec_mb,
    .engine_create = engine_create,
    .engine_destroy = engine_destroy,
    .create = create,
    .destroy = destroy,
    .add = add,
    .finish = finish,
};
