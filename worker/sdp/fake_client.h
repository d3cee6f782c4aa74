/*
 * sdp/fake_client.h - a browser, as far as its SDP goes; for tests.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Offers and answers like Chromium with bundlePolicy "max-bundle", recycles
 * rejected m-lines, and refuses what Chromium refuses (or dies of): a section
 * under another mid, a BUNDLE group that is no subset, a payload type or
 * extension id that changes its meaning.
 */

#ifndef SFU_SDP_FAKE_CLIENT_H
#define SFU_SDP_FAKE_CLIENT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "codec/codec.h"
#include "sdp/description.h"
#include "sdp/scan.h"
#include "sdp/variant.h"

enum { FAKE_SECTIONS = 40, FAKE_FINGERPRINT = 95 };

struct fake_section {
    char mid[32];
    enum sdp_kind kind;
    unsigned wants;             /* bits of enum sdp_direction */
    bool stopped;
    bool dead;                  /* rejected, and both sides know */
};

struct fake_client {
    struct fake_section sections[FAKE_SECTIONS];
    size_t count;
    unsigned next_mid;
    unsigned ice;               /* generation of the credentials */
    uint8_t key;                /* another one has another fingerprint */
    bool waiting;               /* offered, and the answer got lost */

    /* what the session has agreed on, with room for a terminating zero */
    char meaning[128][80];
    unsigned id_of[RTP_EXT_COUNT];
};

/* what a client without history uses */
static const struct {
    enum sdp_kind kind;
    int pt;
    const char *map;
    const char *fmtp;
} fake_formats[] = {
    { SDP_AUDIO, 111, "opus/48000/2", "minptime=10;useinbandfec=1" },
    { SDP_AUDIO, 63, "red/48000/2", "111/111" },
    { SDP_AUDIO, 0, "PCMU/8000", "" },
    { SDP_VIDEO, 96, "VP8/90000", "" },
    { SDP_VIDEO, 97, "rtx/90000", "apt=96" },
    { SDP_VIDEO, 102, "H264/90000",
      "level-asymmetry-allowed=1;packetization-mode=1;"
      "profile-level-id=42e01f" },
    { SDP_VIDEO, 103, "rtx/90000", "apt=102" },
    { SDP_VIDEO, 118, "red/90000", "" },
    { SDP_VIDEO, 119, "ulpfec/90000", "" },
};

static const struct {
    unsigned kinds;
    enum rtp_extension_id extension;
    unsigned id;
} fake_extensions[] = {
    { 1 << SDP_AUDIO, RTP_EXT_AUDIO_LEVEL, 1 },
    { 1 << SDP_VIDEO, RTP_EXT_TOFFSET, 14 },
    { 1 << SDP_AUDIO | 1 << SDP_VIDEO, RTP_EXT_TRANSPORT_CC, 3 },
    { 1 << SDP_AUDIO | 1 << SDP_VIDEO, RTP_EXT_MID, 4 },
};

#define FAKE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline int
fake_add(struct fake_client *c, enum sdp_kind kind, unsigned wants)
{
    size_t i = 0;

    while (i < c->count && !c->sections[i].dead) {
        i++;
    }

    if (i == FAKE_SECTIONS) {
        return -1;
    }

    c->count = i == c->count ? i + 1 : c->count;
    c->sections[i] = (struct fake_section){ .kind = kind, .wants = wants };
    snprintf(c->sections[i].mid, sizeof(c->sections[i].mid), "%u",
             c->next_mid++);

    return (int)i;
}

/*
 * The number under which the session knows this, or the wish if it is free;
 * -1 in answers, which have only what was offered.
 */
static inline int
fake_number(struct fake_client *c, int wish, const char *meaning, bool answer)
{
    for (int pt = 0; pt < 128; pt++) {
        if (strcmp(c->meaning[pt], meaning) == 0) {
            return pt;
        }
    }

    if (answer) {
        return -1;
    }

    if (c->meaning[wish][0] != '\0') {
        for (wish = 127; wish > 95 && c->meaning[wish][0] != '\0'; wish--) {
            /* void */
        }
    }

    snprintf(c->meaning[wish], sizeof(c->meaning[wish]), "%s", meaning);

    return wish;
}

