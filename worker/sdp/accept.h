/*
 * sdp/accept.h - what we take of a section that the peer describes.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Policy: every codec of codec/codec.h, in the peer's order and under the
 * peer's numbers, with its RTX format; RED of Opus; every extension of
 * rtp/extension_id.h.  Everything else (ulpfec, flexfec, video RED) is left
 * out of the answer.  A payload type or extension id that contradicts what
 * the session agreed on before is left out as well; only for sdes:mid, without
 * which a bundled transport cannot be told apart, the description is refused.
 */

#ifndef SFU_SDP_ACCEPT_H
#define SFU_SDP_ACCEPT_H

#include "sdp/negotiation_priv.h"

struct sdp_codec_list {
    struct sdp_codec at[SDP_CODECS_MAX];
    size_t count;
};

/* RED without its Opus (not taken, or not answered) cannot be unpacked */
void sdp_codecs_drop_empty_red(struct sdp_codec_list *list);

/*
 * A new entry for a section of a client's offer; "old" has the same mid, or
 * is NULL.  Not alive when it is to be rejected.
 * SFU_ERR_NOMEM, SFU_ERR_UNSUPPORTED.
 */
int sdp_accept_offered(struct sdp_negotiation *n, size_t index,
    const struct sdp_media *m, bool bundled, const struct sdp_entry *old,
    struct sdp_entry **entry, const char **why);

/* a new entry for what the client answered to ours.  The same errors */
int sdp_accept_answered(struct sdp_negotiation *n, const struct sdp_media *m,
    const struct sdp_entry *offered, struct sdp_entry **entry,
    const char **why);

#endif
