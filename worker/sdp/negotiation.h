/*
 * sdp/negotiation.h - offers and answers of one session (RFC 8829, RFC 9143).
 * Copyright (C) the ngx_sfu_module authors
 *
 * The server's end of one PeerConnection: which section is at which index,
 * what each payload type and header extension id means, whose turn it is.
 * No sockets, no time.
 *
 * Work on a clone and, when all went well, put it in the place of the
 * original: a description that is refused leaves the object in SDP_FAILED,
 * where nothing goes on but sdp_negotiation_destroy().
 *
 * Sections are found by mid: an index is given to another mid once its
 * section was rejected.  A pointer to a section is valid until the next
 * operation on the same object.
 */

#ifndef SFU_SDP_NEGOTIATION_H
#define SFU_SDP_NEGOTIATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "codec/codec.h"
#include "rtp/extension_id.h"
#include "sdp/description.h"

struct sdp_negotiation;

/* all copied */
struct sdp_local {
    const char *ufrag;          /* RFC 8839: 4 characters or more */
    const char *pwd;            /* 22 or more */
    const char *fingerprint;    /* "AB:CD:...", SHA-256 of our certificate */
    const char *cname;
    uint64_t origin_id;         /* random, below 2^63 (RFC 8829, 5.2.1) */
    const struct sdp_candidate *candidates;     /* best first */
    size_t candidate_count;
    bool full_ice;              /* no a=ice-lite */
    size_t message_max;         /* of data channels; 0: there are none */
};

enum sdp_state {
    SDP_STABLE,
    SDP_REMOTE_OFFER,           /* applied; write the answer next */
    SDP_LOCAL_OFFER,            /* written; waiting for the answer */
    SDP_FAILED,                 /* a description was refused half-way */
};

enum sdp_role {
    SDP_ROLE_UNDECIDED,
    SDP_ROLE_SERVER,            /* we are passive, as nearly always */
    SDP_ROLE_CLIENT,
};

/* the peer, as far as it told */
struct sdp_remote {
    bool known;                 /* a description was applied */
    bool ice_lite;
    const char *ufrag;
    const char *pwd;
    struct sdp_fingerprint fingerprint;
    enum sdp_role role;         /* ours, in DTLS */
    /*
     * The description applied last has other ICE credentials than the one
     * before: give us new ones (sdp_negotiation_set_ice) before the answer
     * is written.
     */
    bool ice_restart;
};

struct sdp_codec {
    enum codec_id id;
    uint8_t pt;
    uint8_t channels;
    int16_t rtx_pt;             /* -1: no retransmission format */
    int16_t red_pt;             /* CODEC_RED: what is inside; else -1 */
    uint32_t clock;
    uint32_t feedback;          /* SDP_FB_* that both sides know */
    const char *fmtp;           /* "" for none */
};

/* one encoding of simulcast that the peer sends, and we take */
struct sdp_layer {
    const char *rid;            /* RFC 8851; made up where there is none */
    uint32_t ssrc;              /* 0: learnt from the packets' rid */
    uint32_t rtx_ssrc;          /* 0: none, or learnt */
};

/* what we send on a section; all copied */
struct sdp_track {
    enum media_kind kind;
    /*
     * The publisher's codecs under the publisher's numbers, with the one in
     * use first (a list of another section may be given as it is).
     */
    const struct sdp_codec *codecs;
    size_t codec_count;
    uint32_t ssrc;
    uint32_t rtx_ssrc;          /* 0: no retransmission stream */
    const char *stream;         /* msid, RFC 8830 */
    const char *track;
    uint64_t tag;               /* the caller's, not looked at */
    /* in SDP_REMOTE_OFFER: nothing is received there, in no other codec */
    bool alone;
};

/* read-only for everybody but negotiation.c */
struct sdp_section {
    size_t index;
    const char *mid;
    enum sdp_kind kind;

    bool alive;                 /* false: rejected, port 0 */
    bool closed;                /* ended by us; inactive while it is alive */
    bool pending;               /* never confirmed: our offer is unanswered */
    bool lost;                  /* pending in an offer that was abandoned */

    /* agreed by both sides, right now */
    bool receives;              /* the peer sends, we receive */
    bool sends;                 /* the peer receives what is in .track */
    bool remote_receives;       /* the peer would receive, track or not */

    /* in the order of preference; offered only, while pending */
    const struct sdp_codec *codecs;
    size_t codec_count;

    /* bits 1 << enum rtp_extension_id; ids: sdp_negotiation_extension() */
    uint32_t send_extensions;
    uint32_t receive_extensions;

    /* the peer's, when it receives */
    const struct sdp_ssrc *ssrcs;
    size_t ssrc_count;
    const struct sdp_fid *fids;
    size_t fid_count;
    const char *remote_stream;  /* msid; NULL when none, "-" for no stream */
    const char *remote_track;   /* NULL when none */
    const struct sdp_rid *rids; /* what it offers to send */
    size_t rid_count;
    struct span simulcast;
    /* what is received of it, in the peer's order; none: no simulcast */
    const struct sdp_layer *layers;
    size_t layer_count;

    /* SDP_APPLICATION: data channels (RFC 8841), once both sides agreed */
    bool has_data;
    uint16_t sctp_port;         /* the peer's */
    uint64_t max_message_size;  /* of what it takes; 0: of any length */

    /* ours, when has_track: as given, without codecs */
    bool has_track;
    struct sdp_track track;
};

/*
 * SFU_ERR_NOMEM; SFU_ERR_MALFORMED when a local parameter is.  *n is to be
 * given to sdp_negotiation_destroy(), which takes NULL.
 */
