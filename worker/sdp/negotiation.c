/*
 * sdp/negotiation.c - the state of a negotiation: its life, what it knows.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "sdp/negotiation_priv.h"
#include "sdp/variant.h"

/* RFC 8839, 5.4 */
enum { UFRAG_MIN = 4, PWD_MIN = 22 };

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

const struct sdp_section *
sdp_negotiation_tagged(const struct sdp_negotiation *n)
{
    const struct sdp_entry *tagged = NULL;

    for (size_t i = 0; i < n->entry_count; i++) {
        const struct sdp_entry *e = n->entries[i];

        if (e != NULL && e->section.alive && !e->retired
            && (tagged == NULL || e->bundle_rank < tagged->bundle_rank)) {
            tagged = e;
        }
    }

    return tagged != NULL ? &tagged->section : NULL;
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
