/*
 * sdp/entry.c - a section as the negotiation keeps it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/entry.h"

#include <stdlib.h>

#include "base/error.h"
#include "sdp/variant.h"

/* failing leaves *s without data, which no caller uses then */
static bool
copy_span(struct sdp_entry *e, struct span *s)
{
    char *copy = sdp_arena_text(&e->arena, *s);

    *s = span_of(copy, copy != NULL ? s->len : 0);

    return copy != NULL;
}

static bool
copy_string(struct sdp_entry *e, const char **s)
{
    *s = sdp_arena_text(&e->arena, span_str(*s));

    return *s != NULL;
}

/* a copy of an array, or NULL; an empty one is nothing to be copied */
static void *
copy_array(struct sdp_entry *e, const void *array, size_t count, size_t size)
{
    void *copy = sdp_arena_alloc(&e->arena, count * size);

    if (copy != NULL && count) {
        memcpy(copy, array, count * size);
    }

    return copy;
}

struct sdp_entry *
sdp_entry_create(size_t index, enum sdp_kind kind, struct span mid,
    struct span protocol)
{
    static const char *const names[] = {
        [SDP_AUDIO] = "audio",
        [SDP_VIDEO] = "video",
        [SDP_APPLICATION] = "application",
        [SDP_OTHER] = "",
    };
    struct sdp_entry *e = calloc(1, sizeof(*e));
    char *text;

    if (e == NULL) {
        return NULL;
    }

    sdp_arena_init(&e->arena);
    e->section.index = index;
    e->section.kind = kind;
    e->kind_name = span_str(names[kind]);
    e->bundle_rank = SDP_BUNDLE_LAST;
    e->protocol = protocol;
    text = sdp_arena_text(&e->arena, mid);

    if (text == NULL || !copy_span(e, &e->protocol)) {
        sdp_entry_destroy(e);
        return NULL;
    }

    e->section.mid = text;

    return e;
}

void
sdp_entry_destroy(struct sdp_entry *e)
{
    if (e == NULL) {
        return;
    }

    sdp_arena_fini(&e->arena);
    free(e);
}

int
sdp_entry_set_line(struct sdp_entry *e, struct span kind_name,
    struct span format_list)
{
    e->kind_name = kind_name;
    e->format_list = format_list;

    return copy_span(e, &e->kind_name) && copy_span(e, &e->format_list)
               ? 0
               : SFU_ERR_NOMEM;
}

static struct sdp_codec *
copy_codecs(struct sdp_entry *e, const struct sdp_codec *codecs, size_t count)
{
    struct sdp_codec *copy = copy_array(e, codecs, count, sizeof(*copy));

    for (size_t i = 0; copy != NULL && i < count; i++) {
        if (!copy_string(e, &copy[i].fmtp)) {
            return NULL;
        }
    }

    return copy;
}

int
sdp_entry_set_codecs(struct sdp_entry *e, const struct sdp_codec *codecs,
    size_t count)
{
    e->section.codecs = copy_codecs(e, codecs, count);
    e->section.codec_count = e->section.codecs != NULL ? count : 0;

    return e->section.codecs != NULL ? 0 : SFU_ERR_NOMEM;
}

int
sdp_entry_set_track(struct sdp_entry *e, const struct sdp_track *track)
{
    struct sdp_track *t = &e->section.track;

    if (track->codec_count > SDP_CODECS_MAX) {
        return SFU_ERR_LIMIT;
    }

    *t = *track;
    e->track_codecs = copy_codecs(e, track->codecs, track->codec_count);
    e->track_codec_count = track->codec_count;
    t->codecs = NULL;
    t->codec_count = 0;

    if (e->track_codecs == NULL || !copy_string(e, &t->stream)
        || !copy_string(e, &t->track)) {
        e->track_codec_count = 0;
        return SFU_ERR_NOMEM;
    }

    e->section.has_track = true;

    return 0;
}