int sdp_negotiation_create(struct sdp_negotiation **n,
    const struct sdp_local *local, const struct sdp_limits *limits);
int sdp_negotiation_clone(struct sdp_negotiation **copy,
    const struct sdp_negotiation *n);
void sdp_negotiation_destroy(struct sdp_negotiation *n);

/* from the next description on.  SFU_ERR_NOMEM, SFU_ERR_MALFORMED */
int sdp_negotiation_set_ice(struct sdp_negotiation *n, const char *ufrag,
    const char *pwd);
/* the peer told new ones outside of a description.  SFU_ERR_NOMEM */
int sdp_negotiation_set_remote_ice(struct sdp_negotiation *n,
    struct span ufrag, struct span pwd);


/* what there is */

enum sdp_state sdp_negotiation_state(const struct sdp_negotiation *n);
const struct sdp_remote *sdp_negotiation_remote(
    const struct sdp_negotiation *n);
const char *sdp_negotiation_ufrag(const struct sdp_negotiation *n);
const char *sdp_negotiation_pwd(const struct sdp_negotiation *n);

/* all, rejected ones as well, by index; a mid that is gone gives NULL */
size_t sdp_negotiation_count(const struct sdp_negotiation *n);
const struct sdp_section *sdp_negotiation_at(const struct sdp_negotiation *n,
    size_t index);
const struct sdp_section *sdp_negotiation_find(
    const struct sdp_negotiation *n, struct span mid);

/*
 * The section whose transport the others share (RFC 9143, 7.3), as far as we
 * have told; NULL when none is left.
 */
const struct sdp_section *sdp_negotiation_tagged(
    const struct sdp_negotiation *n);

/* the number of an extension in this session, or 0 */
uint8_t sdp_negotiation_extension(const struct sdp_negotiation *n,
    enum rtp_extension_id extension);

/*
 * The codec of the section that carries what the publisher calls "like":
 * same codec, same significant parameters.  NULL: it cannot be sent there.
 */
const struct sdp_codec *sdp_section_codec_like(
    const struct sdp_section *section, const struct sdp_codec *like);


/*
 * The client offers.  SFU_ERR_STATE while our own offer is out.  All others
 * (MALFORMED, LIMIT, UNSUPPORTED, AUTH, NOMEM) set *why to a static string.
 * Afterwards sections may be closed or given a track, then the answer is
 * written, a string that the caller frees.
 */
int sdp_negotiation_apply_offer(struct sdp_negotiation *n, struct span offer,
    const char **why);
int sdp_negotiation_write_answer(struct sdp_negotiation *n, char **answer);

/*
 * We offer: add, attach or close sections in SDP_STABLE, then write.  A
 * section that was added is sdp_negotiation_at(n, *index).
 */
int sdp_negotiation_write_offer(struct sdp_negotiation *n, char **offer);
int sdp_negotiation_apply_answer(struct sdp_negotiation *n,
    struct span answer, const char **why);

/*
 * Our offer will not be answered any more, and nobody knows whether it was
 * applied: back to SDP_STABLE.  Its new sections stay, marked lost, and are
 * repeated in our next offer.  When the client offers first, those it names
 * were applied and stay, the others are gone from the table.
 */
int sdp_negotiation_abandon_offer(struct sdp_negotiation *n);

/*
 * A section of ours, in SDP_STABLE: a rejected index is used again, under a
 * new mid, else there is one more.  SFU_ERR_STATE, SFU_ERR_LIMIT (sections,
 * payload types), SFU_ERR_UNSUPPORTED (no codec to offer), SFU_ERR_NOMEM.
 */
int sdp_negotiation_add_sending(struct sdp_negotiation *n,
    const struct sdp_track *track, size_t *index);
/* with these codecs, in this order; count 0: with all that we know */
int sdp_negotiation_add_receiving(struct sdp_negotiation *n,
    enum media_kind kind, const enum codec_id *codecs, size_t count,
    size_t *index);

/*
 * Data channels, in SDP_STABLE.  SFU_ERR_STATE also when there are some, or
 * none are to be had; SFU_ERR_LIMIT, SFU_ERR_NOMEM.
 */
int sdp_negotiation_add_data(struct sdp_negotiation *n, size_t *index);
/* the section of data channels, agreed or still pending, or NULL */
const struct sdp_section *sdp_negotiation_data(
    const struct sdp_negotiation *n);

/*
 * Sends on a section that is there: in SDP_REMOTE_OFFER where the client
 * wants to receive; in SDP_STABLE, without new SDP, where we send already
 * (the track is replaced), or on a section added a moment ago (which then is
 * sendrecv).  To keep the sending half of a section for later, attach a track
 * made of the section's own codecs.
 * SFU_ERR_UNSUPPORTED: other kind, or no codec of the track is agreed there.
 * SFU_ERR_STATE: rejected, closed, or none of the above.
 */
int sdp_negotiation_attach(struct sdp_negotiation *n, size_t index,
    const struct sdp_track *track);

/*
 * Nothing flows any more, either way; descriptions say inactive until the
 * client stops it or, in the end, rejects it.  Any state.
 */
int sdp_negotiation_close(struct sdp_negotiation *n, size_t index);

/*
 * We send no more; what the peer sends goes on.  A section of ours that it
 * does not send on is closed, unless it is to be kept.  Any state.
 */
int sdp_negotiation_detach(struct sdp_negotiation *n, size_t index,
    bool keep);

/* the client publishes on a section again that was closed */
int sdp_negotiation_reopen(struct sdp_negotiation *n, size_t index);

#endif
