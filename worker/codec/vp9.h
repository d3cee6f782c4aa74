/*
 * codec/vp9.h - the VP9 payload descriptor (RFC 9628, section 4.2).
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_CODEC_VP9_H
#define SFU_CODEC_VP9_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum {
    VP9_SPATIAL_MAX = 8,
    VP9_REFERENCES_MAX = 3,
};

struct vp9_descriptor {
    bool has_picture_id;        /* I */
    bool inter_predicted;       /* P: needs an earlier picture */
    bool has_layers;            /* L */
    bool flexible;              /* F: references are listed */
    bool start;                 /* B: a layer frame begins */
    bool end;                   /* E: a layer frame ends */
    bool has_structure;         /* V: scalability structure follows */
    bool not_reference;         /* Z: no higher spatial layer needs it */

    bool picture_id_long;       /* 15 bits, else 7 */
    uint16_t picture_id;
    uint8_t tid;                /* temporal layer */
    uint8_t sid;                /* spatial layer */
    bool switching_up;          /* U */
    bool inter_layer;           /* D: needs the spatial layer below */
    bool has_tl0picidx;         /* layers, and not flexible */
    uint8_t tl0picidx;
    uint8_t references;
    uint8_t reference[VP9_REFERENCES_MAX];      /* P_DIFF */

    /* of the scalability structure; sizes 0 where it has none */
    uint8_t spatial_layers;
    uint16_t width[VP9_SPATIAL_MAX];
    uint16_t height[VP9_SPATIAL_MAX];

    bool keyframe;              /* a key picture begins here */

    /* bytes from the start of the payload; meaningful where present */
    size_t picture_id_offset;
    size_t tl0picidx_offset;
    size_t len;                 /* of the descriptor */
};

/* SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED */
int vp9_descriptor_parse(struct vp9_descriptor *d, struct span payload);

bool vp9_is_keyframe(struct span payload);

#endif
