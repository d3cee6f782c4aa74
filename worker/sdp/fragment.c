/*
 * sdp/fragment.c - pieces of SDP about ICE alone.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/fragment.h"

#include "base/error.h"
#include "base/text.h"
#include "sdp/negotiation_priv.h"
#include "sdp/write.h"

enum {
    /* RFC 8839, 5.4 */
    UFRAG_MIN = 4,
    PWD_MIN = 22,
    CREDENTIAL_MAX = 256,
};

/* up to the end of the line, which is CRLF or, from some, LF */
static struct span
next_line(struct span *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->len);
    size_t len = end != NULL ? (size_t)(end - text->data) : text->len;
    struct span line = span_of(text->data, len);

    *text = end != NULL ? span_of(end + 1, text->len - len - 1)
                        : span_of(NULL, 0);

    if (line.len && line.data[line.len - 1] == '\r') {
        line.len--;
    }

    return line;
}

static void
take(struct span *value, struct span line, const char *head)
{
    size_t len = strlen(head);

    if (value->len == 0 && line.len > len
        && memcmp(line.data, head, len) == 0) {
        *value = span_of(line.data + len, line.len - len);
    }
}

static bool
is_credential(struct span s, size_t min)
{
    return s.len >= min && s.len <= CREDENTIAL_MAX
           && memchr(s.data, '\0', s.len) == NULL;
}

int
sdp_fragment_parse(struct sdp_fragment *fragment, struct span text)
{
    *fragment = (struct sdp_fragment){ 0 };

    while (text.len) {
        struct span line = next_line(&text);

        if (line.len == 0 && text.len == 0) {
            break;
        }

        if (line.len < 2 || line.data[0] < 'a' || line.data[0] > 'z'
            || line.data[1] != '=') {
            return SFU_ERR_MALFORMED;
        }

        take(&fragment->ufrag, line, "a=ice-ufrag:");
        take(&fragment->pwd, line, "a=ice-pwd:");
    }

    return is_credential(fragment->ufrag, UFRAG_MIN)
                   && is_credential(fragment->pwd, PWD_MIN)
               ? 0
               : SFU_ERR_MALFORMED;
}

/* the section that carries the transport: the first one that is there */
static const struct sdp_section *
first_section(const struct sdp_negotiation *n)
{
    for (size_t i = 0; i < sdp_negotiation_count(n); i++) {
        const struct sdp_section *s = sdp_negotiation_at(n, i);

        if (s->alive) {
            return s;
        }
    }

    return NULL;
}

int
sdp_fragment_write(const struct sdp_negotiation *n, char **fragment)
{
    const struct sdp_section *s = first_section(n);
    struct text out;

    text_init(&out);
    text_printf(&out, "%s", n->local.full_ice ? "" : "a=ice-lite\r\n");

    if (s != NULL) {
        text_printf(&out, "m=%s 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:%s\r\n",
                    s->kind == SDP_VIDEO   ? "video"
                    : s->kind == SDP_AUDIO ? "audio"
                                           : "application",
                    s->mid);
    }

    text_printf(&out, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n",
                sdp_negotiation_ufrag(n), sdp_negotiation_pwd(n));
    sdp_write_candidates(&out, n->local.candidates, n->local.candidate_count);
    *fragment = text_take(&out);

    return *fragment != NULL ? 0 : SFU_ERR_NOMEM;
}
