/*
 * sdp/negotiation.c - offers and answers of one session: its life, its turns.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "sdp/accept.h"
#include "sdp/negotiation_priv.h"
#include "sdp/scan.h"
#include "sdp/variant.h"

/* RFC 8839, 5.4; and the one-byte header extension carries 16 (RFC 8285) */
enum { UFRAG_MIN = 4, PWD_MIN = 22, MID_DIGITS = 15 };

/*
 * Clients count their mids from 0 and leave out those they know.  Counting
 * where they do, we would give a section of an offer that got lost the very
 * mid which the client takes for its own next one, and could not tell whether
 * it had seen ours.
 */
enum { FIRST_OWN_MID = 1000 };


/* life */

static int
copy_local(struct sdp_negotiation *n, const struct sdp_local *local)
{
    size_t count = local->candidate_count;
    struct sdp_candidate *candidates;

    n->local = *local;
    n->local.ufrag = NULL;
    n->local.pwd = NULL;
    n->local.fingerprint = sdp_arena_text(&n->arena,
                                          span_str(local->fingerprint));
    n->local.cname = sdp_arena_text(&n->arena, span_str(local->cname));
    candidates = sdp_arena_alloc(&n->arena, count * sizeof(*candidates));
    n->local.candidates = candidates;

    if (n->local.fingerprint == NULL || n->local.cname == NULL
        || candidates == NULL) {
        return SFU_ERR_NOMEM;
    }

    for (size_t i = 0; i < count; i++) {
        candidates[i] = local->candidates[i];
        candidates[i].address = sdp_arena_text(
            &n->arena, span_str(local->candidates[i].address));

        if (candidates[i].address == NULL) {
            return SFU_ERR_NOMEM;
        }
    }

    return sdp_fingerprint_parse(&n->fingerprint, SDP_HASH_SHA256,
                                 span_str(local->fingerprint));
}

int
sdp_negotiation_create(struct sdp_negotiation **n,
    const struct sdp_local *local, const struct sdp_limits *limits)
{
    int rc;

    *n = calloc(1, sizeof(**n));

    if (*n == NULL) {
        return SFU_ERR_NOMEM;
    }

    (*n)->limits = *limits;
    (*n)->next_mid = FIRST_OWN_MID;
    rc = copy_local(*n, local);

    if (rc == 0) {
        rc = sdp_negotiation_set_ice(*n, local->ufrag, local->pwd);
    }

    if (rc != 0) {
        sdp_negotiation_destroy(*n);
        *n = NULL;
    }

    return rc;
}

void
sdp_negotiation_destroy(struct sdp_negotiation *n)
{
    if (n == NULL) {
        return;
    }

    for (size_t i = 0; i < n->entry_count; i++) {
        sdp_entry_destroy(n->entries[i]);
    }

    free(n->entries);
    free(n->ufrag);
    free(n->pwd);
    free(n->remote_ufrag);
    free(n->remote_pwd);
    sdp_arena_fini(&n->arena);
    free(n);
}

static int
copy_remote(struct sdp_negotiation *copy, const struct sdp_negotiation *n)
{
    copy->remote = n->remote;
    copy->remote.ufrag = NULL;
    copy->remote.pwd = NULL;

    if (n->remote_ufrag == NULL) {
        return 0;
    }

    copy->remote_ufrag = strdup(n->remote_ufrag);
    copy->remote_pwd = strdup(n->remote_pwd);
    copy->remote.ufrag = copy->remote_ufrag;
    copy->remote.pwd = copy->remote_pwd;

    return copy->remote_ufrag != NULL && copy->remote_pwd != NULL
               ? 0
               : SFU_ERR_NOMEM;
}

