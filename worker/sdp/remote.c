/*
 * sdp/remote.c - the peer's transport, as its descriptions tell.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "sdp/negotiation_priv.h"

static const struct sdp_media *
find_tagged(const struct sdp_negotiation *n, const struct sdp_description *d)
{
    const struct sdp_media *tagged = NULL;
    size_t rank = 0;

    for (size_t i = 0; i < d->media_count; i++) {
        const struct sdp_entry *e = n->entries[i];

        if (e->section.alive && (tagged == NULL || e->bundle_rank < rank)) {
            tagged = &d->media[i];
            rank = e->bundle_rank;
        }
    }

    return tagged;
}

static int
refuse(const char **why, const char *reason, int error)
{
    *why = reason;

    return error;
}

static int
apply_fingerprint(struct sdp_remote *r, const struct sdp_fingerprint *f,
    const char **why)
{
    if (f->hash == SDP_HASH_NONE) {
        return refuse(why, "no a=fingerprint of a known hash",
                      SFU_ERR_MALFORMED);
    }

    if (f->hash < SDP_HASH_SHA256) {
        return refuse(why, "a=fingerprint needs sha-256 or better",
                      SFU_ERR_UNSUPPORTED);
    }

    if (r->known
        && (f->hash != r->fingerprint.hash
            || !span_eq(span_of(f->bytes, f->len),
                        span_of(r->fingerprint.bytes, r->fingerprint.len)))) {
        return refuse(why, "a=fingerprint has changed", SFU_ERR_AUTH);
    }

    r->fingerprint = *f;

    return 0;
}

/*
 * RFC 8842: actpass leaves the choice to the answer, and ours is passive;
 * once there is an association the roles stay, whatever is offered.
 */
static int
apply_setup(struct sdp_remote *r, enum sdp_setup setup, bool is_answer,
    const char **why)
{
    enum sdp_role role;

    switch (setup) {
    case SDP_SETUP_PASSIVE:
        role = SDP_ROLE_CLIENT;
        break;

    case SDP_SETUP_ACTPASS:
        if (is_answer) {
            return refuse(why, "a=setup:actpass in an answer",
                          SFU_ERR_MALFORMED);
        }

        role = r->role != SDP_ROLE_UNDECIDED ? r->role : SDP_ROLE_SERVER;
        break;

    case SDP_SETUP_HOLDCONN:
        return refuse(why, "a=setup:holdconn", SFU_ERR_UNSUPPORTED);

    default:
        role = SDP_ROLE_SERVER;
        break;
    }

    if (r->role != SDP_ROLE_UNDECIDED && r->role != role) {
        return refuse(why, "a=setup contradicts the DTLS role of before",
                      SFU_ERR_UNSUPPORTED);
    }

    r->role = role;

    return 0;
}

static int
replace(char **owned, struct span s)
{
    char *copy = strndup((const char *)s.data, s.len);

    if (copy == NULL) {
        return SFU_ERR_NOMEM;
    }

    free(*owned);
    *owned = copy;

    return 0;
}

static int
apply_ice(struct sdp_negotiation *n, const struct sdp_transport *t,
    const char **why)
{
    struct sdp_remote *r = &n->remote;
    int rc;

    if (t->ufrag.len == 0 || t->pwd.len == 0) {
        return refuse(why, "no ICE credentials", SFU_ERR_MALFORMED);
    }

    r->ice_restart = r->known
                     && (!span_eq_str(t->ufrag, r->ufrag)
                         || !span_eq_str(t->pwd, r->pwd));

    if (r->known && !r->ice_restart) {
        return 0;
    }

    rc = replace(&n->remote_ufrag, t->ufrag);

    if (rc == 0) {
        rc = replace(&n->remote_pwd, t->pwd);
    }

    r->ufrag = n->remote_ufrag;
    r->pwd = n->remote_pwd;

    return rc;
}

int
sdp_remote_apply(struct sdp_negotiation *n, const struct sdp_description *d,
    bool is_answer, const char **why)
{
    const struct sdp_media *m = find_tagged(n, d);
    struct sdp_remote *r = &n->remote;
    int rc;

    if (m == NULL) {
        r->ice_restart = false;
        return 0;
    }

    rc = apply_ice(n, &m->transport, why);

    if (rc == 0) {
        rc = apply_fingerprint(r, &m->transport.fingerprint, why);
    }

    if (rc == 0) {
        rc = apply_setup(r, m->transport.setup, is_answer, why);
    }

    if (rc == 0) {
        r->ice_lite = d->ice_lite;
        r->known = true;
    }

    return rc;
}

int
sdp_negotiation_set_remote_ice(struct sdp_negotiation *n, struct span ufrag,
    struct span pwd)
{
    int rc = replace(&n->remote_ufrag, ufrag);

    if (rc == 0) {
        rc = replace(&n->remote_pwd, pwd);
    }

    n->remote.ufrag = n->remote_ufrag;
    n->remote.pwd = n->remote_pwd;

    return rc;
}
