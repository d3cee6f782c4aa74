/*
 * sdp/attribute_media.c - the a= lines of a section alone.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "sdp/scan.h"
#include "sdp/sdp_priv.h"
#include "sdp/words.h"

/* NULL when the m-line does not list it, which is skipped */
static struct sdp_format *
format(struct sdp_parser *p, struct span word)
{
    uint64_t pt;

    if (!scan_number(word, 127, &pt) || p->format_at[pt] < 0) {
        return NULL;
    }

    return &p->media->formats[p->format_at[pt]];
}

int
sdp_on_mid(struct sdp_parser *p, struct span value)
{
    struct span mid = scan_trim(value);

    if (!sdp_is_token(mid) || mid.len > SDP_MID_MAX) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=mid is malformed");
    }

    if (p->media->mid.len == 0) {
        p->media->mid = mid;
    }

    return 0;
}

int
sdp_on_rtcp_mux(struct sdp_parser *p, struct span value)
{
    (void)value;
    p->media->rtcp_mux = true;

    return 0;
}

int
sdp_on_rtcp_rsize(struct sdp_parser *p, struct span value)
{
    (void)value;
    p->media->rtcp_rsize = true;

    return 0;
}

int
sdp_on_bundle_only(struct sdp_parser *p, struct span value)
{
    (void)value;
    p->media->bundle_only = true;

    return 0;
}

/* RFC 8866, 6.6: <payload type> <name>/<clock>[/<channels>] */
int
sdp_on_rtpmap(struct sdp_parser *p, struct span value)
{
    struct sdp_format *f = format(p, scan_word(&value));
    struct span map = scan_word(&value);
    struct span name = scan_until(&map, '/');
    struct span clock_rate = scan_until(&map, '/');
    uint64_t clock, channels = 1;

    if (f == NULL) {
        return 0;
    }

    if (!sdp_is_token(name) || !scan_number(clock_rate, UINT32_MAX, &clock)
        || clock == 0
        || (map.len && (!scan_number(map, 255, &channels) || !channels))) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=rtpmap is malformed");
    }

    f->name = name;
    f->clock = (uint32_t)clock;
    f->channels = (uint8_t)channels;

    return 0;
}

int
sdp_on_fmtp(struct sdp_parser *p, struct span value)
{
    struct sdp_format *f = format(p, scan_word(&value));

    if (f != NULL && f->fmtp.len == 0) {
        f->fmtp = scan_trim(value);
    }

    return 0;
}

/* RFC 4585, 4.2 */
int
sdp_on_rtcp_fb(struct sdp_parser *p, struct span value)
{
    struct span which = scan_word(&value);
    uint32_t bit = sdp_feedback_by_words(scan_trim(value));
    struct sdp_format *f;

    if (span_eq_str(which, "*")) {
        p->feedback_of_all |= bit;
        return 0;
    }

    f = format(p, which);

    if (f != NULL) {
        f->feedback |= bit;
    }

    return 0;
}

/*
 * RFC 8285, section 8: <id>[/<direction>] <uri> [<attributes>].  Ids from
 * 4096 are not ids but a request for one, which no browser makes; 15 ends a
 * one-byte header.
 */
int
sdp_on_extmap(struct sdp_parser *p, struct span value)
{
    struct sdp_media *m = p->media;
    struct span word = scan_word(&value);
    struct span number = scan_until(&word, '/');
    struct sdp_extmap e = { .direction = SDP_SENDRECV,
                            .uri = scan_word(&value) };
    struct sdp_extmap *extmaps;
    uint64_t id;

    if (!scan_number(number, UINT16_MAX, &id) || id == 0 || e.uri.len == 0
        || (word.len && !sdp_direction_by_word(word, &e.direction))) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=extmap is malformed");
    }

    if (id == 15 || id > 255) {
        return 0;
    }

    if (m->extmap_count == p->limits->extmaps) {
        return sdp_fail(p, SFU_ERR_LIMIT, "too many a=extmap in a section");
    }

    extmaps = sdp_arena_push(&p->description->arena, m->extmaps,
                             m->extmap_count, sizeof(*extmaps));

    if (extmaps == NULL) {
        return SFU_ERR_NOMEM;
    }

    e.id = (uint16_t)id;
    e.extension = sdp_extension_by_uri(e.uri);
    m->extmaps = extmaps;
    extmaps[m->extmap_count++] = e;

    return 0;
}

static void
set_msid(struct sdp_parser *p, struct span value)
{
    p->media->has_msid = true;
    p->media->stream = scan_word(&value);
    p->media->track = scan_word(&value);
}

/* RFC 8830; a track in several streams has several, the first will do */
int
sdp_on_msid(struct sdp_parser *p, struct span value)
{
    struct span copy = value;

    if (scan_word(&copy).len == 0) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=msid is malformed");
    }

    if (!p->media->has_msid || p->msid_is_legacy) {
        p->msid_is_legacy = false;
        set_msid(p, value);
    }

    return 0;
}

static struct sdp_ssrc *
find_ssrc(struct sdp_media *m, uint32_t ssrc)
{
    /* lines of one SSRC follow each other */
    for (size_t i = m->ssrc_count; i > 0; i--) {
        if (m->ssrcs[i - 1].ssrc == ssrc) {
            return &m->ssrcs[i - 1];
        }
    }

    return NULL;
}