int
sdp_negotiation_clone(struct sdp_negotiation **copy,
    const struct sdp_negotiation *n)
{
    struct sdp_local local = n->local;
    struct sdp_entry *e;
    int rc;

    local.ufrag = n->ufrag;
    local.pwd = n->pwd;
    rc = sdp_negotiation_create(copy, &local, &n->limits);

    if (rc != 0) {
        return rc;
    }

    (*copy)->state = n->state;
    (*copy)->payloads = n->payloads;
    (*copy)->extensions = n->extensions;
    (*copy)->version = n->version;
    (*copy)->next_mid = n->next_mid;
    (*copy)->offer_has_bundle = n->offer_has_bundle;
    (*copy)->allow_mixed = n->allow_mixed;
    rc = copy_remote(*copy, n);

    for (size_t i = 0; rc == 0 && i < n->entry_count; i++) {
        e = sdp_entry_copy(n->entries[i]);
        rc = e != NULL ? sdp_negotiation_put(*copy, e) : SFU_ERR_NOMEM;
    }

    if (rc != 0) {
        sdp_negotiation_destroy(*copy);
        *copy = NULL;
    }

    return rc;
}

int
sdp_negotiation_set_ice(struct sdp_negotiation *n, const char *ufrag,
    const char *pwd)
{
    char *new_ufrag, *new_pwd;

    if (strlen(ufrag) < UFRAG_MIN || strlen(pwd) < PWD_MIN) {
        return SFU_ERR_MALFORMED;
    }

    new_ufrag = strdup(ufrag);
    new_pwd = strdup(pwd);

    if (new_ufrag == NULL || new_pwd == NULL) {
        free(new_ufrag);
        free(new_pwd);
        return SFU_ERR_NOMEM;
    }

    free(n->ufrag);
    free(n->pwd);
    n->ufrag = new_ufrag;
    n->pwd = new_pwd;

    return 0;
}


/* what there is */

enum sdp_state
sdp_negotiation_state(const struct sdp_negotiation *n)
{
    return n->state;
}

const struct sdp_remote *
sdp_negotiation_remote(const struct sdp_negotiation *n)
{
    return &n->remote;
}

const char *
sdp_negotiation_ufrag(const struct sdp_negotiation *n)
{
    return n->ufrag;
}

const char *
sdp_negotiation_pwd(const struct sdp_negotiation *n)
{
    return n->pwd;
}

size_t
sdp_negotiation_count(const struct sdp_negotiation *n)
{
    return n->entry_count;
}

const struct sdp_section *
sdp_negotiation_at(const struct sdp_negotiation *n, size_t index)
{
    return index < n->entry_count && n->entries[index] != NULL
               ? &n->entries[index]->section
               : NULL;
}

const struct sdp_section *
sdp_negotiation_find(const struct sdp_negotiation *n, struct span mid)
{
    for (size_t i = 0; i < n->entry_count; i++) {
        if (n->entries[i] != NULL
            && span_eq_str(mid, n->entries[i]->section.mid)) {
            return &n->entries[i]->section;
        }
    }

    return NULL;
}

uint8_t
sdp_negotiation_extension(const struct sdp_negotiation *n,
    enum rtp_extension_id extension)
{
    return extension < RTP_EXT_COUNT ? n->extensions.id_of[extension] : 0;
}

const struct sdp_codec *
sdp_section_codec_like(const struct sdp_section *section,
    const struct sdp_codec *like)
{
    const struct sdp_codec *carrier = NULL;

    for (size_t i = 0; i < section->codec_count; i++) {
        const struct sdp_codec *c = &section->codecs[i];

        if (sdp_codec_same(c, like)) {
            return c;
        }

        if (carrier == NULL && sdp_codec_carries(c, like)) {
            carrier = c;
        }
    }

    return carrier;
}


/* the table of sections */

