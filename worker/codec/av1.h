/*
 * codec/av1.h - OBUs in an AV1 payload (AOM, RTP Payload Format For AV1, 4).
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_CODEC_AV1_H
#define SFU_CODEC_AV1_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* obu_type */
enum {
    AV1_OBU_SEQUENCE_HEADER = 1,
    AV1_OBU_TEMPORAL_DELIMITER = 2,
    AV1_OBU_FRAME_HEADER = 3,
    AV1_OBU_TILE_GROUP = 4,
    AV1_OBU_METADATA = 5,
    AV1_OBU_FRAME = 6,
};

/* the aggregation header, and what begins in this payload */
struct av1_units {
    bool continues;             /* Z: first element continues one */
    bool continued;             /* Y: last element goes on in the next */
    bool new_sequence;          /* N: a coded video sequence begins */
    uint32_t types;             /* 1 << obu_type */
    bool key_frame;             /* a frame header of type KEY_FRAME */
};

/* SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED */
int av1_units_parse(struct av1_units *u, struct span payload);

bool av1_is_keyframe(struct span payload);

#endif
