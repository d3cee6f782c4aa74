/*
 * load/candidate.h - the peer's candidates in a description (RFC 8839, 5.1).
 * Copyright (C) the ngx_sfu_module authors
 *
 * sdp_parse() skips them, for a lite agent has no use for them.
 */

#ifndef SFU_LOAD_CANDIDATE_H
#define SFU_LOAD_CANDIDATE_H

#include <stddef.h>

#include "base/span.h"
#include "net/address.h"

/*
 * UDP candidates with numeric addresses, each once, all of one family: IPv4
 * when there is any.  How many, at most max.
 */
size_t load_candidates_read(struct span description, struct address *out,
                            size_t max);

#endif
