/*
 * load/answer.c - answers: those we get, and those we give.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "sdp/candidate.h"
#include "load/description_priv.h"
#include "sdp/arena.h"
#include "sdp/scan.h"
#include "sdp/variant.h"

static const char *
hash_name(enum sdp_hash hash)
{
    switch (hash) {
    case SDP_HASH_SHA256:
        return "sha-256";
    case SDP_HASH_SHA384:
        return "sha-384";
    case SDP_HASH_SHA512:
        return "sha-512";
    default:
        return "";
    }
}

static bool
copy(char to[LOAD_CREDENTIAL_MAX], struct span from)
{
    if (from.len == 0 || from.len >= LOAD_CREDENTIAL_MAX) {
        return false;
    }

    memcpy(to, from.data, from.len);
    to[from.len] = '\0';

    return true;
}

/* the transport of the first section that has one: all are bundled */
static int
read_transport(struct span text, const struct sdp_description *d,
               struct load_remote *remote, const char **why)
{
    const struct sdp_transport *t = NULL;

    for (size_t i = 0; i < d->media_count && t == NULL; i++) {
        if (!sdp_media_rejected(&d->media[i])) {
            t = &d->media[i].transport;
        }
    }

    if (t == NULL) {
        *why = "the server rejected all sections";
        return SFU_ERR_UNSUPPORTED;
    }

    if (!copy(remote->ufrag, t->ufrag) || !copy(remote->pwd, t->pwd)) {
        *why = "the server's description has no ICE credentials";
        return SFU_ERR_MALFORMED;
    }

    if (t->fingerprint.hash < SDP_HASH_SHA256) {
        *why = "the server's description has no fingerprint of use";
        return SFU_ERR_AUTH;
    }

    strcpy(remote->fingerprint.algorithm, hash_name(t->fingerprint.hash));
    memcpy(remote->fingerprint.hash, t->fingerprint.bytes, t->fingerprint.len);
    remote->fingerprint.len = t->fingerprint.len;
    remote->candidate_count = sdp_candidates_read(text, remote->candidates,
                                                   LOAD_CANDIDATES_MAX);

    if (remote->candidate_count == 0) {
        *why = "the server's description has no UDP candidate";
        return SFU_ERR_UNSUPPORTED;
    }

    return 0;
}

static bool
format_apt(const struct sdp_format *f, uint8_t *apt)
{
    struct span value;
    uint64_t number;

    if (!scan_same(f->name, "rtx") || !sdp_fmtp_get(f->fmtp, "apt", &value)
        || !scan_number(value, 127, &number)) {
        return false;
    }

    *apt = (uint8_t)number;

    return true;
}

static void
read_formats(const struct sdp_media *m, struct load_agreement *a)
{
    enum media_kind kind = m->kind == SDP_AUDIO ? MEDIA_AUDIO : MEDIA_VIDEO;

    for (size_t i = 0; i < m->format_count; i++) {
        const struct sdp_format *f = &m->formats[i];
        struct load_format *format = &a->formats[f->pt & 0x7f];
        uint8_t apt;

        if (format_apt(f, &apt)) {
            format->rtx = true;
            format->apt = apt;
            format->clock = f->clock;
            continue;
        }

        format->codec = codec_by_name(kind, f->name);
        format->clock = f->clock;
        format->feedback = f->feedback;

        if (f->feedback & SDP_FB_TRANSPORT_CC) {
            a->transport_cc = true;
        }
    }
}

/* what both sides know; ids are the same in all sections of a transport */
static void
read_section(const struct sdp_media *m, struct load_agreement *a)
{
    read_formats(m, a);

    for (size_t i = 0; i < m->extmap_count; i++) {
        if (m->extmaps[i].extension != RTP_EXT_COUNT) {
            rtp_extension_map_set(&a->extensions, m->extmaps[i].id,
                                  m->extmaps[i].extension);
        }
    }

    for (size_t i = 0; i < m->fid_count; i++) {
        if (a->fid_count < LOAD_FIDS_MAX) {
            a->fids[a->fid_count++] = m->fids[i];
        }
    }
}

/* the payload types under which we send */
static void
choose_format(struct load_media *media, const struct sdp_media *m)
{
    media->accepted = false;
    media->rtx_pt = -1;

    for (size_t i = 0; i < m->format_count && !media->accepted; i++) {
        if (codec_by_name(media->kind, m->formats[i].name) == media->codec) {
            media->accepted = true;
            media->pt = m->formats[i].pt;
        }
    }

    for (size_t i = 0; i < m->format_count; i++) {
        uint8_t apt;

        if (media->accepted && format_apt(&m->formats[i], &apt)
            && apt == media->pt) {
            media->rtx_pt = m->formats[i].pt;
        }
    }
}

static struct load_media *
media_of(struct load_media *media, size_t count, const struct sdp_media *m)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq_str(m->mid, media[i].mid)) {
            return &media[i];
        }
    }

    return NULL;
}

static int
parse(struct sdp_description *d, struct span text, const char **why)
{
    struct sdp_limits limits = sdp_limits_default();

    return sdp_parse(d, text, &limits, why);
}

