/*
 * sdp/write.c - from a description to text.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Attributes come in the order browsers write them, so that the two can be
 * compared side by side.
 */

#include "sdp/write.h"

#include "sdp/description.h"
#include "sdp/words.h"

static void
put(struct text *out, const char *s)
{
    text_append(out, span_str(s));
}

/* <head><value> CRLF */
static void
put_line(struct text *out, const char *head, struct span value)
{
    put(out, head);
    text_append(out, value);
    put(out, "\r\n");
}

static void
put_fingerprint(struct text *out, const struct sdp_fingerprint *f)
{
    text_printf(out, "a=fingerprint:%s ", sdp_hash_word(f->hash));

    for (size_t i = 0; i < f->len; i++) {
        text_printf(out, "%s%02X", i ? ":" : "", f->bytes[i]);
    }

    put(out, "\r\n");
}

static bool
same_fingerprint(const struct sdp_fingerprint *a,
    const struct sdp_fingerprint *b)
{
    return a->hash == b->hash
           && span_eq(span_of(a->bytes, a->len), span_of(b->bytes, b->len));
}

/* a section repeats nothing that the session level says for it */
static void
put_transport(struct text *out, const struct sdp_transport *t,
    const struct sdp_transport *session)
{
    static const struct sdp_transport nothing;

    if (session == NULL) {
        session = &nothing;
    }

    if (!span_eq(t->ufrag, session->ufrag) || !span_eq(t->pwd, session->pwd)) {
        if (t->ufrag.len) {
            put_line(out, "a=ice-ufrag:", t->ufrag);
        }

        if (t->pwd.len) {
            put_line(out, "a=ice-pwd:", t->pwd);
        }
    }

    if (!same_fingerprint(&t->fingerprint, &session->fingerprint)) {
        put_fingerprint(out, &t->fingerprint);
    }

    if (t->setup != session->setup) {
        text_printf(out, "a=setup:%s\r\n", sdp_setup_word(t->setup));
    }
}

/* RFC 8839, 5.1; RFC 6544, 4.5 */
void
sdp_write_candidates(struct text *out, const struct sdp_candidate *candidates,
    size_t count)
{
    enum { HOST = 126, HOST_TCP = 90, PASSIVE = 4, COMPONENT = 1 };

    for (size_t i = 0; i < count; i++) {
        const struct sdp_candidate *c = &candidates[i];
        uint32_t nth = (uint32_t)(count - i);
        uint32_t type = c->tcp ? HOST_TCP : HOST;
        uint32_t local = c->tcp ? (uint32_t)PASSIVE << 13 | (nth & 0x1fff)
                                : 65535 - (uint32_t)(i & 0xffff);

        text_printf(out, "a=candidate:%zu %d %s %u %s %u typ host%s\r\n",
                    i + 1, COMPONENT, c->tcp ? "tcp" : "udp",
                    type << 24 | local << 8 | (256 - COMPONENT), c->address,
                    c->port, c->tcp ? " tcptype passive" : "");
    }

    if (count) {
        put(out, "a=end-of-candidates\r\n");
    }
}

static void
put_extmap(struct text *out, const struct sdp_extmap *e)
{
    text_printf(out, "a=extmap:%u", e->id);

    if (e->direction != SDP_SENDRECV) {
        text_printf(out, "/%s", sdp_direction_word(e->direction));
    }

    put_line(out, " ", e->uri);
}

static void
put_format(struct text *out, const struct sdp_format *f)
{
    if (f->clock) {
        text_printf(out, "a=rtpmap:%u ", f->pt);
        text_append(out, f->name);
        text_printf(out, "/%u", f->clock);

        if (f->channels > 1) {
            text_printf(out, "/%u", f->channels);
        }

        put(out, "\r\n");
    }

    for (uint32_t bits = f->feedback; bits; bits &= bits - 1) {
        text_printf(out, "a=rtcp-fb:%u %s\r\n", f->pt,
                    sdp_feedback_words(bits & -bits));
    }

    if (f->fmtp.len) {
        text_printf(out, "a=fmtp:%u", f->pt);
        put_line(out, " ", f->fmtp);
    }
}

static void
put_msid(struct text *out, const struct sdp_media *m)
{
    if (!m->has_msid) {
        return;
    }

    put(out, "a=msid:");
    text_append(out, m->stream);

    if (m->track.len) {
        put(out, " ");
        text_append(out, m->track);
    }

    put(out, "\r\n");
}

