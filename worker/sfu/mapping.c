/*
 * sfu/mapping.c - from what SDP agreed on to what media loops work with.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/mapping.h"

#include <stdio.h>

static void
set_extensions(struct rtp_extension_map *map,
               const struct sdp_negotiation *negotiation, uint32_t mask)
{
    for (int i = 0; i < RTP_EXT_COUNT; i++) {
        uint8_t id = sdp_negotiation_extension(negotiation,
                                               (enum rtp_extension_id)i);

        if (id && (mask >> i & 1)) {
            rtp_extension_map_set(map, id, (enum rtp_extension_id)i);
        }
    }
}

void
mapping_extensions(struct rtp_extension_map *map,
                   const struct sdp_negotiation *negotiation)
{
    rtp_extension_map_init(map);

    for (size_t i = 0; i < sdp_negotiation_count(negotiation); i++) {
        const struct sdp_section *s = sdp_negotiation_at(negotiation, i);

        if (s->alive && s->receives) {
            set_extensions(map, negotiation, s->receive_extensions);
        }
    }
}

static void
add_format(struct media_source_params *params, const struct sdp_codec *codec)
{
    struct media_format *f;

    if (params->format_count == MEDIA_FORMATS_MAX) {
        return;
    }

    f = &params->formats[params->format_count++];
    f->codec = codec->id;
    f->pt = codec->pt;
    f->rtx_pt = codec->rtx_pt >= 0 ? (uint8_t)codec->rtx_pt : MEDIA_PT_NONE;
    f->clock_rate = codec->clock;
    f->nack = codec->feedback & SDP_FB_NACK;
    f->pli = codec->feedback & SDP_FB_NACK_PLI;
    f->fir = codec->feedback & SDP_FB_CCM_FIR;
}

static uint32_t
rtx_of(const struct sdp_section *section, uint32_t ssrc)
{
    for (size_t i = 0; i < section->fid_count; i++) {
        if (section->fids[i].ssrc == ssrc) {
            return section->fids[i].rtx;
        }
    }

    return 0;
}

static bool
is_rtx(const struct sdp_section *section, uint32_t ssrc)
{
    for (size_t i = 0; i < section->fid_count; i++) {
        if (section->fids[i].rtx == ssrc) {
            return true;
        }
    }

    return false;
}

void
mapping_source(struct media_source_params *params,
               const struct sdp_negotiation *negotiation,
               const struct sdp_section *section)
{
    params->kind = section->kind == SDP_VIDEO ? MEDIA_VIDEO : MEDIA_AUDIO;
    snprintf(params->mid, sizeof(params->mid), "%s", section->mid);
    params->rid[0] = '\0';
    params->format_count = 0;
    params->ssrc_count = 0;

    for (size_t i = 0; i < section->codec_count; i++) {
        add_format(params, &section->codecs[i]);
    }

    /* which SSRC is which encoding, their packets tell */
    for (size_t i = 0; i < section->ssrc_count && section->layer_count == 0
                       && params->ssrc_count < MEDIA_SOURCE_SSRCS_MAX; i++) {
        uint32_t ssrc = section->ssrcs[i].ssrc;

        if (!is_rtx(section, ssrc)) {
            params->rtx_ssrcs[params->ssrc_count] = rtx_of(section, ssrc);
            params->ssrcs[params->ssrc_count++] = ssrc;
        }
    }

    rtp_extension_map_init(&params->extensions);
    set_extensions(&params->extensions, negotiation,
                   section->receive_extensions);
}

void
mapping_layer(struct media_source_params *params,
              const struct sdp_layer *layer)
{
    snprintf(params->rid, sizeof(params->rid), "%s", layer->rid);
    params->ssrc_count = layer->ssrc ? 1 : 0;
    params->ssrcs[0] = layer->ssrc;
    params->rtx_ssrcs[0] = layer->rtx_ssrc;
}

void
mapping_sink(struct media_sink_params *params,
             const struct sdp_negotiation *negotiation,
             const struct sdp_section *section,
             const struct sdp_codec *codecs, size_t codec_count)
{
    memset(params->pt, MEDIA_PT_NONE, sizeof(params->pt));
    memset(params->rtx_pt, MEDIA_PT_NONE, sizeof(params->rtx_pt));
    snprintf(params->mid, sizeof(params->mid), "%s", section->mid);
    params->clock_rate = codec_count ? codecs[0].clock : 90000;

    for (size_t i = 0; i < codec_count; i++) {
        const struct sdp_codec *ours = sdp_section_codec_like(section,
                                                              &codecs[i]);

        if (ours == NULL) {
            continue;
        }

        params->pt[codecs[i].pt & 0x7f] = ours->pt;

        if (ours->rtx_pt >= 0) {
            params->rtx_pt[ours->pt & 0x7f] = (uint8_t)ours->rtx_pt;
        }
    }

    rtp_extension_map_init(&params->extensions);
    set_extensions(&params->extensions, negotiation, section->send_extensions);
}

void
mapping_fingerprint(struct dtls_fingerprint *to,
                    const struct sdp_fingerprint *from)
{
    static const char *const names[] = {
        [SDP_HASH_SHA256] = "sha-256",
        [SDP_HASH_SHA384] = "sha-384",
        [SDP_HASH_SHA512] = "sha-512",
    };

    *to = (struct dtls_fingerprint){ .len = from->len };

    if (from->hash >= SDP_HASH_SHA256) {
        snprintf(to->algorithm, sizeof(to->algorithm), "%s",
                 names[from->hash]);
    }

    memcpy(to->hash, from->bytes, from->len);
}
