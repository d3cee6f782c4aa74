/*
 * load/description.c - the generator's offers.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/description.h"

#include <stdio.h>
#include <strings.h>

#include "base/random.h"
#include "load/description_priv.h"

static const struct load_codec codecs[] = {
    { "opus", CODEC_OPUS, MEDIA_AUDIO, "opus", 48000, 2, 111, -1,
      "minptime=10;useinbandfec=1" },
    { "vp8", CODEC_VP8, MEDIA_VIDEO, "VP8", 90000, 1, 96, 97, "" },
    { "h264", CODEC_H264, MEDIA_VIDEO, "H264", 90000, 1, 102, 103,
      "level-asymmetry-allowed=1;packetization-mode=1;"
      "profile-level-id=42e01f" },
};

enum { CODECS = sizeof(codecs) / sizeof(codecs[0]) };

bool
load_codec_by_name(const char *name, size_t len, enum codec_id *codec,
                   enum media_kind *kind)
{
    for (size_t i = 0; i < CODECS; i++) {
        if (strlen(codecs[i].option) == len
            && strncasecmp(codecs[i].option, name, len) == 0) {
            *codec = codecs[i].id;
            *kind = codecs[i].kind;
            return true;
        }
    }

    return false;
}

const struct load_codec *
load_codec_find(enum codec_id id)
{
    for (size_t i = 0; i < CODECS; i++) {
        if (codecs[i].id == id) {
            return &codecs[i];
        }
    }

    return NULL;
}

const char *
load_layer_rid(size_t layer)
{
    static const char *const rids[LOAD_LAYERS_MAX] = { "q", "h", "f" };

    return rids[layer];
}

uint32_t
load_feedback(enum media_kind kind, bool transport_cc)
{
    uint32_t both = transport_cc ? SDP_FB_TRANSPORT_CC : 0;

    return kind == MEDIA_VIDEO ? both | SDP_FB_NACK | SDP_FB_NACK_PLI
                                     | SDP_FB_CCM_FIR
                               : both;
}

/* the arrays that a section of struct sdp_description points at */
struct parts {
    struct sdp_format formats[2];
    char apt[16];
    struct sdp_extmap extmaps[6];
    struct sdp_ssrc ssrcs[2];
    struct sdp_fid fid;
    struct sdp_rid rids[LOAD_LAYERS_MAX];
};

static void
put_formats(struct sdp_media *m, struct parts *p, const struct load_codec *c,
            const struct load_local *local)
{
    p->formats[m->format_count++] = (struct sdp_format){
        .pt = (uint8_t)c->pt, .channels = c->channels, .clock = c->clock,
        .name = span_str(c->name), .fmtp = span_str(c->fmtp),
        .feedback = load_feedback(c->kind, local->transport_cc),
    };

    if (c->rtx_pt >= 0 && local->rtx) {
        snprintf(p->apt, sizeof(p->apt), "apt=%d", c->pt);
        p->formats[m->format_count++] = (struct sdp_format){
            .pt = (uint8_t)c->rtx_pt, .channels = 1, .clock = c->clock,
            .name = span_str("rtx"), .fmtp = span_str(p->apt),
        };
    }

    m->formats = p->formats;
}

static void
put_extmap(struct sdp_media *m, struct parts *p, uint16_t id,
           enum rtp_extension_id extension)
{
    p->extmaps[m->extmap_count++] = (struct sdp_extmap){
        .id = id, .extension = extension, .direction = SDP_SENDRECV,
        .uri = span_str(sdp_extension_uri(extension)),
    };
    m->extmaps = p->extmaps;
}

static void
put_extmaps(struct sdp_media *m, struct parts *p,
            const struct load_media *media, bool transport_cc)
{
    if (media->kind == MEDIA_AUDIO) {
        put_extmap(m, p, 1, RTP_EXT_AUDIO_LEVEL);
    }

    put_extmap(m, p, 2, RTP_EXT_ABS_SEND_TIME);

    if (transport_cc) {
        put_extmap(m, p, 3, RTP_EXT_TRANSPORT_CC);
    }

    put_extmap(m, p, 4, RTP_EXT_MID);

    if (media->layers > 1) {
        put_extmap(m, p, 10, RTP_EXT_RID);
        put_extmap(m, p, 11, RTP_EXT_REPAIRED_RID);
    }
}

static void
put_streams(struct sdp_media *m, struct parts *p,
            const struct load_media *media, const char *cname)
{
    if (!media->sends) {
        return;
    }

    m->has_msid = true;
    m->stream = span_str("load");
    m->track = span_str(media->kind == MEDIA_AUDIO ? "audio" : "video");

    if (media->layers > 1) {
        for (size_t i = 0; i < media->layers; i++) {
            p->rids[i] = (struct sdp_rid){ span_str(load_layer_rid(i)),
                                           SDP_SENDONLY, { 0 } };
        }

        m->rids = p->rids;
        m->rid_count = media->layers;
        m->simulcast = span_str(media->layers == 3 ? "send q;h;f"
                                                   : "send q;h");
        return;
    }

    p->ssrcs[0] = (struct sdp_ssrc){ media->ssrc[0], span_str(cname) };
    m->ssrcs = p->ssrcs;
    m->ssrc_count = 1;

    if (m->format_count > 1) {
        p->ssrcs[1] = (struct sdp_ssrc){ media->rtx_ssrc[0], span_str(cname) };
        p->fid = (struct sdp_fid){ media->ssrc[0], media->rtx_ssrc[0] };
        m->ssrc_count = 2;
        m->fids = &p->fid;
        m->fid_count = 1;
    }
}

void
load_transport_fill(struct sdp_transport *t, const struct load_local *local)
{
    t->ufrag = span_str(local->credentials->ufrag);
    t->pwd = span_str(local->credentials->pwd);
    t->fingerprint = *local->fingerprint;
    t->setup = local->setup;
}

static void
put_media(struct sdp_media *m, struct parts *p, const struct load_local *local,
          const struct load_media *media)
{
    *m = (struct sdp_media){
        .kind = media->kind == MEDIA_AUDIO ? SDP_AUDIO : SDP_VIDEO,
        .kind_name = span_str(media->kind == MEDIA_AUDIO ? "audio" : "video"),
        .port = 9,
        .protocol = span_str("UDP/TLS/RTP/SAVPF"),
        .mid = span_str(media->mid),
        .direction = media->sends ? SDP_SENDONLY : SDP_RECVONLY,
        .rtcp_mux = true,
        .rtcp_rsize = true,
    };
    load_transport_fill(&m->transport, local);
    put_formats(m, p, load_codec_find(media->codec), local);
    put_extmaps(m, p, media, local->transport_cc);
    put_streams(m, p, media, local->cname);
}

char *
load_offer_write(const struct load_local *local,
                 const struct load_media *media, size_t count)
{
    struct sdp_media sections[LOAD_MEDIA_MAX];
    struct parts parts[LOAD_MEDIA_MAX];
    struct span bundle[LOAD_MEDIA_MAX];
    struct sdp_description d = {
        .session_id = random_u32(), .session_version = 2,
        .ice_options = span_str("trickle"), .has_bundle = true,
        .bundle = bundle, .bundle_count = count, .media = sections,
        .media_count = count,
    };
    struct text out;

    for (size_t i = 0; i < count; i++) {
        put_media(&sections[i], &parts[i], local, &media[i]);
        bundle[i] = sections[i].mid;
    }

    text_init(&out);
    sdp_write(&d, &out);

    return text_take(&out);
}
