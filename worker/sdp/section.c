/*
 * sdp/section.c - sections that we make, and what we do with any of them.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdio.h>

#include "base/error.h"
#include "sdp/negotiation_priv.h"

/* indexes before the tagged section that are left alone */
enum { SPARED = 4 };

/*
 * Rejected in what both sides agreed on last (RFC 8829, 5.2.2).  Firefox
 * refuses media where there once was m=application.
 */
static bool
is_free(const struct sdp_negotiation *n, size_t index)
{
    const struct sdp_section *s = &n->entries[index]->section;

    return !s->alive && (s->kind == SDP_AUDIO || s->kind == SDP_VIDEO);
}

/*
 * Chromium's answers name the BUNDLE group after the first section, whatever
 * our offer named it after, and fail when these are two.  So a section before
 * the tagged one has to become the tagged one, and with it the client makes
 * another transport: that is for when there are many of them.
 */
static size_t
free_index(const struct sdp_negotiation *n)
{
    const struct sdp_section *tagged = sdp_negotiation_tagged(n);
    size_t first = n->entry_count, before = 0;

    for (size_t i = n->entry_count; i-- > 0;) {
        if (!is_free(n, i)) {
            continue;
        }

        if (tagged == NULL || i > tagged->index || before == SPARED) {
            first = i;
        } else {
            before++;
        }
    }

    return first;
}

int
sdp_section_create(struct sdp_negotiation *n, enum sdp_kind kind,
    size_t index, const char *protocol, struct sdp_entry **entry)
{
    const struct sdp_section *tagged = sdp_negotiation_tagged(n);
    char mid[24];

    if (n->state != SDP_STABLE) {
        return SFU_ERR_STATE;
    }

    if (index >= n->limits.media) {
        return SFU_ERR_LIMIT;
    }

    snprintf(mid, sizeof(mid), "%llu", (unsigned long long)n->next_mid);
    *entry = sdp_entry_create(index, kind, span_str(mid), span_str(protocol));

    if (*entry == NULL) {
        return SFU_ERR_NOMEM;
    }

    if (tagged != NULL && index < tagged->index) {
        (*entry)->bundle_rank = n->entries[tagged->index]->bundle_rank;
    }

    n->next_mid++;
    (*entry)->ours = true;
    (*entry)->section.alive = true;
    (*entry)->section.pending = true;

    return 0;
}

static int
create_own(struct sdp_negotiation *n, enum media_kind kind,
    struct sdp_entry **entry)
{
    int rc = sdp_section_create(n, kind == MEDIA_AUDIO ? SDP_AUDIO
                                                       : SDP_VIDEO,
                                free_index(n), "UDP/TLS/RTP/SAVPF", entry);

    if (rc == 0) {
        (*entry)->rtcp_rsize = true;
    }

    return rc;
}

int
sdp_negotiation_add_sending(struct sdp_negotiation *n,
    const struct sdp_track *track, size_t *index)
{
    struct sdp_entry *e;
    int rc = create_own(n, track->kind, &e);

    if (rc != 0) {
        return rc;
    }

    rc = sdp_propose(n, e, track->codecs, track->codec_count,
                     track->kind == MEDIA_VIDEO && track->rtx_ssrc != 0);

    if (rc == 0) {
        rc = sdp_entry_set_track(e, track);
    }

    if (rc != 0) {
        sdp_entry_destroy(e);
        return rc;
    }

    sdp_entry_fit_track(e, false);
    *index = e->section.index;

    return sdp_negotiation_put(n, e);
}

int
sdp_negotiation_add_receiving(struct sdp_negotiation *n, enum media_kind kind,
    const enum codec_id *codecs, size_t count, size_t *index)
{
    struct sdp_entry *e;
    int rc = create_own(n, kind, &e);

    if (rc != 0) {
        return rc;
    }

    rc = count ? sdp_propose_these(n, e, codecs, count)
               : sdp_propose_all(n, e);

    if (rc != 0) {
        sdp_entry_destroy(e);
        return rc;
    }

    e->willing = true;
    *index = e->section.index;

    return sdp_negotiation_put(n, e);
}

static bool
may_attach(const struct sdp_negotiation *n, const struct sdp_section *s)
{
    switch (n->state) {
    case SDP_REMOTE_OFFER:
        return s->remote_receives;

    case SDP_STABLE:
        return s->pending || s->sends;

    default:
        return false;
    }
}

int
sdp_negotiation_attach(struct sdp_negotiation *n, size_t index,
    const struct sdp_track *track)
{
    const struct sdp_section *s = sdp_negotiation_at(n, index);
    enum sdp_kind kind = track->kind == MEDIA_AUDIO ? SDP_AUDIO : SDP_VIDEO;
    struct sdp_entry *e;
    int rc;

    if (s == NULL || s->closed || !may_attach(n, s)) {
        return SFU_ERR_STATE;
    }

    if (s->kind != kind) {
        return SFU_ERR_UNSUPPORTED;
    }

    e = sdp_entry_copy(n->entries[index]);

    if (e == NULL) {
        return SFU_ERR_NOMEM;
    }

    rc = sdp_entry_set_track(e, track);

    if (track->alone) {
        e->willing = false;
    }

    if (rc == 0) {
        sdp_entry_fit_track(e, n->state == SDP_REMOTE_OFFER);
        rc = e->track_fits ? 0 : SFU_ERR_UNSUPPORTED;
    }

    if (rc != 0) {
        sdp_entry_destroy(e);
        return rc;
    }

    sdp_entry_agree(e);

    return sdp_negotiation_put(n, e);
}

int
sdp_negotiation_close(struct sdp_negotiation *n, size_t index)
{
    if (sdp_negotiation_at(n, index) == NULL) {
        return SFU_ERR_NOT_FOUND;
    }

    n->entries[index]->section.closed = true;
    sdp_entry_agree(n->entries[index]);

    return 0;
}

int
sdp_negotiation_detach(struct sdp_negotiation *n, size_t index, bool keep)
{
    struct sdp_entry *e;

    if (sdp_negotiation_at(n, index) == NULL) {
        return SFU_ERR_NOT_FOUND;
    }

    e = n->entries[index];
    e->section.has_track = false;

    /* the client has not asked for it, so its index can be used again */
    if (e->ours && !e->section.receives && !keep) {
        e->section.closed = true;
    }

    sdp_entry_agree(e);

    return 0;
}

int
sdp_negotiation_reopen(struct sdp_negotiation *n, size_t index)
{
    if (sdp_negotiation_at(n, index) == NULL) {
        return SFU_ERR_NOT_FOUND;
    }

    n->entries[index]->section.closed = false;
    n->entries[index]->told = false;
    sdp_entry_agree(n->entries[index]);

    return 0;
}
