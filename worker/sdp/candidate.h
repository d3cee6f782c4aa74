/*
 * sdp/candidate.h - the peer's candidates in a description (RFC 8839, 5.1).
 * Copyright (C) the ngx_sfu_module authors
 *
 * sdp_parse() skips them, for a lite agent has no use for them; the load
 * generator has, and sessions with a third party.
 */

#ifndef SFU_SDP_CANDIDATE_H
#define SFU_SDP_CANDIDATE_H

#include <stddef.h>

#include "base/span.h"
#include "net/address.h"

/*
 * UDP candidates with numeric addresses, each once, all of one family: IPv4
 * when there is any.  How many, at most max.
 */
size_t sdp_candidates_read(struct span description, struct address *out,
                           size_t max);

#endif