int
sdp_negotiation_put(struct sdp_negotiation *n, struct sdp_entry *entry)
{
    size_t index = entry->section.index;
    size_t room = n->entry_room ? n->entry_room : 4;
    struct sdp_entry **entries;

    while (room <= index) {
        room *= 2;
    }

    if (room != n->entry_room) {
        entries = realloc(n->entries, room * sizeof(*entries));

        if (entries == NULL) {
            sdp_entry_destroy(entry);
            return SFU_ERR_NOMEM;
        }

        n->entries = entries;
        n->entry_room = room;
    }

    while (n->entry_count <= index) {
        n->entries[n->entry_count++] = NULL;
    }

    sdp_entry_destroy(n->entries[index]);
    n->entries[index] = entry;

    return 0;
}

/* a mid that was seen once is never handed out (7.5 of the API reference) */
static void
note_mid(struct sdp_negotiation *n, struct span mid)
{
    uint64_t number;

    if (mid.len <= MID_DIGITS && scan_number(mid, UINT64_MAX, &number)
        && number >= n->next_mid) {
        n->next_mid = number + 1;
    }
}


/* the client offers */

/*
 * Sections of an offer of ours that was abandoned: the client names them now
 * if it had applied that offer.  If it names none, it never saw it, and all
 * that was proposed there is free again.
 */
static void
settle_lost(struct sdp_negotiation *n, const struct sdp_description *d)
{
    bool any = false, seen = false;

    for (size_t i = 0; i < n->entry_count; i++) {
        struct sdp_entry *e = n->entries[i];

        if (!e->section.pending) {
            continue;
        }

        any = true;

        if (i < d->media_count && d->media[i].kind == e->section.kind
            && span_eq_str(d->media[i].mid, e->section.mid)) {
            seen = true;

        } else {
            sdp_entry_destroy(e);
            n->entries[i] = NULL;
        }
    }

    if (any && !seen) {
        sdp_payloads_forget(&n->payloads);
        sdp_extmap_forget(&n->extensions);

    } else {
        sdp_payloads_confirm(&n->payloads);
        sdp_extmap_confirm(&n->extensions);
    }

    while (n->entry_count && n->entries[n->entry_count - 1] == NULL) {
        n->entry_count--;
    }
}

/* RFC 8829, 5.10: sections keep their index, and their kind */
static int
check_offer(const struct sdp_negotiation *n, const struct sdp_description *d,
    const char **why)
{
    const struct sdp_section *s;

    if (d->media_count == 0) {
        *why = "no m= section";
        return SFU_ERR_MALFORMED;
    }

    if (d->media_count < n->entry_count) {
        *why = "m= sections of before are missing";
        return SFU_ERR_MALFORMED;
    }

    for (size_t i = 0; i < d->media_count; i++) {
        s = sdp_negotiation_find(n, d->media[i].mid);

        if (s != NULL && s->index != i) {
            *why = "a mid has moved to another m= section";
            return SFU_ERR_MALFORMED;
        }

        if (s != NULL && s->kind != d->media[i].kind) {
            *why = "an m= section has changed its kind";
            return SFU_ERR_MALFORMED;
        }
    }

    return 0;
}

static size_t
bundle_rank(const struct sdp_description *d, struct span mid)
{
    for (size_t i = 0; i < d->bundle_count; i++) {
        if (span_eq(d->bundle[i], mid)) {
            return i;
        }
    }

    return SDP_BUNDLE_LAST;
}

/*
 * There is one transport: without a group, only the first section that is
 * not rejected can have it.
 */
static bool
shares_transport(const struct sdp_description *d, size_t index)
{
    if (d->has_bundle) {
        return sdp_bundled(d, d->media[index].mid);
    }

    for (size_t i = 0; i < index; i++) {
        if (!sdp_media_rejected(&d->media[i])) {
            return false;
        }
    }

    return true;
}

