/*
 * codec/h265.h - NAL units in an H.265 payload (RFC 7798, section 4.4).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Without DONL fields, that is, sprop-max-don-diff is 0: WebRTC has no other.
 */

#ifndef SFU_CODEC_H265_H
#define SFU_CODEC_H265_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* nal_unit_type; 48 and above are of RTP */
enum {
    H265_NAL_IRAP_FIRST = 16,   /* intra random access pictures: BLA, */
    H265_NAL_IRAP_LAST = 23,    /* IDR, CRA, two reserved */
    H265_NAL_VPS = 32,
    H265_NAL_SPS = 33,
    H265_NAL_PPS = 34,
    H265_NAL_AP = 48,
    H265_NAL_FU = 49,
    H265_NAL_PACI = 50,
};

/* what begins in this payload */
struct h265_units {
    uint64_t types;             /* 1 << nal_unit_type */
    bool irap_start;            /* an IRAP picture's first slice segment */
};

/* SFU_ERR_TRUNCATED, SFU_ERR_MALFORMED, SFU_ERR_UNSUPPORTED for PACI */
int h265_units_parse(struct h265_units *u, struct span payload);

/*
 * A video or sequence parameter set, or the first slice segment of an IRAP
 * picture; so for one picture it may be said more than once, of packets with
 * the same timestamp.
 */
bool h265_is_keyframe(struct span payload);

#endif
