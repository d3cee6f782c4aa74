/*
 * sdp/accept.c - what we take of a section that a client offers.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/accept.h"

#include "base/error.h"
#include "sdp/data.h"
#include "sdp/scan.h"
#include "sdp/simulcast.h"
#include "sdp/variant.h"

static struct sdp_codec *
find_pt(struct sdp_codec_list *list, int pt)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].pt == pt) {
            return &list->at[i];
        }
    }

    return NULL;
}

/*
 * Chromium and Firefox send what the fmtp of Opus asks for, and only then;
 * clients that ask for nothing would go without in-band FEC.
 */
static char *
complete_opus(struct sdp_arena *arena, struct span fmtp)
{
    static const char *const wanted[][2] = {
        { "minptime", "minptime=10" },
        { "useinbandfec", "useinbandfec=1" },
    };
    char *result, *end;
    struct span value;

    result = sdp_arena_alloc(arena, fmtp.len + 40);

    if (result == NULL) {
        return NULL;
    }

    if (fmtp.len) {
        memcpy(result, fmtp.data, fmtp.len);
    }

    end = result + fmtp.len;

    for (size_t i = 0; i < 2; i++) {
        if (!sdp_fmtp_get(fmtp, wanted[i][0], &value)) {
            if (end != result) {
                *end++ = ';';
            }

            end = stpcpy(end, wanted[i][1]);
        }
    }

    return result;
}

/* of RED: "111/111"; all blocks must have the same format, or -1 */
static int
red_inside(struct span fmtp)
{
    struct span word;
    uint64_t pt, first = 0;
    bool any = false;

    while (fmtp.len) {
        word = scan_until(&fmtp, '/');

        if (!scan_number(word, 127, &pt) || (any && pt != first)) {
            return -1;
        }

        first = pt;
        any = true;
    }

    return any ? (int)first : -1;
}

/* whether an Opus format has this number in the section */
static bool
is_opus(const struct sdp_media *m, int pt)
{
    for (size_t i = 0; i < m->format_count; i++) {
        if (m->formats[i].pt == pt) {
            return codec_by_name(MEDIA_AUDIO, m->formats[i].name)
                   == CODEC_OPUS;
        }
    }

    return false;
}

/* 1 when taken, 0 when not, or SFU_ERR_NOMEM */
static int
take_codec(struct sdp_negotiation *n, const struct sdp_media *m,
    const struct sdp_format *f, struct sdp_arena *arena,
    struct sdp_codec *codec)
{
    enum media_kind kind = m->kind == SDP_AUDIO ? MEDIA_AUDIO : MEDIA_VIDEO;

    *codec = (struct sdp_codec){
        .id = codec_by_name(kind, f->name),
        .pt = f->pt,
        .channels = f->channels,
        .rtx_pt = -1,
        .red_pt = -1,
        .clock = f->clock,
        .feedback = f->feedback,
    };

    if (codec->id == CODEC_NONE || codec->clock == 0) {
        return 0;
    }

    if (codec->id == CODEC_RED) {
        codec->red_pt = (int16_t)red_inside(f->fmtp);

        if (!is_opus(m, codec->red_pt)) {
            return 0;
        }
    }

    codec->fmtp = codec->id == CODEC_OPUS ? complete_opus(arena, f->fmtp)
                                          : sdp_arena_text(arena, f->fmtp);

    if (codec->fmtp == NULL) {
        return SFU_ERR_NOMEM;
    }

    if (codec->feedback & SDP_FB_TRANSPORT_CC) {
        codec->feedback &= ~(uint32_t)SDP_FB_GOOG_REMB;
    }

    return sdp_payload_adopt(&n->payloads, f->pt, sdp_payload_of_codec(codec));
}

void
sdp_codecs_drop_empty_red(struct sdp_codec_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].id != CODEC_RED
            || find_pt(list, list->at[i].red_pt) != NULL) {
            list->at[kept++] = list->at[i];
        }
    }

    list->count = kept;
}

/* RFC 4588, section 8: a=fmtp:97 apt=96 */
static void
take_rtx(struct sdp_negotiation *n, const struct sdp_format *f,
    struct sdp_codec_list *list)
{
    struct sdp_payload foreign = { .use = SDP_PAYLOAD_FOREIGN };
    struct sdp_codec *codec = NULL;
    struct span value;
    uint64_t apt;

    if (scan_same(f->name, "rtx") && sdp_fmtp_get(f->fmtp, "apt", &value)
        && scan_number(value, 127, &apt)) {
        codec = find_pt(list, (int)apt);
    }

    if (codec == NULL || codec->rtx_pt >= 0) {
        sdp_payload_adopt(&n->payloads, f->pt, foreign);
        return;
    }

