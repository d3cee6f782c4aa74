/*
 * srtp/sealer.h - sealing RTP packets to one peer (RFC 3711, RFC 7714).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Forwarding seals each packet once for every subscriber, so this is where an
 * SFU computes most.  What libsrtp2 does besides (a state for each SSRC, a
 * guess of the rollover counter, a copy of the payload) the caller can do
 * without: it knows the index, and one plaintext serves all.
 *
 * THE CALLER NEVER SEALS TWO CONTENTS UNDER ONE SSRC AND INDEX.  With AES-GCM
 * that gives away the key of the authentication (RFC 7714, 8.1), with AES-CM
 * the XOR of both texts.  The same content again is harmless.
 *
 * An engine belongs to one thread, and so do the sealers made with it.
 */

#ifndef SFU_SRTP_SEALER_H
#define SFU_SRTP_SEALER_H

#include <stddef.h>

#include "base/span.h"
#include "srtp/profile.h"

enum srtp_backend_id {
    SRTP_BACKEND_BEST,          /* of those that were built and work here */
    SRTP_BACKEND_OPENSSL,
    SRTP_BACKEND_IPSEC_MB,      /* Intel's multi-buffer library; amd64 */
};

struct srtp_engine;
struct srtp_sealer;

/* the caller's indices go from 0 to here (RFC 3711, 9.2), then it is over */
#define SRTP_INDEX_MAX (((uint64_t)1 << 48) - 1)

/* SFU_ERR_NOMEM, SFU_ERR_UNSUPPORTED: that back end is not here */
int srtp_engine_create(struct srtp_engine **engine, enum srtp_backend_id id);
/* its sealers are gone already */
void srtp_engine_destroy(struct srtp_engine *engine);
/* "ipsec-mb 1.3.0 (AVX512)", "OpenSSL 3.0.17"; valid as long as it is */
const char *srtp_engine_name(const struct srtp_engine *engine);

/* SFU_ERR_NOMEM, SFU_ERR_LIBRARY, SFU_ERR_UNSUPPORTED */
int srtp_sealer_create(struct srtp_sealer **sealer,
                       struct srtp_engine *engine,
                       const struct srtp_key_material *keys);
void srtp_sealer_destroy(struct srtp_sealer *sealer);

/* bytes of the tag behind the payload */
size_t srtp_sealer_tag_len(const struct srtp_sealer *sealer);
/*
 * How many packets an engine should be given before it finishes: 1 where they
 * are sealed one by one anyway, more where some are done side by side.
 */
size_t srtp_sealer_batch(const struct srtp_sealer *sealer);

/* its keys are needed soon */
void srtp_sealer_prefetch(const struct srtp_sealer *sealer);

/*
 * Seals the packet whose header (with CSRCs and extensions) is at "packet";
 * payload and tag come to lie behind it, so room for them is needed.  The
 * payload is where it will lie anyway, or somewhere else altogether.  index is
 * the rollover counter << 16 | sequence number.  The packet may be read, and
 * the payload forgotten, after srtp_engine_finish().
 * SFU_ERR_LIMIT: the keys are used up; SFU_ERR_LIBRARY
 */
int srtp_sealer_add(struct srtp_sealer *sealer, uint8_t *packet,
                    size_t header_len, struct span payload, uint64_t index);
/*
 * Completes all that was added, by any sealer of the engine.  The number of
 * packets that failed: their payload is zero, and nobody will accept them.
 */
size_t srtp_engine_finish(struct srtp_engine *engine);

#endif