/* RFC 5576, 4.1: <ssrc> <attribute>[:<value>] */
int
sdp_on_ssrc(struct sdp_parser *p, struct span value)
{
    struct sdp_media *m = p->media;
    struct sdp_ssrc *ssrcs, *s;
    struct span attribute;
    uint64_t number;

    if (!scan_number(scan_word(&value), UINT32_MAX, &number)) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=ssrc is malformed");
    }

    s = find_ssrc(m, (uint32_t)number);

    if (s == NULL) {
        if (m->ssrc_count == p->limits->ssrcs) {
            return sdp_fail(p, SFU_ERR_LIMIT, "too many SSRCs in a section");
        }

        ssrcs = sdp_arena_push(&p->description->arena, m->ssrcs,
                               m->ssrc_count, sizeof(*ssrcs));

        if (ssrcs == NULL) {
            return SFU_ERR_NOMEM;
        }

        m->ssrcs = ssrcs;
        s = &ssrcs[m->ssrc_count++];
        *s = (struct sdp_ssrc){ .ssrc = (uint32_t)number };
    }

    attribute = scan_until(&value, ':');

    if (span_eq_str(attribute, "cname") && s->cname.len == 0) {
        s->cname = scan_trim(value);

    } else if (span_eq_str(attribute, "msid") && !m->has_msid
               && scan_trim(value).len) {
        p->msid_is_legacy = true;
        set_msid(p, value);
    }

    return 0;
}

/* simulcast as it was before RFC 8853: a list of SSRCs, of which one counts */
static int
take_sims(struct sdp_parser *p, struct span value)
{
    struct sdp_media *m = p->media;
    uint32_t *sims;
    uint64_t ssrc;

    if (m->sim_count) {
        return 0;
    }

    for (value = scan_trim(value); value.len;) {
        if (!scan_number(scan_word(&value), UINT32_MAX, &ssrc)) {
            return sdp_fail(p, SFU_ERR_MALFORMED, "a=ssrc-group is malformed");
        }

        if (m->sim_count == p->limits->ssrcs) {
            return sdp_fail(p, SFU_ERR_LIMIT, "too many SSRCs in a section");
        }

        sims = sdp_arena_push(&p->description->arena, m->sims, m->sim_count,
                              sizeof(*sims));

        if (sims == NULL) {
            return SFU_ERR_NOMEM;
        }

        m->sims = sims;
        sims[m->sim_count++] = (uint32_t)ssrc;
    }

    return 0;
}

/* RFC 5576, 4.2; only the groups that pair a stream with its RTX stream */
int
sdp_on_ssrc_group(struct sdp_parser *p, struct span value)
{
    struct sdp_media *m = p->media;
    struct span semantics = scan_word(&value);
    struct sdp_fid *fids;
    uint64_t ssrc, rtx;

    if (span_eq_str(semantics, "SIM")) {
        return take_sims(p, value);
    }

    if (!span_eq_str(semantics, "FID")) {
        return 0;
    }

    if (!scan_number(scan_word(&value), UINT32_MAX, &ssrc)
        || !scan_number(scan_word(&value), UINT32_MAX, &rtx)) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=ssrc-group is malformed");
    }

    if (m->fid_count == p->limits->ssrcs) {
        return sdp_fail(p, SFU_ERR_LIMIT, "too many a=ssrc-group");
    }

    fids = sdp_arena_push(&p->description->arena, m->fids, m->fid_count,
                          sizeof(*fids));

    if (fids == NULL) {
        return SFU_ERR_NOMEM;
    }

    m->fids = fids;
    fids[m->fid_count++] = (struct sdp_fid){ (uint32_t)ssrc, (uint32_t)rtx };

    return 0;
}

/* RFC 8851, section 10: <rid> send|recv [<restrictions>] */
int
sdp_on_rid(struct sdp_parser *p, struct span value)
{
    struct sdp_media *m = p->media;
    struct sdp_rid *rids, rid = { .id = scan_word(&value) };
    struct span direction = scan_word(&value);

    if (span_eq_str(direction, "send")) {
        rid.direction = SDP_SENDONLY;

    } else if (span_eq_str(direction, "recv")) {
        rid.direction = SDP_RECVONLY;
    }

    if (!sdp_is_token(rid.id) || rid.direction == SDP_INACTIVE) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=rid is malformed");
    }

    if (m->rid_count == p->limits->rids) {
        return sdp_fail(p, SFU_ERR_LIMIT, "too many a=rid in a section");
    }

    rids = sdp_arena_push(&p->description->arena, m->rids, m->rid_count,
                          sizeof(*rids));

    if (rids == NULL) {
        return SFU_ERR_NOMEM;
    }

    rid.restrictions = scan_trim(value);
    m->rids = rids;
    rids[m->rid_count++] = rid;

    return 0;
}

int
sdp_on_simulcast(struct sdp_parser *p, struct span value)
{
    p->media->simulcast = scan_trim(value);

    return 0;
}

int
sdp_on_sctp_port(struct sdp_parser *p, struct span value)
{
    uint64_t port;

    if (!scan_number(scan_trim(value), UINT16_MAX, &port)) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "a=sctp-port is malformed");
    }

    p->media->sctp_port = (uint16_t)port;

    return 0;
}

int
sdp_on_max_message_size(struct sdp_parser *p, struct span value)
{
    if (!scan_number(scan_trim(value), UINT64_MAX,
                     &p->media->max_message_size)) {
        return sdp_fail(p, SFU_ERR_MALFORMED,
                        "a=max-message-size is malformed");
    }

    p->media->has_max_message_size = true;

    return 0;
}
