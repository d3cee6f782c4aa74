/*
 * sdp/negotiation_priv.h - the inside of struct sdp_negotiation.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SDP_NEGOTIATION_PRIV_H
#define SFU_SDP_NEGOTIATION_PRIV_H

#include "sdp/entry.h"
#include "sdp/extmap.h"
#include "sdp/negotiation.h"
#include "sdp/payload.h"

struct sdp_negotiation {
    /* what never changes, or by value: cloned by assignment */
    struct sdp_limits limits;
    enum sdp_state state;
    struct sdp_payloads payloads;
    struct sdp_extmap_ids extensions;
    struct sdp_fingerprint fingerprint;
    uint64_t version;           /* of the o-line */
    uint64_t next_mid;
    bool offer_has_bundle;
    bool allow_mixed;

    /* owned */
    struct sdp_arena arena;     /* what .local points at, but ICE */
    struct sdp_local local;
    char *ufrag;
    char *pwd;
    struct sdp_remote remote;
    char *remote_ufrag;
    char *remote_pwd;
    struct sdp_entry **entries; /* by index; NULL only inside an operation */
    size_t entry_count;
    size_t entry_room;
};

/* takes the entry, also when it fails.  SFU_ERR_NOMEM */
int sdp_negotiation_put(struct sdp_negotiation *n, struct sdp_entry *entry);

/*
 * remote.c: the transport is that of the first section of the BUNDLE group
 * that is accepted (RFC 9143, 7.3.1).  Before they are bundled, sections may
 * have credentials of their own, which then never count.  The entries must be
 * in place.  SFU_ERR_MALFORMED, SFU_ERR_UNSUPPORTED, SFU_ERR_AUTH,
 * SFU_ERR_NOMEM.
 */
int sdp_remote_apply(struct sdp_negotiation *n,
    const struct sdp_description *d, bool is_answer, const char **why);

/*
 * section.c: an entry for a section of ours, under a new mid, not in the
 * table yet.  SFU_ERR_STATE, SFU_ERR_LIMIT, SFU_ERR_NOMEM.
 */
int sdp_section_create(struct sdp_negotiation *n, enum sdp_kind kind,
    size_t index, const char *protocol, struct sdp_entry **entry);

/*
 * propose.c: what we offer on a section, under numbers that are free or mean
 * the same already.  The numbers in codecs are wishes.
 * SFU_ERR_UNSUPPORTED, SFU_ERR_LIMIT, SFU_ERR_NOMEM.
 */
int sdp_propose(struct sdp_negotiation *n, struct sdp_entry *e,
    const struct sdp_codec *codecs, size_t count, bool rtx);
int sdp_propose_all(struct sdp_negotiation *n, struct sdp_entry *e);
int sdp_propose_these(struct sdp_negotiation *n, struct sdp_entry *e,
    const enum codec_id *ids, size_t count);

/* compose.c: our description, as text */
int sdp_compose(const struct sdp_negotiation *n, bool is_offer, char **out);

#endif
