/*
 * sdp/compose.c - our side of a negotiation, as a description.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Everything that Chromium puts into each section is put into each section
 * here, candidates too: stacks such as aiortc look nowhere else.
 */

#include <stdio.h>

#include "base/error.h"
#include "sdp/data.h"
#include "sdp/negotiation_priv.h"
#include "sdp/simulcast.h"

struct composer {
    const struct sdp_negotiation *n;
    bool is_offer;
    struct sdp_description d;   /* all in its arena, or borrowed from n */
};

static bool
is_written_alive(const struct sdp_entry *e)
{
    return e->section.alive && !e->retired;
}

static enum sdp_direction
direction_of(const struct composer *c, const struct sdp_entry *e)
{
    const struct sdp_section *s = &e->section;
    bool send = c->is_offer ? s->has_track && !s->closed : s->sends;
    bool receive = c->is_offer ? e->willing && !s->closed : s->receives;

    return (send ? SDP_SENDONLY : 0) | (receive ? SDP_RECVONLY : 0);
}

static struct sdp_format *
push_format(struct composer *c, struct sdp_media *m)
{
    struct sdp_format *formats;

    formats = sdp_arena_push(&c->d.arena, m->formats, m->format_count,
                             sizeof(*formats));

    if (formats == NULL) {
        return NULL;
    }

    m->formats = formats;

    return &formats[m->format_count++];
}

static int
add_rtx(struct composer *c, struct sdp_media *m, const struct sdp_codec *codec)
{
    struct sdp_format *f = push_format(c, m);
    char text[16], *fmtp;

    snprintf(text, sizeof(text), "apt=%u", codec->pt);
    fmtp = sdp_arena_text(&c->d.arena, span_str(text));

    if (f == NULL || fmtp == NULL) {
        return SFU_ERR_NOMEM;
    }

    *f = (struct sdp_format){
        .pt = (uint8_t)codec->rtx_pt,
        .channels = 1,
        .clock = codec->clock,
        .name = span_str("rtx"),
        .fmtp = span_str(fmtp),
    };

    return 0;
}

