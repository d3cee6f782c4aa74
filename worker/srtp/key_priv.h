/*
 * srtp/key_priv.h - what openers, and the sealer of RTCP, have in common.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A back end knows a key and what a cipher does with it; where RTP and RTCP
 * have text, tag and index is the business of those.  RTP is sealed by
 * srtp/sealer_priv.h, many packets at a time.
 */

#ifndef SFU_SRTP_KEY_PRIV_H
#define SFU_SRTP_KEY_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "srtp/derive.h"
#include "srtp/sealer_priv.h"

enum {
    SRTP_CACHE_LINE = 64,
    /*
     * Of an opener or a sealer, then comes what the back end keeps: one piece
     * of memory, since with thousands of peers each pointer is a cache miss.
     */
    SRTP_KEY_HEAD = 2 * SRTP_CACHE_LINE,
};

/* the first member of an opener or a sealer */
struct srtp_key {
    const struct srtp_key_backend *backend;
    struct srtp_engine *engine;         /* borrowed */
    uint8_t tag_len;
    bool gcm;
    uint8_t salt[SRTP_SALT_MAX];
};

/* a packet, as a cipher sees it */
struct srtp_parts {
    uint8_t iv[SRTP_CM_IV];     /* of GCM, the first SRTP_GCM_IV bytes */
    struct span covered;        /* by the tag; with GCM, besides the text */
    uint8_t *text;              /* stays where it is */
    size_t text_len;
    uint8_t *tag;               /* sealing: where it is written to */
};

struct srtp_key_backend {
    /*
     * By srtp_key_alloc(), for this back end or one that it prefers.
     * SFU_ERR_NOMEM, SFU_ERR_LIBRARY, SFU_ERR_UNSUPPORTED
     */
    int (*create)(struct srtp_key **key, struct srtp_engine *engine,
                  const struct srtp_session_keys *keys);
    void (*destroy)(struct srtp_key *key);
    /*
     * Compares tags in constant time.
     * SFU_ERR_AUTH, SFU_ERR_LIBRARY: the text may be anything then
     */
    int (*open)(struct srtp_key *key, struct srtp_parts *packet);
    /* never twice with one IV.  SFU_ERR_LIBRARY: nobody may get the packet */
    int (*seal)(struct srtp_key *key, struct srtp_parts *packet);
};

extern const struct srtp_key_backend srtp_key_openssl;
extern const struct srtp_key_backend srtp_key_ipsec_mb;

/*
 * What an opener or a sealer begins with, in memory for all of it, by the
 * engine's back end: "derive" is srtp_derive() or srtp_derive_rtcp().
 * SFU_ERR_NOMEM, SFU_ERR_LIBRARY, SFU_ERR_UNSUPPORTED
 */
int srtp_key_create(struct srtp_key **key, struct srtp_engine *engine,
                    const struct srtp_key_material *keys,
                    int (*derive)(struct srtp_session_keys *,
                                  const struct srtp_key_material *));

/*
 * For back ends.  Room for an opener or a sealer and, at srtp_key_own(), that many bytes of
 * the back end's, all zero but for the key's own members.  NULL: no memory
 */
struct srtp_key *
srtp_key_alloc(const struct srtp_key_backend *backend,
               struct srtp_engine *engine,
               const struct srtp_session_keys *keys, size_t own);
/* and wipes them */
void srtp_key_free(struct srtp_key *key, size_t own);

/* at the beginning of a cache line, as ipsec-mb's keys have to be */
static inline void *
srtp_key_own(struct srtp_key *key)
{
    return (uint8_t *)key + SRTP_KEY_HEAD;
}

/* the salt over SSRC and index, as the key's cipher wants it */
static inline void
srtp_parts_iv(struct srtp_parts *packet, const struct srtp_key *key,
              const uint8_t *ssrc, uint64_t index)
{
    if (key->gcm) {
        srtp_gcm_iv(key->salt, ssrc, index, packet->iv);
    } else {
        srtp_cm_iv(key->salt, ssrc, index, packet->iv);
    }
}

#endif