/* for H.264 what distinguishes it, for RTX and RED what they refer to */
static inline void
fake_meaning(char *out, size_t size, struct span name, unsigned clock,
    struct span fmtp)
{
    struct span value = { 0 };
    enum codec_id id = codec_by_name(MEDIA_VIDEO, name);

    if (scan_same(name, "rtx")) {
        sdp_fmtp_get(fmtp, "apt", &value);

    } else if (scan_same(name, "red")) {
        value = fmtp;
    }

    snprintf(out, size, "%.*s/%u %u %.*s", (int)name.len,
             (const char *)name.data, clock,
             (unsigned)sdp_variant(id, fmtp), (int)value.len,
             value.len ? (const char *)value.data : "");
}

static inline void
fake_put_formats(struct fake_client *c, enum sdp_kind kind, bool answer,
    struct text *line, struct text *attributes)
{
    int number[FAKE_COUNT(fake_formats)];

    for (size_t i = 0; i < FAKE_COUNT(fake_formats); i++) {
        struct span map = span_str(fake_formats[i].map);
        struct span name = scan_until(&map, '/');
        char meaning[80], fmtp[120];

        if (fake_formats[i].kind != kind) {
            continue;
        }

        snprintf(fmtp, sizeof(fmtp), "%s", fake_formats[i].fmtp);

        if (scan_same(name, "rtx")) {
            snprintf(fmtp, sizeof(fmtp), "apt=%d", number[i - 1]);

        } else if (strcmp(fake_formats[i].fmtp, "111/111") == 0) {
            snprintf(fmtp, sizeof(fmtp), "%d/%d", number[0], number[0]);
        }

        fake_meaning(meaning, sizeof(meaning), name,
                     (unsigned)atoi((const char *)map.data), span_str(fmtp));
        number[i] = fake_number(c, fake_formats[i].pt, meaning, answer);

        if (number[i] < 0) {
            continue;
        }

        text_printf(line, " %d", number[i]);
        text_printf(attributes, "a=rtpmap:%d %s\r\n", number[i],
                    fake_formats[i].map);
        text_printf(attributes, "a=rtcp-fb:%d transport-cc\r\n"
                    "a=rtcp-fb:%d goog-remb\r\na=rtcp-fb:%d nack pli\r\n",
                    number[i], number[i], number[i]);

        if (fmtp[0] != '\0') {
            text_printf(attributes, "a=fmtp:%d %s\r\n", number[i], fmtp);
        }
    }
}

static inline void
fake_put_extensions(struct fake_client *c, enum sdp_kind kind,
    struct text *out)
{
    for (size_t i = 0; i < FAKE_COUNT(fake_extensions); i++) {
        unsigned *id = &c->id_of[fake_extensions[i].extension];
        bool free = false;

        if (!(fake_extensions[i].kinds & 1u << kind)) {
            continue;
        }

        for (unsigned wish = fake_extensions[i].id; *id == 0 && !free;
             wish = wish % 14 + 1) {
            free = true;

            for (int k = 0; k < RTP_EXT_COUNT; k++) {
                free = free && c->id_of[k] != wish;
            }

            *id = free ? wish : 0;
        }

        text_printf(out, "a=extmap:%u %s\r\n", *id,
                    sdp_extension_uri(fake_extensions[i].extension));
    }
}

static inline void
fake_put_transport(const struct fake_client *c, const char *setup,
    struct text *out)
{
    text_printf(out, "a=ice-ufrag:uf%02u\r\na=ice-pwd:%022u\r\n", c->ice,
                c->ice);
    text_printf(out, "a=fingerprint:sha-256 %02X", c->key);

    for (int k = 1; k < 32; k++) {
        text_printf(out, ":%02X", k);
    }

    text_printf(out, "\r\na=setup:%s\r\n", setup);
}

static inline void
fake_put_data(const struct fake_client *c, const struct fake_section *s,
    const char *setup, struct text *out)
{
    text_printf(out, "m=application %d UDP/DTLS/SCTP webrtc-datachannel\r\n"
                "c=IN IP4 0.0.0.0\r\na=mid:%s\r\na=sctp-port:5000\r\n",
                s->stopped ? 0 : 9, s->mid);

    if (!s->stopped) {
        fake_put_transport(c, setup, out);
    }
}

