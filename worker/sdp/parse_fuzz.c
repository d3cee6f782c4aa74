/*
 * sdp/parse_fuzz.c - what was read, written and read again is the same.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <assert.h>
#include <stdlib.h>

#include "sdp/description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same_span(struct span a, struct span b)
{
    assert(span_eq(a, b));
}

static void
same_transport(const struct sdp_transport *a, const struct sdp_transport *b)
{
    same_span(a->ufrag, b->ufrag);
    same_span(a->pwd, b->pwd);
    assert(a->fingerprint.hash == b->fingerprint.hash);
    same_span(span_of(a->fingerprint.bytes, a->fingerprint.len),
              span_of(b->fingerprint.bytes, b->fingerprint.len));
    assert(a->setup == b->setup);
}

static void
same_formats(const struct sdp_media *a, const struct sdp_media *b)
{
    assert(a->format_count == b->format_count);

    for (size_t i = 0; i < a->format_count; i++) {
        const struct sdp_format *f = &a->formats[i], *g = &b->formats[i];

        assert(f->pt == g->pt && f->channels == g->channels);
        assert(f->feedback == g->feedback && f->clock == g->clock);
        same_span(f->name, g->name);
        same_span(f->fmtp, g->fmtp);
    }

    assert(a->extmap_count == b->extmap_count);

    for (size_t i = 0; i < a->extmap_count; i++) {
        const struct sdp_extmap *e = &a->extmaps[i], *f = &b->extmaps[i];

        assert(e->id == f->id && e->extension == f->extension);
        assert(e->direction == f->direction);
        same_span(e->uri, f->uri);
    }
}

static void
same_streams(const struct sdp_media *a, const struct sdp_media *b)
{
    assert(a->ssrc_count == b->ssrc_count && a->fid_count == b->fid_count
           && a->rid_count == b->rid_count);

    for (size_t i = 0; i < a->ssrc_count; i++) {
        assert(a->ssrcs[i].ssrc == b->ssrcs[i].ssrc);
        same_span(a->ssrcs[i].cname, b->ssrcs[i].cname);
    }

    for (size_t i = 0; i < a->fid_count; i++) {
        assert(a->fids[i].ssrc == b->fids[i].ssrc
               && a->fids[i].rtx == b->fids[i].rtx);
    }

    for (size_t i = 0; i < a->rid_count; i++) {
        same_span(a->rids[i].id, b->rids[i].id);
        same_span(a->rids[i].restrictions, b->rids[i].restrictions);
        assert(a->rids[i].direction == b->rids[i].direction);
    }

    same_span(a->simulcast, b->simulcast);
    assert(a->has_msid == b->has_msid);
    same_span(a->stream, b->stream);
    same_span(a->track, b->track);
}

static void
same_media(const struct sdp_media *a, const struct sdp_media *b)
{
    assert(a->kind == b->kind && a->port == b->port);
    same_span(a->kind_name, b->kind_name);
    same_span(a->protocol, b->protocol);
    same_span(a->format_list, b->format_list);
    same_span(a->mid, b->mid);
    assert(a->mid_implied == b->mid_implied);
    assert(a->direction == b->direction && a->rtcp_mux == b->rtcp_mux);
    assert(a->rtcp_rsize == b->rtcp_rsize);
    assert(a->bundle_only == b->bundle_only);
    assert(a->extmap_allow_mixed == b->extmap_allow_mixed);
    assert(a->sctp_port == b->sctp_port);
    assert(a->max_message_size == b->max_message_size);
    same_transport(&a->transport, &b->transport);
    same_formats(a, b);
    same_streams(a, b);
}

static void
same_description(const struct sdp_description *a,
    const struct sdp_description *b)
{
    assert(a->session_id == b->session_id);
    assert(a->session_version == b->session_version);
    assert(a->ice_lite == b->ice_lite);
    assert(a->extmap_allow_mixed == b->extmap_allow_mixed);
    assert(a->has_bundle == b->has_bundle);
    assert(a->bundle_count == b->bundle_count);
    assert(a->media_count == b->media_count);
    same_span(a->ice_options, b->ice_options);
    same_transport(&a->transport, &b->transport);

    for (size_t i = 0; i < a->bundle_count; i++) {
        same_span(a->bundle[i], b->bundle[i]);
    }

    for (size_t i = 0; i < a->media_count; i++) {
        same_media(&a->media[i], &b->media[i]);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sdp_limits limits = sdp_limits_default();
    struct sdp_description first, second;
    const char *why = NULL;
    struct text text;

    if (sdp_parse(&first, span_of(data, size), &limits, &why) != 0) {
        assert(why != NULL && why[0] != '\0');
        return 0;
    }

    /* what we write may be longer, "a=rtcp-fb:*" for one */
    limits.bytes *= 64;
    limits.line *= 2;
    text_init(&text);
    sdp_write(&first, &text);
    assert(text_ok(&text));
    assert(sdp_parse(&second, span_of(text.data, text.len), &limits, &why)
           == 0);
    same_description(&first, &second);
    sdp_description_fini(&second);
    sdp_description_fini(&first);
    text_fini(&text);

    return 0;
}
