/*
 * sdp/propose.c - codecs and extensions of the sections that we offer.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdio.h>

#include "base/error.h"
#include "sdp/negotiation_priv.h"

#define BIT(extension) (1u << (extension))

#define EXTENSIONS_OF_BOTH                                                    \
    (BIT(RTP_EXT_MID) | BIT(RTP_EXT_ABS_SEND_TIME)                            \
     | BIT(RTP_EXT_TRANSPORT_CC) | BIT(RTP_EXT_ABS_CAPTURE_TIME))

#define EXTENSIONS_OF_AUDIO (EXTENSIONS_OF_BOTH | BIT(RTP_EXT_AUDIO_LEVEL))

#define EXTENSIONS_OF_VIDEO                                                   \
    (EXTENSIONS_OF_BOTH | BIT(RTP_EXT_VIDEO_ORIENTATION)                      \
     | BIT(RTP_EXT_PLAYOUT_DELAY) | BIT(RTP_EXT_DEPENDENCY_DESCRIPTOR)        \
     | BIT(RTP_EXT_VIDEO_CONTENT_TYPE) | BIT(RTP_EXT_VIDEO_TIMING)            \
     | BIT(RTP_EXT_COLOR_SPACE))

struct proposal {
    struct sdp_codec at[SDP_CODECS_MAX];
    size_t count;
};

static bool
has_pt(const struct proposal *p, int pt)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->at[i].pt == pt) {
            return true;
        }
    }

    return false;
}

/* loss is repaired per hop, so feedback is ours, whoever publishes */
static uint32_t
feedback_for(const struct sdp_entry *e, const struct sdp_codec *codec)
{
    if (codec_is_auxiliary(codec->id)) {
        return 0;
    }

    if (e->section.kind == SDP_VIDEO) {
        return SDP_FB_NACK | SDP_FB_NACK_PLI | SDP_FB_CCM_FIR
               | SDP_FB_TRANSPORT_CC;
    }

    return SDP_FB_TRANSPORT_CC | (codec->feedback & SDP_FB_NACK);
}

/* what the session knows under this number, from any section that says so */
static const struct sdp_codec *
find_known(const struct sdp_negotiation *n, int pt)
{
    for (size_t i = 0; i < n->entry_count; i++) {
        const struct sdp_section *s = &n->entries[i]->section;

        for (size_t k = 0; k < s->codec_count; k++) {
            if (s->codecs[k].pt == pt) {
                return &s->codecs[k];
            }
        }
    }

    return NULL;
}

static int
add(struct sdp_negotiation *n, struct sdp_entry *e, struct proposal *p,
    struct sdp_codec codec, int pt, int rtx_wish)
{
    char text[16];

    if (pt < 0 || has_pt(p, pt) || p->count == SDP_CODECS_MAX) {
        return 0;
    }

    codec.pt = (uint8_t)pt;
    codec.feedback = feedback_for(e, &codec);
    codec.rtx_pt = -1;

    if (rtx_wish >= 0) {
        codec.rtx_pt = (int16_t)sdp_payload_propose(
            &n->payloads, rtx_wish,
            sdp_payload_of_rtx(codec.pt, codec.clock));
    }

    if (codec.id == CODEC_RED) {
        snprintf(text, sizeof(text), "%d/%d", codec.red_pt, codec.red_pt);
        codec.fmtp = sdp_arena_text(&e->arena, span_str(text));

        if (codec.fmtp == NULL) {
            return SFU_ERR_NOMEM;
        }
    }

    p->at[p->count++] = codec;

    return 0;
}

/*
 * The codec itself and, when the client is new to it, one that it knows and
 * that can carry it: Chromium refuses constrained high H.264 and decodes it
 * under the name of high.
 */
static int
add_with_carrier(struct sdp_negotiation *n, struct sdp_entry *e,
    struct proposal *p, const struct sdp_codec *codec, bool rtx)
{
    struct sdp_payload meaning = sdp_payload_of_codec(codec);
    int rtx_wish = rtx ? (codec->rtx_pt >= 0 ? codec->rtx_pt : 0) : -1;
    int pt = sdp_payload_propose(&n->payloads, codec->pt, meaning);
    int rc = add(n, e, p, *codec, pt, rtx_wish);
    const struct sdp_codec *carrier;

    if (rc != 0 || (pt >= 0 && !n->payloads.at[pt].tentative)) {
        return rc;
    }

    pt = sdp_payload_carrying(&n->payloads, meaning);
    carrier = pt >= 0 ? find_known(n, pt) : NULL;

    if (carrier == NULL) {
        return 0;
    }

    return add(n, e, p, *carrier, pt,
               rtx ? (carrier->rtx_pt >= 0 ? carrier->rtx_pt : 0) : -1);
}

/* what the publisher calls pt has this number here, or -1 */
static int
number_here(struct sdp_negotiation *n, const struct sdp_codec *codecs,
    size_t count, int pt)
{
    for (size_t i = 0; i < count; i++) {
        if (codecs[i].pt == pt && codecs[i].id == CODEC_OPUS) {
            return sdp_payload_propose(&n->payloads, pt,
                                       sdp_payload_of_codec(&codecs[i]));
        }
    }

    return -1;
}

