/*
 * codec/h264.h - NAL units in an H.264 payload (RFC 6184, section 5).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Browsers send the parameter sets in a packet of their own before the IDR
 * picture, or together with it.
 */

#ifndef SFU_CODEC_H264_H
#define SFU_CODEC_H264_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* nal_unit_type; 24 and above are of RTP */
enum {
    H264_NAL_SLICE = 1,
    H264_NAL_IDR = 5,
    H264_NAL_SEI = 6,
    H264_NAL_SPS = 7,
    H264_NAL_PPS = 8,
    H264_NAL_STAP_A = 24,
    H264_NAL_STAP_B = 25,
    H264_NAL_MTAP16 = 26,
    H264_NAL_MTAP24 = 27,
    H264_NAL_FU_A = 28,
    H264_NAL_FU_B = 29,
};

/* what begins in this payload */
struct h264_units {
    uint32_t types;             /* 1 << nal_unit_type */
    bool idr_start;             /* an IDR picture's first slice */
};

/* SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED */
int h264_units_parse(struct h264_units *u, struct span payload);

/*
 * A sequence parameter set, or the first slice of an IDR picture; so for one
 * picture it may be said twice, of packets with the same timestamp.
 */
bool h264_is_keyframe(struct span payload);

#endif
