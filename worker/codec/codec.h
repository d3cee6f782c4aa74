/*
 * codec/codec.h - the codecs this worker forwards.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Nothing is ever decoded.  A codec matters for its name in SDP, its RTP
 * clock and for telling key frames.
 */

#ifndef SFU_CODEC_CODEC_H
#define SFU_CODEC_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum media_kind {
    MEDIA_AUDIO,
    MEDIA_VIDEO,
};

enum codec_id {
    CODEC_NONE,         /* not one of ours */
    CODEC_OPUS,         /* RFC 7587 */
    CODEC_RED,          /* RFC 2198, audio; blocks name payload types */
    CODEC_PCMU,         /* RFC 3551 */
    CODEC_PCMA,         /* RFC 3551 */
    CODEC_G722,         /* RFC 3551; the RTP clock says 8000 */
    CODEC_CN,           /* RFC 3389 */
    CODEC_DTMF,         /* RFC 4733, telephone-event */
    CODEC_VP8,          /* RFC 7741 */
    CODEC_VP9,          /* RFC 9628 */
    CODEC_H264,         /* RFC 6184 */
    CODEC_H265,         /* RFC 7798 */
    CODEC_AV1,          /* AOM, RTP Payload Format For AV1 */
};

/* the encoding name as SDP spells it, or "" for CODEC_NONE */
const char *codec_name(enum codec_id codec);

/* by encoding name, in any case; CODEC_NONE when it is not forwarded */
enum codec_id codec_by_name(enum media_kind kind, struct span name);

/* auxiliary formats never are a track's main format: CN and DTMF */
bool codec_is_auxiliary(enum codec_id codec);

/*
 * Whether this payload (RTP payload without padding) begins a picture that
 * needs no other.  Never wrong for the sake of being quick: what it does not
 * understand (an encrypted payload) is not a key frame.
 */
bool codec_is_keyframe(enum codec_id codec, struct span payload);

#endif
