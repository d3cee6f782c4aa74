/*
 * codec/codec.c - the codecs this worker forwards.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "codec/codec.h"

#include "codec/av1.h"
#include "codec/h264.h"
#include "codec/h265.h"
#include "codec/vp8.h"
#include "codec/vp9.h"

struct codec {
    const char *name;
    enum media_kind kind;
};

static const struct codec codecs[] = {
    [CODEC_NONE] = { "", MEDIA_AUDIO },
    [CODEC_OPUS] = { "opus", MEDIA_AUDIO },
    [CODEC_RED] = { "red", MEDIA_AUDIO },
    [CODEC_PCMU] = { "PCMU", MEDIA_AUDIO },
    [CODEC_PCMA] = { "PCMA", MEDIA_AUDIO },
    [CODEC_G722] = { "G722", MEDIA_AUDIO },
    [CODEC_CN] = { "CN", MEDIA_AUDIO },
    [CODEC_DTMF] = { "telephone-event", MEDIA_AUDIO },
    [CODEC_VP8] = { "VP8", MEDIA_VIDEO },
    [CODEC_VP9] = { "VP9", MEDIA_VIDEO },
    [CODEC_H264] = { "H264", MEDIA_VIDEO },
    [CODEC_H265] = { "H265", MEDIA_VIDEO },
    [CODEC_AV1] = { "AV1", MEDIA_VIDEO },
};

enum { CODECS = sizeof(codecs) / sizeof(codecs[0]) };

/* of ASCII only: strcasecmp() would ask the locale */
static uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool
same_name(struct span a, struct span b)
{
    if (a.len != b.len) {
        return false;
    }

    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b.data[i])) {
            return false;
        }
    }

    return true;
}

const char *
codec_name(enum codec_id codec)
{
    return codecs[codec].name;
}

enum codec_id
codec_by_name(enum media_kind kind, struct span name)
{
    for (int i = CODEC_NONE + 1; i < CODECS; i++) {
        if (codecs[i].kind == kind
            && same_name(name, span_str(codecs[i].name)))
        {
            return (enum codec_id)i;
        }
    }

    return CODEC_NONE;
}

bool
codec_is_auxiliary(enum codec_id codec)
{
    return codec == CODEC_CN || codec == CODEC_DTMF;
}

bool
codec_is_keyframe(enum codec_id codec, struct span payload)
{
    switch (codec) {
    case CODEC_VP8:
        return vp8_is_keyframe(payload);
    case CODEC_VP9:
        return vp9_is_keyframe(payload);
    case CODEC_H264:
        return h264_is_keyframe(payload);
    case CODEC_H265:
        return h265_is_keyframe(payload);
    case CODEC_AV1:
        return av1_is_keyframe(payload);
    default:
        return false;           /* audio has no pictures */
    }
}
