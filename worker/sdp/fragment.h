/*
 * sdp/fragment.h - pieces of SDP about ICE alone (RFC 8840, 9), as a trickle
 * or a restart sends them.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The worker is ICE-lite and reachable: candidates of the other side tell it
 * nothing, its credentials do.
 */

#ifndef SFU_SDP_FRAGMENT_H
#define SFU_SDP_FRAGMENT_H

#include "sdp/negotiation.h"

/* of the first section that has them, or of all; into the text */
struct sdp_fragment {
    struct span ufrag;
    struct span pwd;
};

/* SFU_ERR_MALFORMED: not lines of SDP, or without credentials */
int sdp_fragment_parse(struct sdp_fragment *fragment, struct span text);

/* what the other side needs of us; freed by the caller.  SFU_ERR_NOMEM */
int sdp_fragment_write(const struct sdp_negotiation *n, char **fragment);

#endif
