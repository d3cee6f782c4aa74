/*
 * sdp/parse.c - from text to a description.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Strict in what would be ambiguous or dangerous (control characters, two
 * sections of one mid, numbers out of range), lenient in what browsers,
 * libraries and people with editors do: LF instead of CRLF, no line break at
 * the end, unknown lines, no a=mid.
 */

#include <stdio.h>

#include "base/error.h"
#include "sdp/description.h"
#include "sdp/scan.h"
#include "sdp/sdp_priv.h"

struct sdp_limits
sdp_limits_default(void)
{
    return (struct sdp_limits){
        .bytes = 1 << 20,
        .line = 8192,
        .media = 256,
        .formats = 96,
        .extmaps = 64,
        .ssrcs = 64,
        .rids = 16,
        .layers = 4,
    };
}

int
sdp_fail(struct sdp_parser *p, int error, const char *why)
{
    p->why = why;

    return error;
}

bool
sdp_is_token(struct span word)
{
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.data[i];

        if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]", c)) {
            return false;
        }
    }

    return word.len > 0;
}

/* RFC 8866, 5.2: o=<username> <sess-id> <sess-version> ... */
static int
parse_origin(struct sdp_parser *p, struct span value)
{
    struct sdp_description *d = p->description;

    (void)scan_word(&value);

    if (!scan_number(scan_word(&value), UINT64_MAX, &d->session_id)
        || !scan_number(scan_word(&value), UINT64_MAX, &d->session_version)) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "o= line is malformed");
    }

    return 0;
}

static enum sdp_kind
kind_by_word(struct span word)
{
    if (span_eq_str(word, "audio")) {
        return SDP_AUDIO;
    }

    if (span_eq_str(word, "video")) {
        return SDP_VIDEO;
    }

    return span_eq_str(word, "application") ? SDP_APPLICATION : SDP_OTHER;
}

/* RFC 3551, 6: what may come without an rtpmap */
static void
set_static_type(struct sdp_format *f)
{
    static const struct {
        uint8_t pt;
        const char *name;
    } types[] = { { 0, "PCMU" }, { 8, "PCMA" }, { 9, "G722" }, { 13, "CN" } };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (f->pt == types[i].pt) {
            f->name = span_str(types[i].name);
            f->clock = 8000;
        }
    }
}

static int
add_format(struct sdp_parser *p, struct span word)
{
    struct sdp_media *m = p->media;
    struct sdp_format *formats;
    uint64_t pt;

    if (!scan_number(word, 127, &pt)) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "payload type is not a number "
                        "below 128");
    }

    if (p->format_at[pt] >= 0) {
        return 0;
    }

    if (m->format_count == p->limits->formats) {
        return sdp_fail(p, SFU_ERR_LIMIT, "too many formats in a section");
    }

    formats = sdp_arena_push(&p->description->arena, m->formats,
                             m->format_count, sizeof(*formats));

    if (formats == NULL) {
        return SFU_ERR_NOMEM;
    }

    m->formats = formats;
    formats[m->format_count] = (struct sdp_format){ .pt = (uint8_t)pt,
                                                    .channels = 1 };
    set_static_type(&formats[m->format_count]);
    p->format_at[pt] = (int16_t)m->format_count++;

    return 0;
}

static bool
ends_with(struct span s, const char *end)
{
    size_t len = strlen(end);

    return s.len >= len && memcmp(s.data + s.len - len, end, len) == 0;
}

/* "RTP/SAVPF", "UDP/TLS/RTP/SAVPF" and their family carry payload types */
static bool
is_rtp(struct span protocol)
{
    return ends_with(protocol, "RTP/SAVPF") || ends_with(protocol, "RTP/SAVP")
           || ends_with(protocol, "RTP/AVPF")
           || ends_with(protocol, "RTP/AVP");
}

/* what ends with its section: "a=rtcp-fb:*" is in every format of it */
static void
end_media(struct sdp_parser *p)
{
    if (p->media == NULL) {
        return;
    }

    for (size_t i = 0; i < p->media->format_count; i++) {
        p->media->formats[i].feedback |= p->feedback_of_all;
    }
}

static int
begin_media(struct sdp_parser *p)
{
    struct sdp_description *d = p->description;
    struct sdp_media *media;

    if (d->media_count == p->limits->media) {
        return sdp_fail(p, SFU_ERR_LIMIT, "too many m= sections");
    }

    media = sdp_arena_push(&d->arena, d->media, d->media_count,
                           sizeof(*media));

    if (media == NULL) {
        return SFU_ERR_NOMEM;
    }

    d->media = media;
    p->media = &media[d->media_count++];
    *p->media = (struct sdp_media){ .direction = p->direction };
    p->feedback_of_all = 0;
    p->msid_is_legacy = false;
    memset(p->format_at, 0xff, sizeof(p->format_at));

    return 0;
}

/* RFC 8866, 5.14: m=<media> <port>[/<number>] <proto> <fmt> ... */
static int
parse_media(struct sdp_parser *p, struct span value)
{
    struct sdp_media *m;
    struct span port, word;
    uint64_t number;
    int rc;

    end_media(p);
    rc = begin_media(p);

    if (rc != 0) {
        return rc;
    }

    m = p->media;
    m->kind_name = scan_word(&value);
    m->kind = kind_by_word(m->kind_name);
    port = scan_word(&value);
    m->protocol = scan_word(&value);

    if (!sdp_is_token(m->kind_name) || m->protocol.len == 0
        || !scan_number(scan_until(&port, '/'), 65535, &number)) {
        return sdp_fail(p, SFU_ERR_MALFORMED, "m= line is malformed");
    }

    m->port = (uint16_t)number;

    if (!is_rtp(m->protocol)) {
        m->format_list = scan_trim(value);
        return 0;
    }

    for ( ;; ) {
        word = scan_word(&value);

        if (word.len == 0) {
            return 0;
        }

        rc = add_format(p, word);

        if (rc != 0) {
            return rc;
        }
    }
}

