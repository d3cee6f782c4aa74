/*
 * sdp/variant.h - which format parameters make it another codec.
 * Copyright (C) the ngx_sfu_module authors
 *
 * "H264" is a dozen codecs that do not decode each other; profile and
 * packetization mode tell them apart, level and bandwidth do not.  A variant
 * is that part of a=fmtp as one number; 0 for codecs that have none.
 */

#ifndef SFU_SDP_VARIANT_H
#define SFU_SDP_VARIANT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/codec.h"
#include "sdp/negotiation.h"

/* the value of a parameter: "a=1; b=2"; false when it is not there */
bool sdp_fmtp_get(struct span fmtp, const char *name, struct span *value);

uint32_t sdp_variant(enum codec_id codec, struct span fmtp);

/* a receiver of "offered" decodes a stream of "actual" */
bool sdp_variant_carries(enum codec_id codec, uint32_t offered,
    uint32_t actual);

/* the same of two whole codecs, whatever their numbers */
bool sdp_codec_same(const struct sdp_codec *a, const struct sdp_codec *b);
bool sdp_codec_carries(const struct sdp_codec *offered,
    const struct sdp_codec *actual);

#endif