static void
put_ssrcs(struct text *out, const struct sdp_media *m)
{
    for (size_t i = 0; i < m->fid_count; i++) {
        text_printf(out, "a=ssrc-group:FID %u %u\r\n", m->fids[i].ssrc,
                    m->fids[i].rtx);
    }

    for (size_t i = 0; i < m->ssrc_count; i++) {
        text_printf(out, "a=ssrc:%u", m->ssrcs[i].ssrc);

        if (m->ssrcs[i].cname.len) {
            put(out, " cname:");
            text_append(out, m->ssrcs[i].cname);
        }

        put(out, "\r\n");
    }
}

static void
put_rids(struct text *out, const struct sdp_media *m)
{
    for (size_t i = 0; i < m->rid_count; i++) {
        put(out, "a=rid:");
        text_append(out, m->rids[i].id);
        put(out, m->rids[i].direction == SDP_SENDONLY ? " send" : " recv");

        if (m->rids[i].restrictions.len) {
            put(out, " ");
            text_append(out, m->rids[i].restrictions);
        }

        put(out, "\r\n");
    }

    if (m->simulcast.len) {
        put_line(out, "a=simulcast:", m->simulcast);
    }

    if (m->conference) {
        put(out, "a=x-google-flag:conference\r\n");
    }
}

static void
put_media_line(struct text *out, const struct sdp_media *m)
{
    put(out, "m=");
    text_append(out, m->kind_name);
    text_printf(out, " %u ", m->port);
    text_append(out, m->protocol);

    for (size_t i = 0; i < m->format_count; i++) {
        text_printf(out, " %u", m->formats[i].pt);
    }

    if (m->format_list.len) {
        put(out, " ");
        text_append(out, m->format_list);
    }

    put(out, "\r\nc=IN IP4 0.0.0.0\r\n");
}

static void
put_media(struct text *out, const struct sdp_description *d,
    const struct sdp_media *m)
{
    put_media_line(out, m);
    sdp_write_candidates(out, m->candidates, m->candidate_count);
    put_transport(out, &m->transport, &d->transport);

    if (!m->mid_implied) {
        put_line(out, "a=mid:", m->mid);
    }

    if (m->bundle_only) {
        put(out, "a=bundle-only\r\n");
    }

    if (m->extmap_allow_mixed && !d->extmap_allow_mixed) {
        put(out, "a=extmap-allow-mixed\r\n");
    }

    for (size_t i = 0; i < m->extmap_count; i++) {
        put_extmap(out, &m->extmaps[i]);
    }

    text_printf(out, "a=%s\r\n", sdp_direction_word(m->direction));
    put_msid(out, m);

    if (m->rtcp_mux) {
        put(out, "a=rtcp-mux\r\n");
    }

    if (m->rtcp_rsize) {
        put(out, "a=rtcp-rsize\r\n");
    }

    for (size_t i = 0; i < m->format_count; i++) {
        put_format(out, &m->formats[i]);
    }

    put_rids(out, m);
    put_ssrcs(out, m);

    if (m->sctp_port && m->sctpmap) {
        text_printf(out, "a=sctpmap:%u webrtc-datachannel 1024\r\n",
                    m->sctp_port);
    } else if (m->sctp_port) {
        text_printf(out, "a=sctp-port:%u\r\n", m->sctp_port);
    }

    if (m->has_max_message_size) {
        text_printf(out, "a=max-message-size:%llu\r\n",
                    (unsigned long long)m->max_message_size);
    }
}

static void
put_bundle(struct text *out, const struct sdp_description *d)
{
    if (!d->has_bundle) {
        return;
    }

    put(out, "a=group:BUNDLE");

    for (size_t i = 0; i < d->bundle_count; i++) {
        put(out, " ");
        text_append(out, d->bundle[i]);
    }

    put(out, "\r\n");
}

void
sdp_write(const struct sdp_description *d, struct text *out)
{
    text_printf(out, "v=0\r\no=- %llu %llu IN IP4 127.0.0.1\r\ns=-\r\n"
                "t=0 0\r\n", (unsigned long long)d->session_id,
                (unsigned long long)d->session_version);
    put_bundle(out, d);

    if (d->extmap_allow_mixed) {
        put(out, "a=extmap-allow-mixed\r\n");
    }

    if (d->ice_lite) {
        put(out, "a=ice-lite\r\n");
    }

    if (d->ice_options.len) {
        put_line(out, "a=ice-options:", d->ice_options);
    }

    if (d->msid_semantic.len) {
        put_line(out, "a=msid-semantic:", d->msid_semantic);
    }

    put_transport(out, &d->transport, NULL);

    for (size_t i = 0; i < d->media_count; i++) {
        put_media(out, d, &d->media[i]);
    }
}
