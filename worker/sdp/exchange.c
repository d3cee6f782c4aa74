/*
 * sdp/exchange.c - whose turn it is: offers and answers (RFC 8829).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "sdp/accept.h"
#include "sdp/negotiation_priv.h"
#include "sdp/scan.h"

/* the one-byte header extension carries 16 (RFC 8285) */
enum { MID_DIGITS = 15 };

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
 * that was proposed there is free again.  Data channels tell nothing of that:
 * there are no numbers in their section.
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
            seen = seen || e->section.kind != SDP_APPLICATION;

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