static int
apply_offered(struct sdp_negotiation *n, const struct sdp_description *d,
    const char **why)
{
    int rc;

    n->offer_has_bundle = d->has_bundle;
    n->allow_mixed = d->extmap_allow_mixed;

    for (size_t i = 0; i < d->media_count; i++) {
        const struct sdp_media *m = &d->media[i];
        struct sdp_entry *e, *old = NULL;

        if (i < n->entry_count && n->entries[i] != NULL
            && span_eq_str(m->mid, n->entries[i]->section.mid)) {
            old = n->entries[i];
        }

        rc = sdp_accept_offered(n, i, m, shares_transport(d, i), old, &e,
                                why);

        if (rc != 0) {
            return rc;
        }

        e->bundle_rank = bundle_rank(d, m->mid);
        rc = sdp_negotiation_put(n, e);

        if (rc != 0) {
            return rc;
        }

        note_mid(n, m->mid);
        n->allow_mixed |= m->extmap_allow_mixed;
    }

    return sdp_remote_apply(n, d, false, why);
}

int
sdp_negotiation_apply_offer(struct sdp_negotiation *n, struct span offer,
    const char **why)
{
    struct sdp_description d;
    const char *reason = NULL;
    int rc;

    if (n->state != SDP_STABLE) {
        *why = "not the time for an offer";
        return SFU_ERR_STATE;
    }

    rc = sdp_parse(&d, offer, &n->limits, why);

    if (rc != 0) {
        return rc;
    }

    settle_lost(n, &d);
    rc = check_offer(n, &d, &reason);

    if (rc == 0) {
        rc = apply_offered(n, &d, &reason);
    }

    sdp_description_fini(&d);

    if (rc != 0) {
        n->state = SDP_FAILED;
        *why = reason != NULL ? reason : sfu_strerror(rc);
        return rc;
    }

    n->state = SDP_REMOTE_OFFER;

    return 0;
}

int
sdp_negotiation_write_answer(struct sdp_negotiation *n, char **answer)
{
    int rc;

    if (n->state != SDP_REMOTE_OFFER) {
        return SFU_ERR_STATE;
    }

    n->version++;
    rc = sdp_compose(n, false, answer);

    if (rc != 0) {
        return rc;
    }

    for (size_t i = 0; i < n->entry_count; i++) {
        if (n->entries[i]->section.closed) {
            n->entries[i]->told = true;
            n->entries[i]->remote = SDP_INACTIVE;
        }
    }

    n->state = SDP_STABLE;

    return 0;
}


/* we offer */

int
sdp_negotiation_write_offer(struct sdp_negotiation *n, char **offer)
{
    int rc;

    if (n->state != SDP_STABLE || n->entry_count == 0) {
        return SFU_ERR_STATE;
    }

    /*
     * A section that we made, and closed, and said so: it is of no use to
     * anybody any more, and its index is once it is rejected.
     */
    for (size_t i = 0; i < n->entry_count; i++) {
        struct sdp_entry *e = n->entries[i];

        e->retired = e->ours && e->told && e->section.closed
                     && e->section.alive && !e->section.pending;
    }

    n->version++;
    rc = sdp_compose(n, true, offer);

    if (rc == 0) {
        n->state = SDP_LOCAL_OFFER;
    }

    return rc;
}

/* RFC 8829, 5.11: section by section, in the same order */
static int
check_answer(const struct sdp_negotiation *n, const struct sdp_description *d,
    const char **why)
{
    size_t alive = 0;

    if (d->media_count != n->entry_count) {
        *why = "the answer has not the m= sections of the offer";
        return SFU_ERR_MALFORMED;
    }

    for (size_t i = 0; i < d->media_count; i++) {
        const struct sdp_media *m = &d->media[i];
        const struct sdp_section *s = &n->entries[i]->section;

        if ((!m->mid_implied && !span_eq_str(m->mid, s->mid))
            || m->kind != s->kind) {
            *why = "the answer has not the m= sections of the offer";
            return SFU_ERR_MALFORMED;
        }

        if (sdp_media_rejected(m)) {
            continue;
        }

        alive++;

        if (d->has_bundle ? !sdp_bundled(d, m->mid) : alive > 1) {
            *why = "the answer takes a section out of the BUNDLE group";
            return SFU_ERR_UNSUPPORTED;
        }
    }

    return 0;
}