static inline void
fake_put_section(struct fake_client *c, size_t i, const char *setup,
    unsigned direction, struct text *out)
{
    static const char *const words[] = { "inactive", "sendonly", "recvonly",
                                         "sendrecv" };
    const struct fake_section *s = &c->sections[i];
    const char *kind = s->kind == SDP_AUDIO ? "audio" : "video";
    struct text line, attributes;

    if (s->kind == SDP_APPLICATION) {
        fake_put_data(c, s, setup, out);
        return;
    }

    if (s->stopped) {
        text_printf(out, "m=%s 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n"
                    "a=mid:%s\r\na=inactive\r\n", kind, s->mid);
        return;
    }

    text_init(&line);
    text_init(&attributes);
    fake_put_formats(c, s->kind, strcmp(setup, "active") == 0, &line,
                     &attributes);
    text_printf(out, "m=%s 9 UDP/TLS/RTP/SAVPF%s\r\nc=IN IP4 0.0.0.0\r\n",
                kind, line.data != NULL ? line.data : "");
    fake_put_transport(c, setup, out);
    text_printf(out, "a=mid:%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=%s\r\n",
                s->mid, words[direction]);
    fake_put_extensions(c, s->kind, out);

    if (attributes.data != NULL) {
        text_append(out, span_of(attributes.data, attributes.len));
    }

    if (direction & SDP_SENDONLY) {
        text_printf(out, "a=msid:- track-%s\r\na=ssrc:%zu cname:fake\r\n",
                    s->mid, 5000 + i);
    }

    text_fini(&line);
    text_fini(&attributes);
}

/* the ends' own directions: NULL means what the client wants */
static inline char *
fake_describe(struct fake_client *c, const char *setup,
    const unsigned *directions)
{
    struct text out;

    text_init(&out);
    text_printf(&out, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                "a=group:BUNDLE");

    for (size_t i = 0; i < c->count; i++) {
        if (!c->sections[i].stopped) {
            text_printf(&out, " %s", c->sections[i].mid);
        }
    }

    text_printf(&out, "\r\na=extmap-allow-mixed\r\n");

    for (size_t i = 0; i < c->count; i++) {
        fake_put_section(c, i, setup,
                         directions ? directions[i] : c->sections[i].wants,
                         &out);
    }

    return text_take(&out);
}

static inline char *
fake_offer(struct fake_client *c)
{
    return fake_describe(c, "actpass", NULL);
}

static inline const char *
fake_check_formats(struct fake_client *c, const struct sdp_media *m)
{
    char meaning[80];

    for (size_t i = 0; i < m->format_count; i++) {
        const struct sdp_format *f = &m->formats[i];
        struct span apt;
        uint64_t pt;
        bool found = !scan_same(f->name, "rtx");

        if (m->port == 0) {
            continue;
        }

        fake_meaning(meaning, sizeof(meaning), f->name, f->clock, f->fmtp);

        if (c->meaning[f->pt][0] != '\0'
            && strcmp(c->meaning[f->pt], meaning) != 0) {
            return "a payload type has changed its meaning";
        }

        snprintf(c->meaning[f->pt], sizeof(c->meaning[f->pt]), "%s", meaning);

        for (size_t k = 0; !found && k < m->format_count; k++) {
            found = sdp_fmtp_get(f->fmtp, "apt", &apt)
                    && scan_number(apt, 127, &pt) && m->formats[k].pt == pt;
        }

        if (!found) {
            return "rtx without the format it is for";
        }
    }

    return NULL;
}

static inline const char *
fake_check_extensions(struct fake_client *c, const struct sdp_media *m)
{
    for (size_t i = 0; i < m->extmap_count; i++) {
        const struct sdp_extmap *e = &m->extmaps[i];

        for (int k = 0; k < RTP_EXT_COUNT; k++) {
            if (c->id_of[k] && (c->id_of[k] == e->id)
                                   != (k == (int)e->extension)) {
                if (c->id_of[k] == e->id || k == (int)e->extension) {
                    return "an extension id has changed its meaning";
                }
            }
        }

        c->id_of[e->extension] = e->id;
    }

    return NULL;
}

