/*
 * sdp/write.h - pieces of a description, as text.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SDP_WRITE_H
#define SFU_SDP_WRITE_H

#include "base/text.h"
#include "sdp/description.h"

/* RFC 8839, 5.1, and the end of them; best first */
void sdp_write_candidates(struct text *out,
                          const struct sdp_candidate *candidates,
                          size_t count);

#endif
