/*
 * sdp/accept_answer.c - what a client took of a section that we offered.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "sdp/accept.h"
#include "sdp/data.h"
#include "sdp/scan.h"
#include "sdp/simulcast.h"

static const struct sdp_format *
find_format(const struct sdp_media *m, int pt)
{
    for (size_t i = 0; i < m->format_count; i++) {
        if (m->formats[i].pt == pt) {
            return &m->formats[i];
        }
    }

    return NULL;
}

/*
 * The peer's order (it will send the first one), its parameters, and of the
 * feedback what both have.
 */
static int
answered_codecs(const struct sdp_media *m, const struct sdp_entry *offered,
    struct sdp_arena *arena, struct sdp_codec_list *list)
{
    list->count = 0;

    for (size_t i = 0; i < m->format_count; i++) {
        const struct sdp_format *f = &m->formats[i];
        const struct sdp_codec *ours = NULL;
        struct sdp_codec c;

        for (size_t k = 0; k < offered->section.codec_count; k++) {
            if (offered->section.codecs[k].pt == f->pt) {
                ours = &offered->section.codecs[k];
            }
        }

        if (ours == NULL || !scan_same(f->name, codec_name(ours->id))) {
            continue;
        }

        c = *ours;
        c.feedback &= f->feedback;

        if (find_format(m, c.rtx_pt) == NULL) {
            c.rtx_pt = -1;
        }

        if (f->fmtp.len && c.id != CODEC_RED) {
            c.fmtp = sdp_arena_text(arena, f->fmtp);

            if (c.fmtp == NULL) {
                return SFU_ERR_NOMEM;
            }
        }

        if (c.feedback & SDP_FB_TRANSPORT_CC) {
            c.feedback &= ~(uint32_t)SDP_FB_GOOG_REMB;
        }

        list->at[list->count++] = c;
    }

    sdp_codecs_drop_empty_red(list);

    return 0;
}

/*
 * An answer may list more than the offer did (RFC 3264, 6.1), though browsers
 * never do.  We will not use those formats, and must not give their numbers
 * another meaning.
 */
static void
respect_numbers(struct sdp_negotiation *n, const struct sdp_media *m)
{
    struct sdp_payload foreign = { .use = SDP_PAYLOAD_FOREIGN };

    for (size_t i = 0; i < m->format_count; i++) {
        (void)sdp_payload_adopt(&n->payloads, m->formats[i].pt, foreign);
    }
}

/*
 * Only what we offered, and under the id we offered.  Answers leave the id
 * of an extension alone (RFC 8285, section 6), so one that does not is as
 * good as none.
 */
static void
answered_extensions(const struct sdp_negotiation *n,
    const struct sdp_media *m, const struct sdp_section *offered,
    struct sdp_section *s)
{
    for (size_t i = 0; i < m->extmap_count; i++) {
        const struct sdp_extmap *e = &m->extmaps[i];
        uint32_t bit;

        if (e->extension == RTP_EXT_COUNT
            || n->extensions.id_of[e->extension] != e->id) {
            continue;
        }

        bit = 1u << e->extension;
        s->send_extensions |=
            e->direction & SDP_RECVONLY ? offered->send_extensions & bit : 0;
        s->receive_extensions |=
            e->direction & SDP_SENDONLY ? offered->receive_extensions & bit
                                        : 0;
    }
}

static int
fill_answered(const struct sdp_negotiation *n, const struct sdp_media *m,
    const struct sdp_entry *offered, struct sdp_entry *e)
{
    const struct sdp_section *o = &offered->section;
    struct sdp_codec_list list;
    int rc = answered_codecs(m, offered, &e->arena, &list);

    /* with nothing in common nothing flows; the m-line still lists formats */
    if (rc == 0) {
        rc = list.count ? sdp_entry_set_codecs(e, list.at, list.count)
                        : sdp_entry_set_codecs(e, o->codecs, o->codec_count);
    }

    if (rc == 0) {
        rc = sdp_entry_set_remote(e, m);
    }

    answered_extensions(n, m, o, &e->section);

    if (rc == 0) {
        rc = sdp_simulcast_accept(e, m, n->limits.layers);
    }

    e->section.alive = true;
    e->remote = list.count ? m->direction : SDP_INACTIVE;
    e->rtcp_rsize = offered->rtcp_rsize && m->rtcp_rsize;

    if (e->section.has_track) {
        sdp_entry_fit_track(e, false);
    }

    return rc;
}

int
sdp_accept_answered(struct sdp_negotiation *n, const struct sdp_media *m,
    const struct sdp_entry *offered, struct sdp_entry **entry,
    const char **why)
{
    struct sdp_entry *e;
    int rc;

    if (!sdp_media_rejected(m) && !m->rtcp_mux && offered->section.alive
        && m->kind != SDP_APPLICATION) {
        *why = "a section is answered without a=rtcp-mux";
        return SFU_ERR_UNSUPPORTED;
    }

    e = sdp_entry_create(offered->section.index, offered->section.kind,
                         span_str(offered->section.mid), offered->protocol);

    if (e == NULL) {
        return SFU_ERR_NOMEM;
    }

    rc = sdp_entry_set_line(e, offered->kind_name, offered->format_list);

    if (rc == 0) {
        rc = sdp_entry_inherit(e, offered);
    }

    e->willing = offered->willing;
    e->bundle_rank = offered->bundle_rank;

    if (rc == 0 && offered->section.alive && !offered->retired
        && !sdp_media_rejected(m) && m->kind == SDP_APPLICATION) {
        if (sdp_data_is_acceptable(n, m, e->section.index)) {
            sdp_data_fill(e, m);
        }
    } else if (rc == 0 && offered->section.alive && !offered->retired
               && !sdp_media_rejected(m)) {
        respect_numbers(n, m);
        rc = fill_answered(n, m, offered, e);
    }

    if (rc != 0) {
        sdp_entry_destroy(e);
        return rc;
    }

    e->told = e->section.closed;
    sdp_entry_agree(e);
    *entry = e;

    return 0;
}
