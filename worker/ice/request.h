/*
 * ice/request.h - connectivity checks as browsers send them (RFC 8445, 7.1;
 * RFC 8489, 5).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each attribute that a check has, once, then those that prove it.  What is
 * different need not be wrong: whoever parses it leaves it to libnice.
 */

#ifndef SFU_ICE_REQUEST_H
#define SFU_ICE_REQUEST_H

#include <stdbool.h>

#include "base/span.h"

/* all spans point into the datagram */
struct ice_request {
    struct span username;       /* "local:remote" */
    struct span ufrag;          /* the local part of it, which is ours */
    struct span id;             /* of the transaction, 12 bytes */
    uint32_t priority;
    bool use_candidate;
    bool controlling;           /* the sender says that it is */

    struct span proved;         /* all before MESSAGE-INTEGRITY */
    struct span integrity;
    struct span marked;         /* all before FINGERPRINT */
    uint32_t fingerprint;
};

/*
 * SFU_ERR_UNSUPPORTED: not a check, or one with something missing, twice, in
 * another place, of another length, or unknown and not to be ignored.
 */
int ice_request_parse(struct ice_request *request, struct span datagram);

/*
 * Of a datagram that nobody has looked at: the ufrag, if this is a check that
 * begins with USERNAME, as those of browsers do; else empty.
 */
struct span ice_request_peek(struct span datagram);

#endif