int
sdp_entry_set_remote(struct sdp_entry *e, const struct sdp_media *m)
{
    struct sdp_section *s = &e->section;
    struct sdp_ssrc *ssrcs;
    struct sdp_rid *rids;
    bool ok = true;

    ssrcs = copy_array(e, m->ssrcs, m->ssrc_count, sizeof(*ssrcs));
    rids = copy_array(e, m->rids, m->rid_count, sizeof(*rids));
    s->ssrcs = ssrcs;
    s->rids = rids;
    s->fids = copy_array(e, m->fids, m->fid_count, sizeof(*m->fids));
    s->simulcast = m->simulcast;

    if (ssrcs == NULL || rids == NULL || s->fids == NULL
        || !copy_span(e, &s->simulcast)) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; i < m->ssrc_count; i++) {
        ok = ok && copy_span(e, &ssrcs[i].cname);
    }

    for (size_t i = 0; i < m->rid_count; i++) {
        ok = ok && copy_span(e, &rids[i].id)
             && copy_span(e, &rids[i].restrictions);
    }

    if (m->has_msid) {
        s->remote_stream = sdp_arena_text(&e->arena, m->stream);
        ok = ok && s->remote_stream != NULL;

        if (m->track.len) {
            s->remote_track = sdp_arena_text(&e->arena, m->track);
            ok = ok && s->remote_track != NULL;
        }
    }

    s->ssrc_count = m->ssrc_count;
    s->fid_count = m->fid_count;
    s->rid_count = m->rid_count;

    return ok ? 0 : SFU_ERR_NOMEM;
}

void
sdp_entry_set_sctp(struct sdp_entry *e, const struct sdp_media *m)
{
    /* RFC 8841, 6.1: what is not told is 64 kB */
    enum { NOT_TOLD = 65536 };

    e->section.sctp_port = m->sctp_port;
    e->section.max_message_size = m->has_max_message_size
                                      ? m->max_message_size
                                      : NOT_TOLD;
}

int
sdp_entry_set_layers(struct sdp_entry *e, const struct sdp_layer *layers,
    size_t count)
{
    struct sdp_layer *copy = copy_array(e, layers, count, sizeof(*copy));

    for (size_t i = 0; copy != NULL && i < count; i++) {
        if (!copy_string(e, &copy[i].rid)) {
            return SFU_ERR_NOMEM;
        }
    }

    e->section.layers = copy;
    e->section.layer_count = copy != NULL ? count : 0;

    return copy != NULL ? 0 : SFU_ERR_NOMEM;
}

int
sdp_entry_inherit(struct sdp_entry *e, const struct sdp_entry *old)
{
    struct sdp_track track = old->section.track;

    e->ours = old->ours;
    e->told = old->told;
    e->section.closed = old->section.closed;

    if (!old->section.has_track) {
        return 0;
    }

    track.codecs = old->track_codecs;
    track.codec_count = old->track_codec_count;

    return sdp_entry_set_track(e, &track);
}

