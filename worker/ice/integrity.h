/*
 * ice/integrity.h - MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489, 14.5, 14.7).
 * Copyright (C) the ngx_sfu_module authors
 *
 * libnice has both, but GnuTLS allocates 1.5 kB for each HMAC; with thousands
 * of sessions whose memory comes and goes, that costs more than the rest of a
 * check.  Here one context serves for all, and nothing is allocated.
 */

#ifndef SFU_ICE_INTEGRITY_H
#define SFU_ICE_INTEGRITY_H

#include <stdbool.h>

#include "base/span.h"

enum { ICE_INTEGRITY_LEN = 24 + 8 };    /* both attributes, in bytes */

struct ice_integrity;

/* NULL: out of memory, or no SHA-1.  For one thread. */
struct ice_integrity *ice_integrity_create(void);
void ice_integrity_destroy(struct ice_integrity *integrity);

/*
 * Whether a well-formed message was written by somebody with the password.
 * value: the 20 bytes of its MESSAGE-INTEGRITY, inside the message.
 */
bool ice_integrity_valid(struct ice_integrity *integrity, struct span message,
                         const uint8_t *value, const char *password);

/*
 * Appends both to a message of len bytes, whose length then counts them; there
 * is room for ICE_INTEGRITY_LEN more.  The new length, or 0: the library
 * refuses.
 */
size_t ice_integrity_add(struct ice_integrity *integrity, uint8_t *message,
                         size_t len, const char *password);

#endif
