/*
 * sdp/entry.h - a section as the negotiation keeps it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * struct sdp_section is what callers see of it.  An entry is built anew for
 * each description, so its arena does not grow with the session's age.
 */

#ifndef SFU_SDP_ENTRY_H
#define SFU_SDP_ENTRY_H

#include "sdp/negotiation.h"

/* there are not more payload types than that */
#define SDP_CODECS_MAX 128

/* without a place in a BUNDLE group so far: after all that have one */
#define SDP_BUNDLE_LAST SIZE_MAX

struct sdp_entry {
    struct sdp_section section;
    struct sdp_arena arena;     /* owned: all that is pointed at from here */

    struct span kind_name;
    struct span protocol;
    struct span format_list;    /* empty for RTP */
    bool rtcp_rsize;

    bool ours;                  /* made by one of our offers */
    bool willing;               /* to receive, if the peer sends */
    bool told;                  /* closed, and the peer was told */
    bool retired;               /* our offer says port 0, unanswered */
    bool sctpmap;               /* the old form: DTLS/SCTP 5000 */
    bool track_fits;            /* some codec carries it */
    enum sdp_direction remote;  /* what the peer said of itself */
    size_t bundle_rank;         /* place in the BUNDLE group */

    struct sdp_codec *track_codecs;     /* what track.codecs was */
    size_t track_codec_count;
};

/* NULL when out of memory; mid, names and protocol are copied */
struct sdp_entry *sdp_entry_create(size_t index, enum sdp_kind kind,
    struct span mid, struct span protocol);
struct sdp_entry *sdp_entry_copy(const struct sdp_entry *e);
void sdp_entry_destroy(struct sdp_entry *e);

/* all copy what they are given.  SFU_ERR_NOMEM, SFU_ERR_LIMIT */
int sdp_entry_set_codecs(struct sdp_entry *e, const struct sdp_codec *codecs,
    size_t count);
int sdp_entry_set_track(struct sdp_entry *e, const struct sdp_track *track);
/* the peer's SSRCs, msid and rids */
int sdp_entry_set_remote(struct sdp_entry *e, const struct sdp_media *m);

/* the peer's SCTP, of m=application */
void sdp_entry_set_sctp(struct sdp_entry *e, const struct sdp_media *m);

/* what is taken of the peer's simulcast; copied */
int sdp_entry_set_layers(struct sdp_entry *e, const struct sdp_layer *layers,
    size_t count);

/* names of the m-line that are not in a section: see sdp_entry_create() */
int sdp_entry_set_line(struct sdp_entry *e, struct span kind_name,
    struct span format_list);

/* everything that a new entry of the same mid takes over.  SFU_ERR_NOMEM */
int sdp_entry_inherit(struct sdp_entry *e, const struct sdp_entry *old);

/*
 * Whether some codec carries the track.  While the codecs are not agreed yet
 * they may be reduced: on a section that is only sent on, those that do not
 * carry the track are noise, and the rest comes in the track's order.
 */
void sdp_entry_fit_track(struct sdp_entry *e, bool may_reduce);

/* after any change: what may flow */
void sdp_entry_agree(struct sdp_entry *e);

#endif
