/*
 * ice/check.h - connectivity checks that we send (RFC 8445, 7.2).
 * Copyright (C) the ngx_sfu_module authors
 *
 * The client's half, for full agents; ice/stun.h answers checks of others.
 * Checks are told apart by their transaction id alone, which the caller keeps
 * until the response comes or another check takes its place.
 */

#ifndef SFU_ICE_CHECK_H
#define SFU_ICE_CHECK_H

#include <stdbool.h>

#include "base/span.h"

enum {
    ICE_CHECK_MAX = 512,        /* bytes, whatever the credentials are */
    ICE_CHECK_ID_LEN = 16,      /* with the magic cookie */
};

struct ice_check {
    const char *username;       /* "remote:local" fragments */
    const char *password;       /* the peer's */
    bool controlling;
    bool use_candidate;         /* only the controlling agent nominates */
    uint32_t priority;          /* of a peer-reflexive candidate */
};

/* The length, 0 when it does not fit ICE_CHECK_MAX bytes. */
size_t ice_check_write(const struct ice_check *check, uint8_t *buffer,
                       uint8_t id[ICE_CHECK_ID_LEN]);

/*
 * Whether the datagram answers the check with this id.  SFU_ERR_NOT_FOUND:
 * it is no response to it; SFU_ERR_AUTH: by somebody who does not know the
 * password; SFU_ERR_STATE: it says 487, so change the role and check again;
 * SFU_ERR_UNSUPPORTED: any other error response.
 */
int ice_check_answered(struct span datagram, const char *password,
                       const uint8_t id[ICE_CHECK_ID_LEN]);

#endif