static int
add_codecs(struct composer *c, struct sdp_media *m, const struct sdp_section *s)
{
    for (size_t i = 0; i < s->codec_count; i++) {
        const struct sdp_codec *codec = &s->codecs[i];
        struct sdp_format *f = push_format(c, m);

        if (f == NULL) {
            return SFU_ERR_NOMEM;
        }

        *f = (struct sdp_format){
            .pt = codec->pt,
            .channels = codec->channels,
            .feedback = codec->feedback,
            .clock = codec->clock,
            .name = span_str(codec_name(codec->id)),
            .fmtp = span_str(codec->fmtp),
        };

        if (codec->rtx_pt >= 0 && add_rtx(c, m, codec) != 0) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

static int
add_extensions(struct composer *c, struct sdp_media *m,
    const struct sdp_section *s)
{
    struct sdp_extmap *extmaps;

    extmaps = sdp_arena_alloc(&c->d.arena, RTP_EXT_COUNT * sizeof(*extmaps));

    if (extmaps == NULL) {
        return SFU_ERR_NOMEM;
    }

    m->extmaps = extmaps;

    for (int i = 0; i < RTP_EXT_COUNT; i++) {
        bool send = s->send_extensions >> i & 1;
        bool receive = s->receive_extensions >> i & 1;

        if (!send && !receive) {
            continue;
        }

        extmaps[m->extmap_count++] = (struct sdp_extmap){
            .id = c->n->extensions.id_of[i],
            .extension = (enum rtp_extension_id)i,
            .direction = (send ? SDP_SENDONLY : 0)
                         | (receive ? SDP_RECVONLY : 0),
            .uri = span_str(sdp_extension_uri((enum rtp_extension_id)i)),
        };
    }

    return 0;
}

static bool
has_rtx(const struct sdp_section *s)
{
    for (size_t i = 0; i < s->codec_count; i++) {
        if (s->codecs[i].rtx_pt >= 0) {
            return true;
        }
    }

    return false;
}

static int
add_track(struct composer *c, struct sdp_media *m, const struct sdp_section *s)
{
    const struct sdp_track *t = &s->track;
    struct span cname = span_str(c->n->local.cname);
    struct sdp_ssrc *ssrcs;
    struct sdp_fid *fid;

    m->has_msid = true;
    m->stream = span_str(t->stream);
    m->track = span_str(t->track);
    ssrcs = sdp_arena_alloc(&c->d.arena, 2 * sizeof(*ssrcs));
    fid = sdp_arena_alloc(&c->d.arena, sizeof(*fid));

    if (ssrcs == NULL || fid == NULL) {
        return SFU_ERR_NOMEM;
    }

    ssrcs[0] = (struct sdp_ssrc){ t->ssrc, cname };
    m->ssrcs = ssrcs;
    m->ssrc_count = 1;

    if (t->rtx_ssrc && has_rtx(s)) {
        ssrcs[1] = (struct sdp_ssrc){ t->rtx_ssrc, cname };
        m->ssrc_count = 2;
        *fid = (struct sdp_fid){ t->ssrc, t->rtx_ssrc };
        m->fids = fid;
        m->fid_count = 1;
    }

    return 0;
}

static enum sdp_setup
setup_of(const struct composer *c)
{
    if (c->is_offer) {
        return SDP_SETUP_ACTPASS;
    }

    return c->n->remote.role == SDP_ROLE_CLIENT ? SDP_SETUP_ACTIVE
                                                : SDP_SETUP_PASSIVE;
}

/* RFC 3264, section 6: a rejected section still names some format */
static void
add_rejected(struct sdp_media *m, const struct sdp_entry *e)
{
    m->format_list = e->format_list.len ? e->format_list : span_str("0");
    m->direction = SDP_INACTIVE;
}

static int
add_section(struct composer *c, struct sdp_media *m, const struct sdp_entry *e)
{
    const struct sdp_section *s = &e->section;
    int rc;

    m->kind_name = e->kind_name;
    m->kind = s->kind;
    m->protocol = e->protocol;
    m->mid = span_str(s->mid);

    if (!is_written_alive(e)) {
        add_rejected(m, e);
        return 0;
    }

    m->port = 9;
    m->candidates = c->n->local.candidates;
    m->candidate_count = c->n->local.candidate_count;
    m->transport = (struct sdp_transport){
        .ufrag = span_str(c->n->ufrag),
        .pwd = span_str(c->n->pwd),
        .fingerprint = c->n->fingerprint,
        .setup = setup_of(c),
    };

    if (s->kind == SDP_APPLICATION) {
        sdp_data_compose(c->n, e, m);
        return 0;
    }

    m->direction = direction_of(c, e);
    m->rtcp_mux = true;
    m->rtcp_rsize = e->rtcp_rsize;
    rc = add_codecs(c, m, s);

    if (rc == 0) {
        rc = add_extensions(c, m, s);
    }

    if (rc == 0 && (m->direction & SDP_SENDONLY)) {
        rc = add_track(c, m, s);
    }

    if (rc == 0 && (m->direction & SDP_RECVONLY)) {
        rc = sdp_simulcast_compose(&c->d.arena, m, s);
    }

    return rc;
}

/*
 * RFC 9143, 7.3: the group of an answer is a subset of that of the offer,
 * and its first mid is the one whose transport counts.  The order stays as
 * it was, new sections come last.
 */
static int
add_bundle(struct composer *c)
{
    const struct sdp_negotiation *n = c->n;
    const struct sdp_entry **order;
    size_t count = 0;

    order = sdp_arena_alloc(&c->d.arena, n->entry_count * sizeof(*order));
    c->d.bundle = sdp_arena_alloc(&c->d.arena,
                                  n->entry_count * sizeof(*c->d.bundle));

    if (order == NULL || c->d.bundle == NULL) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; i < n->entry_count; i++) {
        const struct sdp_entry *e = n->entries[i];
        size_t at = count;

        if (!is_written_alive(e)) {
            continue;
        }

        for (; at && order[at - 1]->bundle_rank > e->bundle_rank; at--) {
            order[at] = order[at - 1];
        }

        order[at] = e;
        count++;
    }

    for (size_t i = 0; i < count; i++) {
        c->d.bundle[i] = span_str(order[i]->section.mid);
    }

    c->d.bundle_count = count;
    c->d.has_bundle = count && (c->is_offer || n->offer_has_bundle);

    return 0;
}

static int
build(struct composer *c)
{
    const struct sdp_negotiation *n = c->n;
    int rc = add_bundle(c);

    c->d.session_id = n->local.origin_id;
    c->d.session_version = n->version;
    c->d.ice_lite = !n->local.full_ice;
    c->d.extmap_allow_mixed = c->is_offer || n->allow_mixed;
    c->d.msid_semantic = span_str(" WMS *");
    c->d.media = sdp_arena_alloc(&c->d.arena,
                                 n->entry_count * sizeof(*c->d.media));

    if (c->d.media == NULL) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; rc == 0 && i < n->entry_count; i++) {
        rc = add_section(c, &c->d.media[c->d.media_count++], n->entries[i]);
    }

    return rc;
}

int
sdp_compose(const struct sdp_negotiation *n, bool is_offer, char **out)
{
    struct composer c = { .n = n, .is_offer = is_offer };
    struct text text;
    int rc = build(&c);

    text_init(&text);
    *out = NULL;

    if (rc == 0) {
        sdp_write(&c.d, &text);
        *out = text_take(&text);
        rc = *out != NULL ? 0 : SFU_ERR_NOMEM;
    }

    sdp_description_fini(&c.d);

    return rc;
}
