/*
 * seal.h - what protects the packets of the raw limit.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The same SRTP packets by the library that most servers use (libsrtp2), by
 * Intel's multi-buffer library, or not protected at all, which shows what the
 * network alone costs.  Nobody shall say that the server is compared with a
 * slow loop.
 */

#ifndef BENCH_SEAL_H
#define BENCH_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "srtp/session.h"

enum {
    SEAL_HEADER = 12,           /* RTP without extensions */
    SEAL_BATCH = 32,            /* at most this many packets before a finish */
};

enum seal_library {
    SEAL_NOTHING,
    SEAL_LIBSRTP,
    SEAL_IPSEC_MB,
};

struct seal;

/* whether this program was built with it */
bool seal_has(enum seal_library library);
const char *seal_name(enum seal_library library);

/*
 * A session for each receiver, with keys of its own.  keys_of() tells them, so
 * that a test can open what was sealed.  SFU_ERR_NOMEM, SFU_ERR_LIBRARY,
 * SFU_ERR_UNSUPPORTED
 */
int seal_create(struct seal **seal, enum seal_library library,
                const struct srtp_profile *profile, size_t receivers);
void seal_destroy(struct seal *seal);

void seal_keys_of(size_t receiver, const struct srtp_profile *profile,
                  struct srtp_key_material *keys);

/* bytes that protection adds to a packet */
size_t seal_overhead(const struct seal *seal);

/*
 * Header and payload become one packet in "out", which counts after
 * seal_finish() only: some libraries work on many packets at once.  The index
 * is the 48-bit one of RFC 3711; the header holds its lowest 16 bits.
 */
int seal_add(struct seal *seal, size_t receiver,
             const uint8_t header[SEAL_HEADER], uint64_t index,
             const uint8_t *payload, size_t payload_len, uint8_t *out);
int seal_finish(struct seal *seal);

/* implemented in seal_ipsec.c, for seal.c */
struct seal_ipsec;

int seal_ipsec_create(struct seal_ipsec **ipsec,
                      const struct srtp_profile *profile, size_t receivers);
void seal_ipsec_destroy(struct seal_ipsec *ipsec);
int seal_ipsec_add(struct seal_ipsec *ipsec, size_t receiver,
                   const uint8_t header[SEAL_HEADER], uint64_t index,
                   const uint8_t *payload, size_t payload_len, uint8_t *out);
int seal_ipsec_finish(struct seal_ipsec *ipsec);

#endif
