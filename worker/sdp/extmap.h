/*
 * sdp/extmap.h - the header extension ids of a session (RFC 8285).
 * Copyright (C) the ngx_sfu_module authors
 *
 * One table for all sections and for the session's whole life: Chromium 156
 * dies of a sdes:mid that has another id in a later section.  An id that the
 * peer uses for something unknown to us is taken, too.
 */

#ifndef SFU_SDP_EXTMAP_H
#define SFU_SDP_EXTMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "rtp/extension_id.h"

struct sdp_extmap_ids {
    uint8_t id_of[RTP_EXT_COUNT];       /* 0: none yet */
    bool taken[256];
    bool tentative[RTP_EXT_COUNT];
};

/* the peer says that id means this; false when it contradicts the table */
bool sdp_extmap_adopt(struct sdp_extmap_ids *ids, uint8_t id,
    enum rtp_extension_id extension);

/* the id under which we propose it, or 0: all one-byte ids are taken */
uint8_t sdp_extmap_propose(struct sdp_extmap_ids *ids,
    enum rtp_extension_id extension);

/* our proposals were seen, or were not */
void sdp_extmap_confirm(struct sdp_extmap_ids *ids);
void sdp_extmap_forget(struct sdp_extmap_ids *ids);

#endif