/* what holds for offers and answers of the server; NULL when all is well */
static inline const char *
fake_check(struct fake_client *c, const struct sdp_description *d)
{
    const struct sdp_media *first = NULL;
    const char *why = NULL;

    for (size_t i = 0; why == NULL && i < d->media_count; i++) {
        const struct sdp_media *m = &d->media[i];
        bool rejected = sdp_media_rejected(m);

        if (m->mid_implied) {
            return "a section without a mid";
        }

        if (d->has_bundle && sdp_bundled(d, m->mid) == rejected) {
            return "the BUNDLE group is not that of the living sections";
        }

        if (rejected) {
            continue;
        }

        first = first != NULL ? first : m;

        if ((m->kind != SDP_APPLICATION
             && (!m->rtcp_mux || m->format_count == 0))
            || !span_eq(m->transport.ufrag, first->transport.ufrag)
            || !span_eq(m->transport.pwd, first->transport.pwd)) {
            return "sections of one transport differ";
        }

        why = fake_check_formats(c, m);
        why = why != NULL ? why : fake_check_extensions(c, m);
    }

    return why;
}

static inline const char *
fake_apply_answer(struct fake_client *c, const char *text)
{
    struct sdp_limits limits = sdp_limits_default();
    struct sdp_description d;
    const char *why;

    if (sdp_parse(&d, span_str(text), &limits, &why) != 0) {
        return why;
    }

    why = d.media_count != c->count ? "answer has other sections"
                                    : fake_check(c, &d);

    for (size_t i = 0; why == NULL && i < c->count; i++) {
        struct fake_section *s = &c->sections[i];

        if (!span_eq_str(d.media[i].mid, s->mid)) {
            why = "answer has another mid";

        } else if (s->stopped && !sdp_media_rejected(&d.media[i])) {
            why = "a stopped section is answered";

        } else if (d.media[i].direction
                   & ~(s->wants >> 1 | (s->wants & 1) << 1)) {
            why = "answer has a direction that was not offered";
        }

        s->stopped = sdp_media_rejected(&d.media[i]);
        s->dead = s->stopped;
    }

    sdp_description_fini(&d);
    c->waiting = false;

    return why;
}

/* the server offers: the answer, to be freed, or NULL and *why */
static inline char *
fake_answer(struct fake_client *c, const char *offer, const char **why)
{
    struct sdp_limits limits = sdp_limits_default();
    unsigned directions[FAKE_SECTIONS] = { 0 };
    struct sdp_description d;

    if (sdp_parse(&d, span_str(offer), &limits, why) != 0) {
        return NULL;
    }

    *why = d.media_count < c->count || d.media_count > FAKE_SECTIONS
               ? "offer has not enough sections"
               : fake_check(c, &d);

    for (size_t i = 0; *why == NULL && i < d.media_count; i++) {
        struct fake_section *s = &c->sections[i];
        const struct sdp_media *m = &d.media[i];

        if (i >= c->count || !span_eq_str(m->mid, s->mid)) {
            if (i < c->count && !s->dead) {
                *why = "offer has another mid for a living section";
                break;
            }

            *s = (struct fake_section){ .kind = m->kind, .wants = 2 };
            snprintf(s->mid, sizeof(s->mid), "%.*s", (int)m->mid.len,
                     (const char *)m->mid.data);

            if (m->direction == SDP_RECVONLY) {
                s->wants = SDP_SENDONLY;
            }

            if (m->kind == SDP_APPLICATION) {
                s->wants = SDP_SENDRECV;
            }
        }

        s->stopped = s->stopped || sdp_media_rejected(m);
        s->dead = s->stopped;
        directions[i] = s->wants & (m->direction >> 1
                                    | (m->direction & 1u) << 1);
    }

    if (*why == NULL) {
        c->count = d.media_count;
    }

    sdp_description_fini(&d);

    return *why == NULL ? fake_describe(c, "active", directions) : NULL;
}

#endif