static int
parse_line(struct sdp_parser *p, struct span line)
{
    struct span value = span_of(line.data + 2, line.len - 2);
    struct span name;

    switch (line.data[0]) {
    case 'o':
        return p->media == NULL ? parse_origin(p, value) : 0;

    case 'm':
        return parse_media(p, value);

    case 'a':
        name = scan_until(&value, ':');
        return sdp_attribute(p, name, value);

    default:
        return 0;
    }
}

/* nothing in it could break a line or a terminal */
static bool
is_clean(struct span line)
{
    for (size_t i = 0; i < line.len; i++) {
        if ((line.data[i] < ' ' && line.data[i] != '\t')
            || line.data[i] == 0x7f) {
            return false;
        }
    }

    return true;
}

static int
parse_lines(struct sdp_parser *p, struct span text)
{
    bool first = true;
    struct span line;
    int rc;

    while (text.len) {
        line = scan_until(&text, '\n');

        if (line.len && line.data[line.len - 1] == '\r') {
            line.len--;
        }

        if (line.len == 0) {
            continue;
        }

        if (line.len > p->limits->line) {
            return sdp_fail(p, SFU_ERR_LIMIT, "line is too long");
        }

        if (first && !span_eq_str(line, "v=0")) {
            return sdp_fail(p, SFU_ERR_MALFORMED, "does not begin with v=0");
        }

        if (line.len < 2 || line.data[1] != '=' || line.data[0] < 'a'
            || line.data[0] > 'z') {
            return sdp_fail(p, SFU_ERR_MALFORMED, "line is not <letter>=...");
        }

        if (!is_clean(line)) {
            return sdp_fail(p, SFU_ERR_MALFORMED, "control character");
        }

        rc = parse_line(p, line);

        if (rc != 0) {
            return rc;
        }

        first = false;
    }

    end_media(p);

    return first ? sdp_fail(p, SFU_ERR_MALFORMED, "description is empty") : 0;
}

static void
inherit(struct sdp_transport *t, const struct sdp_transport *session)
{
    /* the two belong together */
    if (t->ufrag.len == 0 && t->pwd.len == 0) {
        t->ufrag = session->ufrag;
        t->pwd = session->pwd;
    }

    if (t->fingerprint.hash == SDP_HASH_NONE) {
        t->fingerprint = session->fingerprint;
    }

    if (t->setup == SDP_SETUP_NONE) {
        t->setup = session->setup;
    }
}

static int
name_by_index(struct sdp_parser *p, struct sdp_media *m, size_t index)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%zu", index);
    char *mid = sdp_arena_text(&p->description->arena,
                               span_of(digits, (size_t)len));

    if (mid == NULL) {
        return SFU_ERR_NOMEM;
    }

    m->mid = span_str(mid);
    m->mid_implied = true;

    return 0;
}

/* what can be said of the sections only when all of them are there */
static int
complete(struct sdp_parser *p)
{
    struct sdp_description *d = p->description;
    int rc;

    for (size_t i = 0; i < d->media_count; i++) {
        struct sdp_media *m = &d->media[i];

        inherit(&m->transport, &d->transport);
        m->extmap_allow_mixed |= d->extmap_allow_mixed;

        if (m->mid.len == 0) {
            rc = name_by_index(p, m, i);

            if (rc != 0) {
                return rc;
            }
        }

        for (size_t k = 0; k < i; k++) {
            if (span_eq(d->media[k].mid, m->mid)) {
                return sdp_fail(p, SFU_ERR_MALFORMED,
                                "two sections have the same mid");
            }
        }
    }

    return 0;
}

int
sdp_parse(struct sdp_description *d, struct span text,
    const struct sdp_limits *limits, const char **why)
{
    struct sdp_parser p = { .description = d, .limits = limits,
                            .direction = SDP_SENDRECV };
    char *copy;
    int rc;

    *d = (struct sdp_description){ 0 };

    if (text.len > limits->bytes) {
        rc = sdp_fail(&p, SFU_ERR_LIMIT, "description is too long");
        goto failed;
    }

    copy = sdp_arena_text(&d->arena, text);

    if (copy == NULL) {
        rc = SFU_ERR_NOMEM;
        goto failed;
    }

    rc = parse_lines(&p, span_of(copy, text.len));

    if (rc == 0) {
        rc = complete(&p);
    }

    if (rc == 0) {
        return 0;
    }

failed:

    if (why != NULL) {
        *why = p.why != NULL ? p.why : sfu_strerror(rc);
    }

    sdp_description_fini(d);

    return rc;
}

void
sdp_description_fini(struct sdp_description *d)
{
    sdp_arena_fini(&d->arena);
    *d = (struct sdp_description){ 0 };
}

bool
sdp_bundled(const struct sdp_description *d, struct span mid)
{
    for (size_t i = 0; i < d->bundle_count; i++) {
        if (span_eq(d->bundle[i], mid)) {
            return true;
        }
    }

    return false;
}

bool
sdp_media_rejected(const struct sdp_media *m)
{
    return m->port == 0 && !m->bundle_only;
}
