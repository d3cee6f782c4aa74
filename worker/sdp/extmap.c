/*
 * sdp/extmap.c - the header extension ids of a session (RFC 8285).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/extmap.h"

#include <string.h>

enum { ONE_BYTE_MAX = 14 };

bool
sdp_extmap_adopt(struct sdp_extmap_ids *ids, uint8_t id,
    enum rtp_extension_id extension)
{
    if (extension == RTP_EXT_COUNT) {
        ids->taken[id] = true;
        return false;
    }

    if (ids->id_of[extension]) {
        return ids->id_of[extension] == id;
    }

    /* taken by something unknown: it never was in use, so it may change */
    for (int i = 0; i < RTP_EXT_COUNT; i++) {
        if (ids->id_of[i] == id) {
            return false;
        }
    }

    ids->id_of[extension] = id;
    ids->taken[id] = true;

    return true;
}

uint8_t
sdp_extmap_propose(struct sdp_extmap_ids *ids, enum rtp_extension_id extension)
{
    uint8_t id = (uint8_t)(extension + 1);

    if (ids->id_of[extension]) {
        return ids->id_of[extension];
    }

    if (id > ONE_BYTE_MAX || ids->taken[id]) {
        for (id = 1; id <= ONE_BYTE_MAX && ids->taken[id]; id++) {
            /* void */
        }
    }

    if (id > ONE_BYTE_MAX) {
        return 0;
    }

    ids->id_of[extension] = id;
    ids->taken[id] = true;
    ids->tentative[extension] = true;

    return id;
}

void
sdp_extmap_confirm(struct sdp_extmap_ids *ids)
{
    memset(ids->tentative, 0, sizeof(ids->tentative));
}

void
sdp_extmap_forget(struct sdp_extmap_ids *ids)
{
    for (int i = 0; i < RTP_EXT_COUNT; i++) {
        if (ids->tentative[i]) {
            ids->taken[ids->id_of[i]] = false;
            ids->id_of[i] = 0;
            ids->tentative[i] = false;
        }
    }
}
