/*
 * ice/integrity.h - MESSAGE-INTEGRITY (RFC 8489, 14.5) under a key that stays.
 * Copyright (C) the ngx_sfu_module authors
 *
 * HMAC-SHA1 hashes a block made of the key before each of its two messages.
 * What SHA-1 has come to behind that block is kept, and no more: 40 bytes, in
 * as few cache lines as ten thousand sessions allow.  They are as secret as
 * the password.
 */

#ifndef SFU_ICE_INTEGRITY_H
#define SFU_ICE_INTEGRITY_H

#include "base/span.h"

enum {
    ICE_INTEGRITY_LEN = 20,
    ICE_HEADER_LEN = 20,        /* of each message (RFC 8489, 5) */
};

struct ice_integrity {
    uint32_t inner[5];
    uint32_t outer[5];
};

void ice_integrity_init(struct ice_integrity *key, const char *password);

/*
 * The value of the attribute that follows the message given, which is a header
 * at least.  The header's length need not be right: it is taken to end with
 * the attribute.
 */
void ice_integrity_tag(const struct ice_integrity *key, struct span message,
                       uint8_t tag[ICE_INTEGRITY_LEN]);

#endif
