/*
 * sdp/simulcast.h - several encodings of one track (RFC 8853, RFC 8851).
 * Copyright (C) the ngx_sfu_module authors
 *
 * A client that is not answered with its rids sends the first encoding alone.
 */

#ifndef SFU_SDP_SIMULCAST_H
#define SFU_SDP_SIMULCAST_H

#include "sdp/entry.h"

/* longest rid that is taken; browsers allow 16 */
enum { SDP_RID_MAX = 32 };

/*
 * Takes at most max encodings of what the peer sends, by rid or, without any,
 * by a=ssrc-group:SIM; the entry's extensions are known.  SFU_ERR_NOMEM
 */
int sdp_simulcast_accept(struct sdp_entry *e, const struct sdp_media *m,
    size_t max);

/* our side: the rids that were taken, to be received.  SFU_ERR_NOMEM */
int sdp_simulcast_compose(struct sdp_arena *arena, struct sdp_media *m,
    const struct sdp_section *section);

#endif
