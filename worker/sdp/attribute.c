/*
 * sdp/attribute.c - the a= lines we understand.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A value that matters and is broken fails the description: to guess would
 * mean to negotiate something the peer did not.  Where an attribute may be
 * repeated and must not (a=mid, a=fmtp of one format), the first one counts.
 */

#include "base/error.h"
#include "sdp/scan.h"
#include "sdp/sdp_priv.h"
#include "sdp/words.h"

/* RFC 8839, 5.4 */
enum { UFRAG_MIN = 4, PWD_MIN = 22, ICE_MAX = 256 };

static struct sdp_transport *
transport(struct sdp_parser *p)
{
    return p->media != NULL ? &p->media->transport
                            : &p->description->transport;
}


/* ICE and DTLS, at either level */

static bool
is_ice_string(struct span s, size_t min)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] <= ' ' || s.data[i] >= 0x7f || s.data[i] == ':') {
            return false;
        }
    }

    return s.len >= min && s.len <= ICE_MAX;
}

static int
on_ice_ufrag(struct sdp_parser *p, struct span value)
{
    transport(p)->ufrag = scan_trim(value);

    return is_ice_string(transport(p)->ufrag, UFRAG_MIN)
               ? 0
               : sdp_fail(p, SFU_ERR_MALFORMED, "a=ice-ufrag is malformed");
}

static int
on_ice_pwd(struct sdp_parser *p, struct span value)
{
    transport(p)->pwd = scan_trim(value);

    return is_ice_string(transport(p)->pwd, PWD_MIN)
               ? 0
               : sdp_fail(p, SFU_ERR_MALFORMED, "a=ice-pwd is malformed");
}

/* RFC 8122, 5: of several, the strongest; of hashes unknown to us, none */
static int
on_fingerprint(struct sdp_parser *p, struct span value)
{
    enum sdp_hash hash = sdp_hash_by_word(scan_word(&value));
    struct sdp_fingerprint f;

    if (hash == SDP_HASH_NONE) {
        return 0;
    }

    if (sdp_fingerprint_parse(&f, hash, scan_word(&value)) != 0) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=fingerprint is malformed");
    }

    if (f.hash > transport(p)->fingerprint.hash) {
        transport(p)->fingerprint = f;
    }

    return 0;
}

static int
on_setup(struct sdp_parser *p, struct span value)
{
    transport(p)->setup = sdp_setup_by_word(scan_trim(value));

    return transport(p)->setup != SDP_SETUP_NONE
               ? 0
               : sdp_fail(p, SFU_ERR_MALFORMED, "a=setup is malformed");
}

static int
on_ice_lite(struct sdp_parser *p, struct span value)
{
    (void)value;
    p->description->ice_lite = true;

    return 0;
}

static int
on_ice_options(struct sdp_parser *p, struct span value)
{
    /* browsers write it per section, and it means the session */
    if (p->description->ice_options.len == 0) {
        p->description->ice_options = scan_trim(value);
    }

    return 0;
}


/* groups and what is left at session level */

/* RFC 5888, RFC 9143; a second BUNDLE group is as good as none */
static int
on_group(struct sdp_parser *p, struct span value)
{
    struct sdp_description *d = p->description;
    struct span *bundle, mid;

    if (!span_eq_str(scan_word(&value), "BUNDLE") || d->has_bundle) {
        return 0;
    }

    d->has_bundle = true;

    for ( ;; ) {
        mid = scan_word(&value);

        if (mid.len == 0) {
            return 0;
        }

        if (!sdp_is_token(mid) || mid.len > SDP_MID_MAX) {
            return sdp_fail(p, SFU_ERR_MALFORMED, "a=group is malformed");
        }

        if (d->bundle_count == p->limits->media) {
            return sdp_fail(p, SFU_ERR_LIMIT, "too many mids in a=group");
        }

        bundle = sdp_arena_push(&d->arena, d->bundle, d->bundle_count,
                                sizeof(*bundle));

        if (bundle == NULL) {
            return SFU_ERR_NOMEM;
        }

        d->bundle = bundle;
        bundle[d->bundle_count++] = mid;
    }
}

static int
on_msid_semantic(struct sdp_parser *p, struct span value)
{
    if (p->description->msid_semantic.len == 0) {
        p->description->msid_semantic = scan_trim(value);
    }

    return 0;
}

static int
on_extmap_allow_mixed(struct sdp_parser *p, struct span value)
{
    (void)value;

    if (p->media != NULL) {
        p->media->extmap_allow_mixed = true;

    } else {
        p->description->extmap_allow_mixed = true;
    }

    return 0;
}

static int
on_direction(struct sdp_parser *p, enum sdp_direction direction)
{
    if (p->media != NULL) {
        p->media->direction = direction;

    } else {
        p->direction = direction;
    }

    return 0;
}

static int
on_sendrecv(struct sdp_parser *p, struct span value)
{
    (void)value;
    return on_direction(p, SDP_SENDRECV);
}

static int
on_sendonly(struct sdp_parser *p, struct span value)
{
    (void)value;
    return on_direction(p, SDP_SENDONLY);
}

static int
on_recvonly(struct sdp_parser *p, struct span value)
{
    (void)value;
    return on_direction(p, SDP_RECVONLY);
}

static int
on_inactive(struct sdp_parser *p, struct span value)
{
    (void)value;
    return on_direction(p, SDP_INACTIVE);
}


enum { SESSION = 1, MEDIA = 2, BOTH = 3 };

int
sdp_attribute(struct sdp_parser *p, struct span name, struct span value)
{
    static const struct {
        const char *name;
        int (*parse)(struct sdp_parser *p, struct span value);
        int levels;
    } attributes[] = {
        { "rtpmap", sdp_on_rtpmap, MEDIA },
        { "rtcp-fb", sdp_on_rtcp_fb, MEDIA },
        { "fmtp", sdp_on_fmtp, MEDIA },
        { "extmap", sdp_on_extmap, MEDIA },
        { "ssrc", sdp_on_ssrc, MEDIA },
        { "ssrc-group", sdp_on_ssrc_group, MEDIA },
        { "mid", sdp_on_mid, MEDIA },
        { "msid", sdp_on_msid, MEDIA },
        { "sendrecv", on_sendrecv, BOTH },
        { "sendonly", on_sendonly, BOTH },
        { "recvonly", on_recvonly, BOTH },
        { "inactive", on_inactive, BOTH },
        { "ice-ufrag", on_ice_ufrag, BOTH },
        { "ice-pwd", on_ice_pwd, BOTH },
        { "ice-options", on_ice_options, BOTH },
        { "fingerprint", on_fingerprint, BOTH },
        { "setup", on_setup, BOTH },
        { "rtcp-mux", sdp_on_rtcp_mux, MEDIA },
        { "rtcp-rsize", sdp_on_rtcp_rsize, MEDIA },
        { "bundle-only", sdp_on_bundle_only, MEDIA },
        { "rid", sdp_on_rid, MEDIA },
        { "simulcast", sdp_on_simulcast, MEDIA },
        { "sctp-port", sdp_on_sctp_port, MEDIA },
        { "max-message-size", sdp_on_max_message_size, MEDIA },
        { "extmap-allow-mixed", on_extmap_allow_mixed, BOTH },
        { "group", on_group, SESSION },
        { "ice-lite", on_ice_lite, SESSION },
        { "msid-semantic", on_msid_semantic, SESSION },
    };
    int level = p->media != NULL ? MEDIA : SESSION;

    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if ((attributes[i].levels & level)
            && span_eq_str(name, attributes[i].name)) {
            return attributes[i].parse(p, value);
        }
    }

    return 0;
}
