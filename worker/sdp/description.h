/*
 * sdp/description.h - a session description, as a struct (RFC 8866).
 * Copyright (C) the ngx_sfu_module authors
 *
 * Only what WebRTC endpoints mean by it (RFC 8829); every other line is
 * skipped on input.  ICE and DTLS attributes may stand at either level: after
 * sdp_parse() each section has those that apply to it, so nobody asks the
 * session level again.
 *
 * Every span of a parsed description points into the description itself;
 * in one that was put together for sdp_write() they point wherever the
 * builder said.
 */

#ifndef SFU_SDP_DESCRIPTION_H
#define SFU_SDP_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/text.h"
#include "rtp/extension_id.h"
#include "sdp/arena.h"

enum sdp_kind {
    SDP_AUDIO,
    SDP_VIDEO,
    SDP_APPLICATION,
    SDP_OTHER,                  /* see sdp_media.kind_name */
};

/* bits: who wrote the description sends, or receives, or both */
enum sdp_direction {
    SDP_INACTIVE = 0,
    SDP_SENDONLY = 1,
    SDP_RECVONLY = 2,
    SDP_SENDRECV = 3,
};

enum sdp_setup {                /* RFC 4145, section 4 */
    SDP_SETUP_NONE,
    SDP_SETUP_ACTPASS,
    SDP_SETUP_ACTIVE,
    SDP_SETUP_PASSIVE,
    SDP_SETUP_HOLDCONN,
};

/* RFC 8122, section 5; in order of strength */
enum sdp_hash {
    SDP_HASH_NONE,
    SDP_HASH_SHA1,              /* recognised only to be refused */
    SDP_HASH_SHA256,
    SDP_HASH_SHA384,
    SDP_HASH_SHA512,
};

struct sdp_fingerprint {
    enum sdp_hash hash;
    uint8_t bytes[64];
    size_t len;
};

/* a=rtcp-fb, RFC 4585 and its extensions; bits */
enum {
    SDP_FB_NACK = 1,
    SDP_FB_NACK_PLI = 2,
    SDP_FB_CCM_FIR = 4,
    SDP_FB_TRANSPORT_CC = 8,
    SDP_FB_GOOG_REMB = 16,
};

/* what ICE and DTLS need to know of a peer */
struct sdp_transport {
    struct span ufrag;
    struct span pwd;
    struct sdp_fingerprint fingerprint; /* the strongest there was */
    enum sdp_setup setup;
};

struct sdp_format {
    uint8_t pt;
    uint8_t channels;           /* 1 when the rtpmap names none */
    uint32_t feedback;          /* SDP_FB_*; "a=rtcp-fb:*" is in it */
    uint32_t clock;             /* 0: neither an rtpmap nor a static type */
    struct span name;
    struct span fmtp;           /* without the payload type */
};

struct sdp_extmap {
    uint16_t id;                            /* 1 to 14, 16 to 255 */
    enum rtp_extension_id extension;        /* RTP_EXT_COUNT: not ours */
    enum sdp_direction direction;           /* SDP_SENDRECV unless written */
    struct span uri;
};

struct sdp_ssrc {
    uint32_t ssrc;
    struct span cname;
};

/* a=ssrc-group:FID, RFC 4588 */
struct sdp_fid {
    uint32_t ssrc;
    uint32_t rtx;
};

struct sdp_rid {                /* RFC 8851 */
    struct span id;
    enum sdp_direction direction;   /* SDP_SENDONLY or SDP_RECVONLY */
    struct span restrictions;       /* "pt=96;max-width=1280", or empty */
};

/* ours only: those of peers are learnt from their checks, and skipped */
struct sdp_candidate {
    const char *address;        /* as text, IPv4 or IPv6 */
    uint16_t port;
    bool tcp;                   /* passive (RFC 6544) instead of UDP */
};