    if (sdp_payload_adopt(&n->payloads, f->pt,
                          sdp_payload_of_rtx((uint8_t)apt, f->clock))) {
        codec->rtx_pt = f->pt;
    }
}

static int
take_codecs(struct sdp_negotiation *n, const struct sdp_media *m,
    struct sdp_arena *arena, struct sdp_codec_list *list)
{
    int taken;

    list->count = 0;

    for (size_t i = 0; i < m->format_count; i++) {
        taken = take_codec(n, m, &m->formats[i], arena,
                           &list->at[list->count]);

        if (taken < 0) {
            return taken;
        }

        list->count += (size_t)taken;
    }

    sdp_codecs_drop_empty_red(list);

    /* what is left over gets its number reserved here, too */
    for (size_t i = 0; i < m->format_count; i++) {
        if (find_pt(list, m->formats[i].pt) == NULL) {
            take_rtx(n, &m->formats[i], list);
        }
    }

    return 0;
}

/* comfort noise alone is not a track */
static bool
has_main_codec(const struct sdp_codec_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!codec_is_auxiliary(list->at[i].id)) {
            return true;
        }
    }

    return false;
}

static int
take_extensions(struct sdp_negotiation *n, const struct sdp_media *m,
    struct sdp_section *s, const char **why)
{
    uint32_t seen = 0;

    for (size_t i = 0; i < m->extmap_count; i++) {
        const struct sdp_extmap *e = &m->extmaps[i];
        uint32_t bit = e->extension < RTP_EXT_COUNT ? 1u << e->extension : 0;

        if (seen & bit) {
            continue;
        }

        if (!sdp_extmap_adopt(&n->extensions, (uint8_t)e->id, e->extension)) {
            if (e->extension == RTP_EXT_MID) {
                *why = "the id of the sdes:mid header extension has changed";
                return SFU_ERR_UNSUPPORTED;
            }

            continue;
        }

        seen |= bit;
        s->send_extensions |= e->direction & SDP_RECVONLY ? bit : 0;
        s->receive_extensions |= e->direction & SDP_SENDONLY ? bit : 0;
    }

    return 0;
}

/* RFC 5764 in one of its spellings; without DTLS there is no key for us */
static bool
is_dtls_srtp(struct span protocol)
{
    static const char *const protocols[] = {
        "UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP",
        "TCP/TLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP",
    };

    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (span_eq_str(protocol, protocols[i])) {
            return true;
        }
    }

    return false;
}

static bool
is_acceptable(const struct sdp_media *m, bool bundled)
{
    return !sdp_media_rejected(m) && bundled && m->rtcp_mux
           && (m->kind == SDP_AUDIO || m->kind == SDP_VIDEO)
           && is_dtls_srtp(m->protocol);
}

static int
fill_offered(struct sdp_negotiation *n, const struct sdp_media *m,
    struct sdp_entry *e, const char **why)
{
    struct sdp_codec_list list;
    int rc = take_codecs(n, m, &e->arena, &list);

    if (rc != 0 || !has_main_codec(&list)) {
        return rc;
    }

    rc = sdp_entry_set_codecs(e, list.at, list.count);

    if (rc == 0) {
        rc = sdp_entry_set_remote(e, m);
    }

    if (rc == 0) {
        rc = take_extensions(n, m, &e->section, why);
    }

    if (rc == 0) {
        rc = sdp_simulcast_accept(e, m, n->limits.layers);
    }

    e->section.alive = true;
    e->remote = m->direction;
    e->willing = m->direction & SDP_SENDONLY;
    e->rtcp_rsize = m->rtcp_rsize;

    if (e->section.has_track) {
        sdp_entry_fit_track(e, true);
    }

    return rc;
}

int
sdp_accept_offered(struct sdp_negotiation *n, size_t index,
    const struct sdp_media *m, bool bundled, const struct sdp_entry *old,
    struct sdp_entry **entry, const char **why)
{
    struct sdp_entry *e = sdp_entry_create(index, m->kind, m->mid,
                                           m->protocol);
    int rc;

    if (e == NULL) {
        return SFU_ERR_NOMEM;
    }

    rc = sdp_entry_set_line(e, m->kind_name, m->format_list);

    if (rc == 0 && old != NULL) {
        rc = sdp_entry_inherit(e, old);
    }

    if (rc == 0 && is_acceptable(m, bundled)) {
        rc = fill_offered(n, m, e, why);
    } else if (rc == 0 && !sdp_media_rejected(m) && bundled
               && sdp_data_is_acceptable(n, m, index)) {
        sdp_data_fill(e, m);
    }

    if (rc != 0) {
        sdp_entry_destroy(e);
        return rc;
    }

    sdp_entry_agree(e);
    *entry = e;

    return 0;
}
