/*
 * ice/fingerprint.h - FINGERPRINT (RFC 8489, 14.7): a CRC-32, four bytes a
 * step.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Byte by byte, as libnice does it, the two CRCs of a check and its reply take
 * half as long as all the rest.
 */

#ifndef SFU_ICE_FINGERPRINT_H
#define SFU_ICE_FINGERPRINT_H

#include "base/span.h"

/* [n][b]: what the byte b becomes when n bytes of zeros have followed it */
struct ice_fingerprint {
    uint32_t table[4][256];
};

void ice_fingerprint_init(struct ice_fingerprint *f);

/*
 * Of the message before the attribute, where the header's length is already
 * the one with it.  As all of STUN it is a multiple of four bytes.
 */
uint32_t ice_fingerprint_of(const struct ice_fingerprint *f,
                            struct span message);

#endif