struct sdp_entry *
sdp_entry_copy(const struct sdp_entry *e)
{
    const struct sdp_section *s = &e->section;
    struct sdp_entry *copy = sdp_entry_create(s->index, s->kind,
                                              span_str(s->mid), e->protocol);
    struct sdp_media m = {
        .ssrcs = (struct sdp_ssrc *)s->ssrcs,
        .ssrc_count = s->ssrc_count,
        .fids = (struct sdp_fid *)s->fids,
        .fid_count = s->fid_count,
        .rids = (struct sdp_rid *)s->rids,
        .rid_count = s->rid_count,
        .simulcast = s->simulcast,
        .has_msid = s->remote_stream != NULL,
    };

    if (copy == NULL) {
        return NULL;
    }

    if (s->remote_stream != NULL) {
        m.stream = span_str(s->remote_stream);
    }

    if (s->remote_track != NULL) {
        m.track = span_str(s->remote_track);
    }

    if (sdp_entry_set_line(copy, e->kind_name, e->format_list) != 0
        || sdp_entry_set_codecs(copy, s->codecs, s->codec_count) != 0
        || sdp_entry_set_remote(copy, &m) != 0
        || sdp_entry_set_layers(copy, s->layers, s->layer_count) != 0
        || sdp_entry_inherit(copy, e) != 0) {
        sdp_entry_destroy(copy);
        return NULL;
    }

    copy->section.alive = s->alive;
    copy->section.pending = s->pending;
    copy->section.lost = s->lost;
    copy->section.receives = s->receives;
    copy->section.sends = s->sends;
    copy->section.remote_receives = s->remote_receives;
    copy->section.send_extensions = s->send_extensions;
    copy->section.receive_extensions = s->receive_extensions;
    copy->section.has_data = s->has_data;
    copy->section.sctp_port = s->sctp_port;
    copy->section.max_message_size = s->max_message_size;
    copy->sctpmap = e->sctpmap;
    copy->rtcp_rsize = e->rtcp_rsize;
    copy->willing = e->willing;
    copy->retired = e->retired;
    copy->track_fits = e->track_fits;
    copy->remote = e->remote;
    copy->bundle_rank = e->bundle_rank;

    return copy;
}

/*
 * For each codec of the section its place in the track's list, or -1.
 * Parameters are read once each: peers choose how long they are.
 */
static void
find_places(const struct sdp_entry *e, int *places)
{
    uint32_t wanted[SDP_CODECS_MAX];
    const struct sdp_codec *c, *t;
    uint32_t variant;

    for (size_t k = 0; k < e->track_codec_count; k++) {
        t = &e->track_codecs[k];
        wanted[k] = sdp_variant(t->id, span_str(t->fmtp));
    }

    for (size_t i = 0; i < e->section.codec_count; i++) {
        c = &e->section.codecs[i];
        variant = sdp_variant(c->id, span_str(c->fmtp));
        places[i] = -1;

        for (size_t k = 0; k < e->track_codec_count && places[i] < 0; k++) {
            t = &e->track_codecs[k];

            if (c->id == t->id && c->clock == t->clock
                && c->channels == t->channels
                && sdp_variant_carries(c->id, variant, wanted[k])) {
                places[i] = (int)k;
            }
        }
    }
}

static void
reduce(struct sdp_entry *e, int *places)
{
    struct sdp_codec *codecs = (struct sdp_codec *)e->section.codecs;
    size_t kept = 0;

    for (size_t i = 0; i < e->section.codec_count; i++) {
        struct sdp_codec c = codecs[i];
        int place = places[i];
        size_t at = kept;

        if (place < 0) {
            continue;
        }

        for (; at > 0 && places[at - 1] > place; at--) {
            codecs[at] = codecs[at - 1];
            places[at] = places[at - 1];
        }

        codecs[at] = c;
        places[at] = place;
        kept++;
    }

    e->section.codec_count = kept;
}

void
sdp_entry_fit_track(struct sdp_entry *e, bool may_reduce)
{
    int places[SDP_CODECS_MAX];

    find_places(e, places);
    e->track_fits = false;

    for (size_t i = 0; i < e->section.codec_count; i++) {
        if (places[i] >= 0
            && !codec_is_auxiliary(e->section.codecs[i].id)) {
            e->track_fits = true;
        }
    }

    if (e->track_fits && may_reduce
        && !(e->willing && (e->remote & SDP_SENDONLY))) {
        reduce(e, places);
    }
}

void
sdp_entry_agree(struct sdp_entry *e)
{
    struct sdp_section *s = &e->section;
    bool agreed = s->alive && !s->pending;

    s->remote_receives = agreed && (e->remote & SDP_RECVONLY);
    s->sends = s->remote_receives && !s->closed && s->has_track
               && e->track_fits;
    s->receives = agreed && !s->closed && e->willing
                  && (e->remote & SDP_SENDONLY);
    s->has_data = agreed && s->kind == SDP_APPLICATION;
}