static int
apply_answered(struct sdp_negotiation *n, const struct sdp_description *d,
    const char **why)
{
    struct sdp_entry *e;
    int rc;

    for (size_t i = 0; i < n->entry_count; i++) {
        rc = sdp_accept_answered(n, &d->media[i], n->entries[i], &e, why);

        if (rc != 0) {
            return rc;
        }

        e->bundle_rank = bundle_rank(d, d->media[i].mid);
        rc = sdp_negotiation_put(n, e);

        if (rc != 0) {
            return rc;
        }
    }

    return sdp_remote_apply(n, d, true, why);
}

int
sdp_negotiation_apply_answer(struct sdp_negotiation *n, struct span answer,
    const char **why)
{
    struct sdp_description d;
    const char *reason = NULL;
    int rc;

    if (n->state != SDP_LOCAL_OFFER) {
        *why = "no offer waits for an answer";
        return SFU_ERR_STATE;
    }

    rc = sdp_parse(&d, answer, &n->limits, why);

    if (rc != 0) {
        return rc;
    }

    rc = check_answer(n, &d, &reason);

    if (rc == 0) {
        rc = apply_answered(n, &d, &reason);
    }

    sdp_description_fini(&d);

    if (rc != 0) {
        n->state = SDP_FAILED;
        *why = reason != NULL ? reason : sfu_strerror(rc);
        return rc;
    }

    sdp_payloads_confirm(&n->payloads);
    sdp_extmap_confirm(&n->extensions);
    n->state = SDP_STABLE;

    return 0;
}

int
sdp_negotiation_abandon_offer(struct sdp_negotiation *n)
{
    if (n->state != SDP_LOCAL_OFFER) {
        return SFU_ERR_STATE;
    }

    for (size_t i = 0; i < n->entry_count; i++) {
        n->entries[i]->section.lost |= n->entries[i]->section.pending;
        n->entries[i]->retired = false;
    }

    n->state = SDP_STABLE;

    return 0;
}


/* sections of ours */

/*
 * Rejected in what both sides agreed on last (RFC 8829, 5.2.2).  Firefox
 * refuses media where there once was m=application.
 */
static size_t
free_index(const struct sdp_negotiation *n)
{
    for (size_t i = 0; i < n->entry_count; i++) {
        const struct sdp_section *s = &n->entries[i]->section;

        if (!s->alive && (s->kind == SDP_AUDIO || s->kind == SDP_VIDEO)) {
            return i;
        }
    }

    return n->entry_count;
}

static int
create_own(struct sdp_negotiation *n, enum media_kind kind,
    struct sdp_entry **entry)
{
    char mid[24];
    size_t index;

    if (n->state != SDP_STABLE) {
        return SFU_ERR_STATE;
    }

    index = free_index(n);

    if (index >= n->limits.media) {
        return SFU_ERR_LIMIT;
    }

    snprintf(mid, sizeof(mid), "%llu", (unsigned long long)n->next_mid);
    *entry = sdp_entry_create(index,
                              kind == MEDIA_AUDIO ? SDP_AUDIO : SDP_VIDEO,
                              span_str(mid), span_str("UDP/TLS/RTP/SAVPF"));

    if (*entry == NULL) {
        return SFU_ERR_NOMEM;
    }

    n->next_mid++;
    (*entry)->ours = true;
    (*entry)->rtcp_rsize = true;
    (*entry)->section.alive = true;
    (*entry)->section.pending = true;

    return 0;
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
    size_t *index)
{
    struct sdp_entry *e;
    int rc = create_own(n, kind, &e);

    if (rc != 0) {
        return rc;
    }

    rc = sdp_propose_all(n, e);

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