struct sdp_media {
    enum sdp_kind kind;
    struct span kind_name;      /* always set by sdp_parse() */
    uint16_t port;              /* 0: rejected, unless bundle_only */
    struct span protocol;
    struct span format_list;    /* the end of the m-line, unless it is RTP's */

    struct span mid;            /* the index when there was none */
    bool mid_implied;           /* there was none */
    enum sdp_direction direction;
    bool rtcp_mux;
    bool rtcp_rsize;
    bool bundle_only;
    bool extmap_allow_mixed;

    struct sdp_transport transport;

    struct sdp_format *formats;
    size_t format_count;
    struct sdp_extmap *extmaps;
    size_t extmap_count;

    struct sdp_ssrc *ssrcs;
    size_t ssrc_count;
    struct sdp_fid *fids;
    size_t fid_count;
    bool has_msid;
    struct span stream;         /* "-" for none */
    struct span track;          /* may be empty */

    struct sdp_rid *rids;
    size_t rid_count;
    struct span simulcast;      /* all after "a=simulcast:", or empty */
    uint32_t *sims;             /* a=ssrc-group:SIM, lowest layer first */
    size_t sim_count;
    bool conference;            /* written only: such a group is welcome */

    uint16_t sctp_port;         /* 0 when absent */
    bool sctpmap;               /* written in the old way, with the port */
    uint64_t max_message_size;  /* 0: of any length */
    bool has_max_message_size;

    /* written, never read; followed by a=end-of-candidates */
    const struct sdp_candidate *candidates;
    size_t candidate_count;
};

struct sdp_description {
    struct sdp_arena arena;     /* owned: all that was parsed */

    uint64_t session_id;        /* of the o-line */
    uint64_t session_version;
    struct sdp_transport transport;     /* session level */
    bool ice_lite;
    bool extmap_allow_mixed;
    struct span ice_options;
    struct span msid_semantic;          /* all after the colon */

    /*
     * The first BUNDLE group.  has_bundle with no mid in it is what "closed
     * them all" looks like.
     */
    bool has_bundle;
    struct span *bundle;
    size_t bundle_count;

    struct sdp_media *media;
    size_t media_count;
};

struct sdp_limits {
    size_t bytes;               /* of the whole */
    size_t line;                /* bytes of a line */
    size_t media;               /* sections */
    size_t formats;             /* a section; so are the next ones */
    size_t extmaps;
    size_t ssrcs;
    size_t rids;
    size_t layers;              /* of simulcast, accepted; the rest is not */
};

/* generous for browsers: 1 MiB, 256 sections */
struct sdp_limits sdp_limits_default(void);

/*
 * SFU_ERR_MALFORMED, SFU_ERR_LIMIT, SFU_ERR_NOMEM; then *why (if why is not
 * NULL) is a static string that a user may read, and there is nothing to
 * release.  The text is copied.
 */
int sdp_parse(struct sdp_description *d, struct span text,
    const struct sdp_limits *limits, const char **why);
void sdp_description_fini(struct sdp_description *d);

/*
 * CRLF, and one at the end.  Spans are written as they are: what came from
 * sdp_parse() has no control characters, everything else is the caller's
 * word.
 */
void sdp_write(const struct sdp_description *d, struct text *out);

/* whether a BUNDLE group names it */
bool sdp_bundled(const struct sdp_description *d, struct span mid);

/* whether port 0 really means "no" (RFC 9143, section 6) */
bool sdp_media_rejected(const struct sdp_media *m);

/* RTP_EXT_COUNT when it is none of ours; "" for RTP_EXT_COUNT */
enum rtp_extension_id sdp_extension_by_uri(struct span uri);
const char *sdp_extension_uri(enum rtp_extension_id extension);

/* "AB:CD:..." under a hash; SFU_ERR_MALFORMED */
int sdp_fingerprint_parse(struct sdp_fingerprint *f, enum sdp_hash hash,
    struct span text);

#endif
