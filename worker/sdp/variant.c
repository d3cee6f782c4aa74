/*
 * sdp/variant.c - which format parameters make it another codec.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/variant.h"

#include "sdp/scan.h"

/* RFC 6184, table 5: profiles that several profile-level-ids mean */
enum h264_profile {
    H264_CONSTRAINED_BASELINE = 0x100,
    H264_BASELINE,
    H264_MAIN,
    H264_EXTENDED,
    H264_HIGH,
    H264_CONSTRAINED_HIGH,
    /* others: profile_idc << 16 | profile-iop, as they are */
};

enum {
    H264_MODE_SHIFT = 28,       /* packetization-mode above the profile */
    H265_TIER = 0x100,
    H265_SINGLE_STREAM = 0x200,
};

bool
sdp_fmtp_get(struct span fmtp, const char *name, struct span *value)
{
    struct span parameter, key;

    while (fmtp.len) {
        parameter = scan_until(&fmtp, ';');
        key = scan_trim(scan_until(&parameter, '='));

        if (scan_same(key, name)) {
            *value = scan_trim(parameter);
            return true;
        }
    }

    return false;
}

static uint32_t
number(struct span fmtp, const char *name, uint32_t otherwise)
{
    struct span word;
    uint64_t value;

    if (!sdp_fmtp_get(fmtp, name, &word)
        || !scan_number(word, 0xff, &value)) {
        return otherwise;
    }

    return (uint32_t)value;
}

static bool
hex24(struct span word, uint32_t *value)
{
    *value = 0;

    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.data[i];
        uint8_t lower = c | 0x20;

        if (c >= '0' && c <= '9') {
            *value = *value << 4 | (c - '0');

        } else if (lower >= 'a' && lower <= 'f') {
            *value = *value << 4 | (lower - 'a' + 10u);

        } else {
            return false;
        }
    }

    return word.len == 6;
}

/* browsers take an absent profile-level-id for constrained baseline */
static uint32_t
h264_profile(struct span fmtp)
{
    enum { SET0 = 0x80, SET1 = 0x40, SET4 = 0x08, SET5 = 0x04 };
    struct span word;
    uint32_t id, idc, iop;

    if (!sdp_fmtp_get(fmtp, "profile-level-id", &word) || !hex24(word, &id)) {
        return H264_CONSTRAINED_BASELINE;
    }

    idc = id >> 16;
    iop = id >> 8 & 0xff;

    switch (idc) {
    case 0x42:
        return iop & SET1 ? H264_CONSTRAINED_BASELINE : H264_BASELINE;

    case 0x4d:
        return iop & SET0 ? H264_CONSTRAINED_BASELINE : H264_MAIN;

    case 0x58:
        if (iop & SET1) {
            return iop & SET0 ? H264_CONSTRAINED_BASELINE : H264_EXTENDED;
        }

        return iop & SET0 ? H264_BASELINE : H264_EXTENDED;

    case 0x64:
        return (iop & (SET4 | SET5)) == (SET4 | SET5) ? H264_CONSTRAINED_HIGH
                                                      : H264_HIGH;

    default:
        return idc << 16 | iop;
    }
}

uint32_t
sdp_variant(enum codec_id codec, struct span fmtp)
{
    struct span word;
    uint32_t v;

    switch (codec) {
    case CODEC_H264:
        v = number(fmtp, "packetization-mode", 0) & 3;
        return v << H264_MODE_SHIFT | h264_profile(fmtp);

    case CODEC_H265:
        v = number(fmtp, "profile-id", 1);

        if (number(fmtp, "tier-flag", 0)) {
            v |= H265_TIER;
        }

        if (!sdp_fmtp_get(fmtp, "tx-mode", &word) || scan_same(word, "SRST")) {
            v |= H265_SINGLE_STREAM;
        }

        return v;

    case CODEC_VP9:
        return number(fmtp, "profile-id", 0);

    case CODEC_AV1:
        return number(fmtp, "profile", 0);

    default:
        return 0;
    }
}

static bool
h264_carries(uint32_t offered, uint32_t actual)
{
    if (offered >> H264_MODE_SHIFT != actual >> H264_MODE_SHIFT) {
        return false;
    }

    offered &= (1u << H264_MODE_SHIFT) - 1;

    switch (actual & ((1u << H264_MODE_SHIFT) - 1)) {
    case H264_CONSTRAINED_BASELINE:
        return offered == H264_BASELINE || offered == H264_MAIN
               || offered == H264_EXTENDED || offered == H264_HIGH
               || offered == H264_CONSTRAINED_HIGH;

    case H264_MAIN:
    case H264_CONSTRAINED_HIGH:
        return offered == H264_HIGH;

    default:
        return false;
    }
}

bool
sdp_variant_carries(enum codec_id codec, uint32_t offered, uint32_t actual)
{
    return offered == actual
           || (codec == CODEC_H264 && h264_carries(offered, actual));
}

static bool
same_but_variant(const struct sdp_codec *a, const struct sdp_codec *b)
{
    return a->id == b->id && a->clock == b->clock
           && a->channels == b->channels;
}

bool
sdp_codec_same(const struct sdp_codec *a, const struct sdp_codec *b)
{
    return same_but_variant(a, b)
           && sdp_variant(a->id, span_str(a->fmtp))
                  == sdp_variant(b->id, span_str(b->fmtp));
}

bool
sdp_codec_carries(const struct sdp_codec *offered,
    const struct sdp_codec *actual)
{
    return same_but_variant(offered, actual)
           && sdp_variant_carries(
               actual->id, sdp_variant(offered->id, span_str(offered->fmtp)),
               sdp_variant(actual->id, span_str(actual->fmtp)));
}
