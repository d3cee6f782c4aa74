/*
 * ice/request_fixture.h - connectivity checks, spelled for tests: a letter for
 * each attribute, in any order.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_ICE_REQUEST_FIXTURE_H
#define SFU_ICE_REQUEST_FIXTURE_H

#include "base/writer.h"
#include "ice/answer.h"

static inline void
fixture_attribute(struct writer *w, uint16_t type, const void *value,
                  uint16_t len)
{
    writer_u16(w, type);
    writer_u16(w, len);
    writer_bytes(w, span_of(value, len));
    writer_fill(w, 0, -len & 3);
}

/* the header's length, for what has been written and what is still to come */
static inline void
fixture_length(struct writer *w, size_t more)
{
    size_t len = writer_len(w) - 20 + more;

    w->start[2] = (uint8_t)(len >> 8);
    w->start[3] = (uint8_t)len;
}

static inline void
fixture_integrity(struct writer *w, const struct ice_integrity *key)
{
    uint8_t tag[ICE_INTEGRITY_LEN];

    ice_integrity_tag(key, writer_span(w), tag);
    fixture_attribute(w, 0x0008, tag, sizeof(tag));
}

static inline void
fixture_fingerprint(struct writer *w, const struct ice_fingerprint *f)
{
    fixture_length(w, 8);
    writer_u16(w, 0x8028);
    writer_u16(w, 4);
    writer_u32(w, ice_fingerprint_of(f, span_of(w->start, writer_len(w) - 4)));
}

static inline void
fixture_letter(struct writer *w, char letter, const char *username,
               const struct ice_integrity *key,
               const struct ice_fingerprint *f)
{
    static const uint8_t tie_breaker[8] = { 0x93, 0x2f, 0xf9, 0xb1 };
    static const uint8_t priority[4] = { 0x6e, 0x00, 0x1e, 0xff };

    switch (letter) {
    case 'U':
        fixture_attribute(w, 0x0006, username, (uint16_t)strlen(username));
        return;
    case 'P':
        fixture_attribute(w, 0x0024, priority, sizeof(priority));
        return;
    case 'p':
        fixture_attribute(w, 0x0024, priority, 3);
        return;
    case 'C':
        fixture_attribute(w, 0x0025, NULL, 0);
        return;
    case 'c':
        fixture_attribute(w, 0x0025, priority, sizeof(priority));
        return;
    case 'I':
        fixture_attribute(w, 0x802a, tie_breaker, sizeof(tie_breaker));
        return;
    case 'i':
        fixture_attribute(w, 0x802a, tie_breaker, 4);
        return;
    case 'D':
        fixture_attribute(w, 0x8029, tie_breaker, sizeof(tie_breaker));
        return;
    case 'S':
        fixture_attribute(w, 0x8022, "a client", 8);
        return;
    case 'G':           /* GOOG-NETWORK-INFO */
        fixture_attribute(w, 0xc057, priority, sizeof(priority));
        return;
    case 'R':           /* REALM, which libnice knows */
        fixture_attribute(w, 0x0014, "here", 4);
        return;
    case 'X':           /* must be understood, and nobody does */
        fixture_attribute(w, 0x7fff, tie_breaker, sizeof(tie_breaker));
        return;
    case '2':           /* MESSAGE-INTEGRITY-SHA256 */
        fixture_attribute(w, 0x001c, "0123456789abcdef0123456789abcdef", 32);
        return;
    case 'M':
        fixture_integrity(w, key);
        return;
    case 'm':
        fixture_attribute(w, 0x0008, tie_breaker, 4);
        return;
    case 'F':
        fixture_fingerprint(w, f);
        return;
    }
}

static inline size_t
fixture_request(uint8_t *buffer, size_t size, const char *letters,
                const char *username, const struct ice_integrity *key,
                const struct ice_fingerprint *f)
{
    struct writer w = writer_over(buffer, size);

    writer_u16(&w, 0x0001);
    writer_u16(&w, 0);
    writer_u32(&w, 0x2112a442);
    writer_bytes(&w, span_str("a transactio"));

    for (; *letters; letters++) {
        fixture_letter(&w, *letters, username, key, f);
    }

    fixture_length(&w, 0);

    return writer_len(&w);
}

#endif
