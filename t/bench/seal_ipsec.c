/*
 * seal_ipsec.c - SRTP on Intel's multi-buffer library (libipsec-mb).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Key derivation and counters are those of RFC 3711 (4.1.1, 4.3) and RFC 7714
 * (8.1): libsrtp2 opens these packets, and raw.c makes sure of it at start.
 */

#include "seal.h"

#include "base/error.h"

#ifdef SFU_IPSEC_MB

#include <intel-ipsec-mb.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum {
    LABEL_KEY = 0,              /* RFC 3711, 4.3.2 */
    LABEL_AUTH = 1,
    LABEL_SALT = 2,
    KEY = 16,
    SALT = 14,
    AUTH_KEY = 20,              /* of HMAC-SHA1 */
    SHA1_BLOCK = 64,
    CM_TAG = 10,
    GCM_TAG = 16,
    GCM_IV = 12,
    MB_TAG = 12,                /* the shortest HMAC the library gives */
};

struct session {
    struct gcm_key_data gcm;
    _Alignas(16) uint32_t key[4 * 15];
    _Alignas(16) uint32_t unused[4 * 15];
    _Alignas(16) uint8_t inner[AUTH_KEY + 12];
    _Alignas(16) uint8_t outer[AUTH_KEY + 12];
    uint8_t salt[16];
};

/* where a packet's short tag has to go when the library is done */
struct pending {
    uint8_t *tag_place;
    uint8_t tag[16];
    uint8_t iv[16];
};

struct seal_ipsec {
    IMB_MGR *mb;                /* owned */
    struct session *sessions;   /* owned */
    const struct srtp_profile *profile;
    struct pending pending[SEAL_BATCH];
    size_t count;
};

/* RFC 3711, 4.3: with a key derivation rate of zero */
static int
derive(const struct srtp_key_material *keys, uint8_t label, uint8_t *out,
       size_t len)
{
    static const uint8_t zeros[64];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t iv[16] = { 0 };
    int n = 0;
    int ok;

    memcpy(iv, keys->salt, keys->profile->salt_len);
    iv[7] ^= label;
    ok = ctx != NULL
         && EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, keys->key, iv)
         && EVP_EncryptUpdate(ctx, out, &n, zeros, (int)len);
    EVP_CIPHER_CTX_free(ctx);

    return ok ? 0 : SFU_ERR_LIBRARY;
}

static void
hmac_states(IMB_MGR *mb, struct session *s, const uint8_t auth[AUTH_KEY])
{
    uint8_t block[SHA1_BLOCK];

    memset(block, 0x36, sizeof(block));

    for (size_t i = 0; i < AUTH_KEY; i++) {
        block[i] ^= auth[i];
    }

    IMB_SHA1_ONE_BLOCK(mb, block, s->inner);

    for (size_t i = 0; i < SHA1_BLOCK; i++) {
        block[i] ^= 0x36 ^ 0x5c;
    }

    IMB_SHA1_ONE_BLOCK(mb, block, s->outer);
}

static int
session_init(struct seal_ipsec *c, size_t receiver)
{
    struct session *s = &c->sessions[receiver];
    struct srtp_key_material keys;
    uint8_t key[KEY];
    uint8_t auth[AUTH_KEY];

    seal_keys_of(receiver, c->profile, &keys);

    if (derive(&keys, LABEL_KEY, key, KEY)
        || derive(&keys, LABEL_AUTH, auth, AUTH_KEY)
        || derive(&keys, LABEL_SALT, s->salt, c->profile->salt_len))
    {
        return SFU_ERR_LIBRARY;
    }

    IMB_AES128_GCM_PRE(c->mb, key, &s->gcm);
    IMB_AES_KEYEXP_128(c->mb, key, s->key, s->unused);
    hmac_states(c->mb, s, auth);

    return 0;
}

int
seal_ipsec_create(struct seal_ipsec **ipsec,
                  const struct srtp_profile *profile, size_t receivers)
{
    struct seal_ipsec *c;
    int error = SFU_ERR_NOMEM;

    *ipsec = NULL;

    if (profile->id != SRTP_PROFILE_AEAD_AES_128_GCM
        && profile->id != SRTP_PROFILE_AES128_CM_SHA1_80)
    {
        return SFU_ERR_UNSUPPORTED;
    }

    c = calloc(1, sizeof(*c));

    if (c == NULL) {
        return SFU_ERR_NOMEM;
    }

    c->profile = profile;
    c->mb = alloc_mb_mgr(0);
    c->sessions = aligned_alloc(64, receivers * sizeof(struct session));

    if (c->mb == NULL || c->sessions == NULL) {
        goto failed;
    }

    memset(c->sessions, 0, receivers * sizeof(struct session));
    init_mb_mgr_auto(c->mb, NULL);
    error = 0;

    for (size_t i = 0; i < receivers && !error; i++) {
        error = session_init(c, i);
    }

    if (error) {
        goto failed;
    }

    *ipsec = c;

    return 0;

failed:

    seal_ipsec_destroy(c);

    return error;
}

void
seal_ipsec_destroy(struct seal_ipsec *c)
{
    if (c == NULL) {
        return;
    }

    if (c->mb != NULL) {
        free_mb_mgr(c->mb);
    }

    free(c->sessions);
    free(c);
}

