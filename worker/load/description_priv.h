/*
 * load/description_priv.h - what offers and answers share.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_DESCRIPTION_PRIV_H
#define SFU_LOAD_DESCRIPTION_PRIV_H

#include "load/description.h"

/* a codec as we offer it */
struct load_codec {
    const char *option;         /* its name on the command line */
    enum codec_id id;
    enum media_kind kind;
    const char *name;           /* in SDP */
    uint32_t clock;
    uint8_t channels;
    int pt;
    int rtx_pt;                 /* -1: none */
    const char *fmtp;
};

/* NULL: it is not generated */
const struct load_codec *load_codec_find(enum codec_id id);

/* SDP_FB_* that we understand */
uint32_t load_feedback(enum media_kind kind, bool transport_cc);

void load_transport_fill(struct sdp_transport *t,
                         const struct load_local *local);

#endif