int
sdp_propose(struct sdp_negotiation *n, struct sdp_entry *e,
    const struct sdp_codec *codecs, size_t count, bool rtx)
{
    struct proposal p = { .count = 0 };
    bool usable = false;
    int rc;

    for (size_t i = 0; i < count; i++) {
        struct sdp_codec c = codecs[i];

        if (c.id == CODEC_RED) {
            c.red_pt = (int16_t)number_here(n, codecs, count, c.red_pt);

            if (c.red_pt < 0) {
                continue;
            }
        }

        usable = usable || !codec_is_auxiliary(c.id);
        rc = add_with_carrier(n, e, &p, &c, rtx);

        if (rc != 0) {
            return rc;
        }
    }

    if (p.count == 0) {
        return usable ? SFU_ERR_LIMIT : SFU_ERR_UNSUPPORTED;
    }

    e->section.send_extensions = e->section.kind == SDP_AUDIO
                                     ? EXTENSIONS_OF_AUDIO
                                     : EXTENSIONS_OF_VIDEO;

    for (int i = 0; i < RTP_EXT_COUNT; i++) {
        if ((e->section.send_extensions & BIT(i))
            && sdp_extmap_propose(&n->extensions,
                                  (enum rtp_extension_id)i) == 0) {
            e->section.send_extensions &= ~BIT(i);
        }
    }

    e->section.receive_extensions = e->section.send_extensions;

    return sdp_entry_set_codecs(e, p.at, p.count);
}

/* the numbers are those that Chromium prefers */
static const struct sdp_codec audio_codecs[] = {
    { CODEC_OPUS, 111, 2, -1, -1, 48000, SDP_FB_NACK,
      "minptime=10;useinbandfec=1" },
    { CODEC_RED, 63, 2, -1, 111, 48000, 0, "" },
    { CODEC_G722, 9, 1, -1, -1, 8000, 0, "" },
    { CODEC_PCMU, 0, 1, -1, -1, 8000, 0, "" },
    { CODEC_PCMA, 8, 1, -1, -1, 8000, 0, "" },
    { CODEC_CN, 13, 1, -1, -1, 8000, 0, "" },
    { CODEC_DTMF, 110, 1, -1, -1, 48000, 0, "" },
    { CODEC_DTMF, 126, 1, -1, -1, 8000, 0, "" },
};

#define H264(mode, profile)                                                   \
    "level-asymmetry-allowed=1;packetization-mode=" mode                      \
    ";profile-level-id=" profile

static const struct sdp_codec video_codecs[] = {
    { CODEC_VP8, 96, 1, 97, -1, 90000, 0, "" },
    { CODEC_H264, 109, 1, 114, -1, 90000, 0, H264("1", "42e01f") },
    { CODEC_H264, 103, 1, 104, -1, 90000, 0, H264("1", "42001f") },
    { CODEC_H264, 117, 1, 118, -1, 90000, 0, H264("1", "4d001f") },
    { CODEC_H264, 119, 1, 120, -1, 90000, 0, H264("1", "64001f") },
    { CODEC_H264, 121, 1, 122, -1, 90000, 0, H264("1", "640c1f") },
    { CODEC_H264, 115, 1, 116, -1, 90000, 0, H264("0", "42e01f") },
    { CODEC_H264, 107, 1, 108, -1, 90000, 0, H264("0", "42001f") },
    { CODEC_VP9, 98, 1, 99, -1, 90000, 0, "profile-id=0" },
    { CODEC_VP9, 100, 1, 101, -1, 90000, 0, "profile-id=2" },
    { CODEC_AV1, 45, 1, 46, -1, 90000, 0, "level-idx=5;profile=0;tier=0" },
    { CODEC_H265, 49, 1, 50, -1, 90000, 0,
      "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int
sdp_propose_all(struct sdp_negotiation *n, struct sdp_entry *e)
{
    if (e->section.kind == SDP_AUDIO) {
        return sdp_propose(n, e, audio_codecs, COUNT(audio_codecs), false);
    }

    return sdp_propose(n, e, video_codecs, COUNT(video_codecs), true);
}

/* of several profiles the first: who offers few must not be long about it */
static const struct sdp_codec *
usual(const struct sdp_codec *codecs, size_t count, enum codec_id id)
{
    for (size_t i = 0; i < count; i++) {
        if (codecs[i].id == id) {
            return &codecs[i];
        }
    }

    return NULL;
}

int
sdp_propose_these(struct sdp_negotiation *n, struct sdp_entry *e,
    const enum codec_id *ids, size_t count)
{
    bool audio = e->section.kind == SDP_AUDIO;
    struct sdp_codec codecs[SDP_CODECS_MAX];
    size_t found = 0;

    for (size_t i = 0; i < count && found < SDP_CODECS_MAX; i++) {
        const struct sdp_codec *codec =
            audio ? usual(audio_codecs, COUNT(audio_codecs), ids[i])
                  : usual(video_codecs, COUNT(video_codecs), ids[i]);

        if (codec != NULL) {
            codecs[found++] = *codec;
        }
    }

    return sdp_propose(n, e, codecs, found, !audio);
}