/* RFC 7714, 8.1: 00 00, SSRC, ROC, SEQ; exclusive-or with the salt */
static void
seal_gcm(struct seal_ipsec *c, const struct session *s,
         const uint8_t *header, uint64_t index, const uint8_t *payload,
         size_t payload_len, uint8_t *out)
{
    struct gcm_context_data ctx;
    uint8_t iv[GCM_IV] = { 0 };

    memcpy(iv + 2, header + 8, 4);

    for (size_t i = 0; i < 6; i++) {
        iv[6 + i] = (uint8_t)(index >> (40 - 8 * i));
    }

    for (size_t i = 0; i < GCM_IV; i++) {
        iv[i] ^= s->salt[i];
    }

    memcpy(out, header, SEAL_HEADER);
    IMB_AES128_GCM_ENC(c->mb, &s->gcm, &ctx, out + SEAL_HEADER, payload,
                       payload_len, iv, header, SEAL_HEADER,
                       out + SEAL_HEADER + payload_len, GCM_TAG);
}

static int
take(struct seal_ipsec *c, IMB_JOB *job)
{
    struct pending *done;

    if (job == NULL) {
        return 0;
    }

    if (job->status != IMB_STATUS_COMPLETED) {
        return SFU_ERR_LIBRARY;
    }

    done = job->user_data;
    memcpy(done->tag_place, done->tag, CM_TAG);
    (void)c;

    return 0;
}

/*
 * RFC 3711, 4.1.1 and 4.2.  The ROC is authenticated behind the packet, where
 * the tag goes afterwards.
 */
static int
add_cm(struct seal_ipsec *c, const struct session *s, const uint8_t *header,
       uint64_t index, const uint8_t *payload, size_t payload_len,
       uint8_t *out)
{
    size_t len = SEAL_HEADER + payload_len;
    struct pending *p = &c->pending[c->count++];
    IMB_JOB *job = IMB_GET_NEXT_JOB(c->mb);
    uint32_t roc = (uint32_t)(index >> 16);

    memcpy(out, header, SEAL_HEADER);
    memcpy(out + SEAL_HEADER, payload, payload_len);
    memcpy(p->iv, s->salt, 14);
    p->iv[14] = p->iv[15] = 0;

    for (size_t i = 0; i < 4; i++) {
        p->iv[4 + i] ^= header[8 + i];
        out[len + i] = (uint8_t)(roc >> (24 - 8 * i));
    }

    for (size_t i = 0; i < 6; i++) {
        p->iv[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
    }

    p->tag_place = out + len;
    job->cipher_mode = IMB_CIPHER_CNTR;
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->hash_alg = IMB_AUTH_HMAC_SHA_1;
    job->chain_order = IMB_ORDER_CIPHER_HASH;
    job->enc_keys = s->key;
    job->dec_keys = s->key;
    job->key_len_in_bytes = KEY;
    job->src = out;
    job->dst = out + SEAL_HEADER;
    job->cipher_start_src_offset_in_bytes = SEAL_HEADER;
    job->msg_len_to_cipher_in_bytes = payload_len;
    job->hash_start_src_offset_in_bytes = 0;
    job->msg_len_to_hash_in_bytes = len + 4;
    job->iv = p->iv;
    job->iv_len_in_bytes = 16;
    job->auth_tag_output = p->tag;
    job->auth_tag_output_len_in_bytes = MB_TAG;
    job->u.HMAC._hashed_auth_key_xor_ipad = s->inner;
    job->u.HMAC._hashed_auth_key_xor_opad = s->outer;
    job->user_data = p;

    return take(c, IMB_SUBMIT_JOB(c->mb));
}

int
seal_ipsec_add(struct seal_ipsec *c, size_t receiver,
               const uint8_t header[SEAL_HEADER], uint64_t index,
               const uint8_t *payload, size_t payload_len, uint8_t *out)
{
    const struct session *s = &c->sessions[receiver];

    if (c->profile->id == SRTP_PROFILE_AEAD_AES_128_GCM) {
        seal_gcm(c, s, header, index, payload, payload_len, out);
        return 0;
    }

    if (c->count == SEAL_BATCH) {
        return SFU_ERR_LIMIT;
    }

    return add_cm(c, s, header, index, payload, payload_len, out);
}

int
seal_ipsec_finish(struct seal_ipsec *c)
{
    IMB_JOB *job;
    int error = 0;

    /* what the last call completed comes one at a time */
    while (c->count > 0 && (job = IMB_FLUSH_JOB(c->mb)) != NULL) {
        error = take(c, job) ? SFU_ERR_LIBRARY : error;
    }

    c->count = 0;

    return error;
}

#else

int
seal_ipsec_create(struct seal_ipsec **ipsec,
                  const struct srtp_profile *profile, size_t receivers)
{
    (void)profile;
    (void)receivers;
    *ipsec = NULL;

    return SFU_ERR_UNSUPPORTED;
}

void
seal_ipsec_destroy(struct seal_ipsec *ipsec)
{
    (void)ipsec;
}

int
seal_ipsec_add(struct seal_ipsec *ipsec, size_t receiver,
               const uint8_t header[SEAL_HEADER], uint64_t index,
               const uint8_t *payload, size_t payload_len, uint8_t *out)
{
    (void)ipsec;
    (void)receiver;
    (void)header;
    (void)index;
    (void)payload;
    (void)payload_len;
    (void)out;

    return SFU_ERR_UNSUPPORTED;
}

int
seal_ipsec_finish(struct seal_ipsec *ipsec)
{
    (void)ipsec;

    return SFU_ERR_UNSUPPORTED;
}

#endif