int
load_answer_read(struct span answer, struct load_media *media, size_t count,
                 struct load_agreement *agreement, struct load_remote *remote,
                 const char **why)
{
    struct sdp_description d;
    int error = parse(&d, answer, why);

    if (error) {
        return error;
    }

    error = read_transport(answer, &d, remote, why);

    for (size_t i = 0; i < d.media_count && !error; i++) {
        struct sdp_media *m = &d.media[i];
        struct load_media *own = media_of(media, count, m);

        if (own == NULL || sdp_media_rejected(m)) {
            continue;
        }

        /* a section that the server sends has its directions, too */
        choose_format(own, m);
        own->accepted = own->accepted
                        && (m->direction
                            & (own->sends ? SDP_RECVONLY : SDP_SENDONLY));
        read_section(m, agreement);
    }

    remote->controlling = true;     /* we offered */
    remote->active = d.media_count
                     && d.media[0].transport.setup == SDP_SETUP_PASSIVE;
    sdp_description_fini(&d);

    return error;
}


/* answering */

/* the formats that we know, in the offer's order */
static size_t
keep_formats(struct sdp_media *m, const struct load_local *local)
{
    size_t kept = 0;
    enum media_kind kind = m->kind == SDP_AUDIO ? MEDIA_AUDIO : MEDIA_VIDEO;

    for (size_t i = 0; i < m->format_count; i++) {
        struct sdp_format f = m->formats[i];
        uint8_t apt;
        bool known;

        if (format_apt(&f, &apt)) {
            known = false;

            for (size_t k = 0; k < kept; k++) {
                known = known || (local->rtx && m->formats[k].pt == apt);
            }
        } else {
            known = load_codec_find(codec_by_name(kind, f.name)) != NULL;
            f.feedback &= load_feedback(kind, local->transport_cc);
        }

        if (known) {
            m->formats[kept++] = f;
        }
    }

    return kept;
}

static size_t
keep_extmaps(struct sdp_media *m, bool transport_cc)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->extmap_count; i++) {
        switch (m->extmaps[i].extension) {
        case RTP_EXT_TRANSPORT_CC:
            if (!transport_cc) {
                continue;
            }

            break;
        case RTP_EXT_MID:
        case RTP_EXT_ABS_SEND_TIME:
        case RTP_EXT_AUDIO_LEVEL:
        case RTP_EXT_RID:
        case RTP_EXT_REPAIRED_RID:
            break;
        default:
            continue;
        }

        m->extmaps[kept++] = m->extmaps[i];
    }

    return kept;
}

static void
answer_streams(struct sdp_media *m, struct sdp_arena *arena,
               const struct load_media *own, const char *cname)
{
    m->ssrcs = NULL;
    m->ssrc_count = 0;
    m->fid_count = 0;
    m->has_msid = false;
    m->rid_count = 0;
    m->simulcast = span_of(NULL, 0);

    if (own == NULL || own->layers > 1) {
        return;
    }

    m->ssrcs = sdp_arena_alloc(arena, sizeof(*m->ssrcs));

    if (m->ssrcs != NULL) {
        m->ssrcs[0] = (struct sdp_ssrc){ own->ssrc[0], span_str(cname) };
        m->ssrc_count = 1;
    }
}

/* a section of the offer becomes the one of the answer */
static void
answer_section(struct sdp_description *d, struct sdp_media *m,
               const struct load_local *local, struct load_media *own)
{
    bool live = !sdp_media_rejected(m);

    m->format_count = keep_formats(m, local);
    m->extmap_count = keep_extmaps(m, local->transport_cc);
    live = live && m->format_count > 0;

    if (live && own != NULL && own->sends) {
        choose_format(own, m);
        m->direction = m->direction & SDP_RECVONLY ? SDP_SENDONLY
                                                   : SDP_INACTIVE;
    } else {
        m->direction = m->direction & SDP_SENDONLY ? SDP_RECVONLY
                                                   : SDP_INACTIVE;
        own = NULL;
    }

    m->port = live ? 9 : 0;
    m->bundle_only = false;
    m->transport = (struct sdp_transport){ 0 };
    answer_streams(m, &d->arena, own, local->cname);

    if (live) {
        load_transport_fill(&m->transport, local);
    }
}

static void
answer_bundle(struct sdp_description *d)
{
    size_t kept = 0;

    d->bundle = sdp_arena_alloc(&d->arena,
                                (d->media_count + 1) * sizeof(*d->bundle));

    for (size_t i = 0; i < d->media_count && d->bundle != NULL; i++) {
        if (d->media[i].port) {
            d->bundle[kept++] = d->media[i].mid;
        }
    }

    d->bundle_count = kept;
}

int
load_answer_write(struct span offer, const struct load_local *local,
                  struct load_media *media, size_t count,
                  struct load_agreement *agreement, struct load_remote *remote,
                  char **answer, const char **why)
{
    struct sdp_description d;
    struct text out;
    int error = parse(&d, offer, why);

    if (error) {
        return error;
    }

    error = read_transport(offer, &d, remote, why);

    if (error) {
        sdp_description_fini(&d);
        return error;
    }

    /* RFC 8445, 6.1.1: who offered controls, unless it is lite */
    remote->controlling = d.ice_lite;
    remote->active = local->setup == SDP_SETUP_ACTIVE;

    for (size_t i = 0; i < d.media_count; i++) {
        struct sdp_media *m = &d.media[i];

        if (!sdp_media_rejected(m)) {
            read_section(m, agreement);
        }

        answer_section(&d, m, local, media_of(media, count, m));
    }

    agreement->transport_cc = agreement->transport_cc && local->transport_cc;
    d.transport = (struct sdp_transport){ 0 };
    d.ice_lite = false;
    d.session_version++;
    answer_bundle(&d);
    text_init(&out);
    sdp_write(&d, &out);
    *answer = text_take(&out);
    sdp_description_fini(&d);

    if (*answer == NULL) {
        *why = "out of memory";
        return SFU_ERR_NOMEM;
    }

    return 0;
}
