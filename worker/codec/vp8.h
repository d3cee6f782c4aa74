/*
 * codec/vp8.h - the VP8 payload descriptor (RFC 7741, section 4.2).
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_CODEC_VP8_H
#define SFU_CODEC_VP8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct vp8_descriptor {
    bool non_reference;         /* N: may be left out without harm */
    bool start;                 /* S: a partition begins */
    uint8_t partition;          /* PID */
    bool has_picture_id;
    bool has_tl0picidx;
    bool has_tid;
    bool has_keyidx;
    bool picture_id_long;       /* 15 bits, else 7 */
    uint16_t picture_id;
    uint8_t tl0picidx;
    uint8_t tid;                /* temporal layer */
    bool layer_sync;            /* Y: needs nothing above layer 0 */
    uint8_t keyidx;
    bool keyframe;              /* a key frame begins here */

    /* bytes from the start of the payload; meaningful where present */
    size_t picture_id_offset;
    size_t tl0picidx_offset;
    size_t len;                 /* of the descriptor */
};

/* SFU_ERR_TRUNCATED */
int vp8_descriptor_parse(struct vp8_descriptor *d, struct span payload);

bool vp8_is_keyframe(struct span payload);

#endif
