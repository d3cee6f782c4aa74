/*
 * sdp/words.c - the words SDP has for our enums.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/words.h"

#include "base/error.h"
#include "sdp/scan.h"

static const char *const direction_words[] = {
    [SDP_INACTIVE] = "inactive",
    [SDP_SENDONLY] = "sendonly",
    [SDP_RECVONLY] = "recvonly",
    [SDP_SENDRECV] = "sendrecv",
};

static const char *const setup_words[] = {
    [SDP_SETUP_NONE] = "",
    [SDP_SETUP_ACTPASS] = "actpass",
    [SDP_SETUP_ACTIVE] = "active",
    [SDP_SETUP_PASSIVE] = "passive",
    [SDP_SETUP_HOLDCONN] = "holdconn",
};

static const struct {
    const char *word;
    size_t len;                 /* of the hash, in bytes */
} hashes[] = {
    [SDP_HASH_NONE] = { "", 0 },
    [SDP_HASH_SHA1] = { "sha-1", 20 },
    [SDP_HASH_SHA256] = { "sha-256", 32 },
    [SDP_HASH_SHA384] = { "sha-384", 48 },
    [SDP_HASH_SHA512] = { "sha-512", 64 },
};

static const struct {
    uint32_t bit;
    const char *words;
} feedback[] = {
    { SDP_FB_NACK, "nack" },
    { SDP_FB_NACK_PLI, "nack pli" },
    { SDP_FB_CCM_FIR, "ccm fir" },
    { SDP_FB_TRANSPORT_CC, "transport-cc" },
    { SDP_FB_GOOG_REMB, "goog-remb" },
};

#define WEBRTC "http://www.webrtc.org/experiments/rtp-hdrext/"

static const char *const extension_uris[RTP_EXT_COUNT] = {
    [RTP_EXT_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
    [RTP_EXT_RID] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    [RTP_EXT_REPAIRED_RID] =
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    [RTP_EXT_ABS_SEND_TIME] = WEBRTC "abs-send-time",
    [RTP_EXT_TRANSPORT_CC] = "http://www.ietf.org/id/"
                             "draft-holmer-rmcat-transport-wide-cc-"
                             "extensions-01",
    [RTP_EXT_AUDIO_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    [RTP_EXT_VIDEO_ORIENTATION] = "urn:3gpp:video-orientation",
    [RTP_EXT_PLAYOUT_DELAY] = WEBRTC "playout-delay",
    [RTP_EXT_DEPENDENCY_DESCRIPTOR] =
        "https://aomediacodec.github.io/av1-rtp-spec/"
        "#dependency-descriptor-rtp-header-extension",
    [RTP_EXT_ABS_CAPTURE_TIME] = WEBRTC "abs-capture-time",
    [RTP_EXT_TOFFSET] = "urn:ietf:params:rtp-hdrext:toffset",
    [RTP_EXT_VIDEO_CONTENT_TYPE] = WEBRTC "video-content-type",
    [RTP_EXT_VIDEO_TIMING] = WEBRTC "video-timing",
    [RTP_EXT_COLOR_SPACE] = WEBRTC "color-space",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool
sdp_direction_by_word(struct span word, enum sdp_direction *direction)
{
    for (size_t i = 0; i < COUNT(direction_words); i++) {
        if (span_eq_str(word, direction_words[i])) {
            *direction = (enum sdp_direction)i;
            return true;
        }
    }

    return false;
}

const char *
sdp_direction_word(enum sdp_direction direction)
{
    return direction_words[direction];
}

enum sdp_setup
sdp_setup_by_word(struct span word)
{
    for (size_t i = 1; i < COUNT(setup_words); i++) {
        if (span_eq_str(word, setup_words[i])) {
            return (enum sdp_setup)i;
        }
    }

    return SDP_SETUP_NONE;
}

const char *
sdp_setup_word(enum sdp_setup setup)
{
    return setup_words[setup];
}

enum sdp_hash
sdp_hash_by_word(struct span word)
{
    for (size_t i = 1; i < COUNT(hashes); i++) {
        if (scan_same(word, hashes[i].word)) {
            return (enum sdp_hash)i;
        }
    }

    return SDP_HASH_NONE;
}

const char *
sdp_hash_word(enum sdp_hash hash)
{
    return hashes[hash].word;
}

uint32_t
sdp_feedback_by_words(struct span words)
{
    for (size_t i = 0; i < COUNT(feedback); i++) {
        if (span_eq_str(words, feedback[i].words)) {
            return feedback[i].bit;
        }
    }

    return 0;
}

const char *
sdp_feedback_words(uint32_t bit)
{
    for (size_t i = 0; i < COUNT(feedback); i++) {
        if (feedback[i].bit & bit) {
            return feedback[i].words;
        }
    }

    return "";
}

enum rtp_extension_id
sdp_extension_by_uri(struct span uri)
{
    for (size_t i = 0; i < RTP_EXT_COUNT; i++) {
        if (span_eq_str(uri, extension_uris[i])) {
            return (enum rtp_extension_id)i;
        }
    }

    return RTP_EXT_COUNT;
}

const char *
sdp_extension_uri(enum rtp_extension_id extension)
{
    return extension < RTP_EXT_COUNT ? extension_uris[extension] : "";
}

static int
hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
sdp_fingerprint_parse(struct sdp_fingerprint *f, enum sdp_hash hash,
    struct span text)
{
    size_t len = hashes[hash].len;

    if (len == 0 || text.len != len * 3 - 1) {
        return SFU_ERR_MALFORMED;
    }

    *f = (struct sdp_fingerprint){ .hash = hash, .len = len };

    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text.data[i * 3]);
        int low = hex_digit(text.data[i * 3 + 1]);

        if (high < 0 || low < 0
            || (i + 1 < len && text.data[i * 3 + 2] != ':')) {
            return SFU_ERR_MALFORMED;
        }

        f->bytes[i] = (uint8_t)(high << 4 | low);
    }

    return 0;
}
