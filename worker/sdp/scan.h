/*
 * sdp/scan.h - words of a line of text.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SDP_SCAN_H
#define SFU_SDP_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

#include "base/span.h"

/* all before the separator, which is skipped; all there is without one */
static inline struct span
scan_until(struct span *rest, char separator)
{
    const uint8_t *end = rest->len
                             ? memchr(rest->data, separator, rest->len)
                             : NULL;
    struct span part = *rest;

    if (end == NULL) {
        *rest = span_of(rest->data + rest->len, 0);
        return part;
    }

    part.len = (size_t)(end - rest->data);
    *rest = span_of(end + 1, rest->len - part.len - 1);

    return part;
}

static inline void
scan_spaces(struct span *rest)
{
    while (rest->len && rest->data[0] == ' ') {
        rest->data++;
        rest->len--;
    }
}

/* the next word; empty at the end */
static inline struct span
scan_word(struct span *rest)
{
    scan_spaces(rest);

    return scan_until(rest, ' ');
}

static inline struct span
scan_trim(struct span s)
{
    scan_spaces(&s);

    while (s.len && s.data[s.len - 1] == ' ') {
        s.len--;
    }

    return s;
}

/* decimal digits and nothing else */
static inline bool
scan_number(struct span word, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;

    for (size_t i = 0; i < word.len; i++) {
        uint64_t digit = (uint64_t)word.data[i] - '0';

        if (digit > 9 || v > max / 10 || v * 10 > max - digit) {
            return false;
        }

        v = v * 10 + digit;
    }

    *value = v;

    return word.len > 0;
}

/* encoding names and parameters of formats ignore case (RFC 4855) */
static inline bool
scan_same(struct span a, const char *b)
{
    return a.len == strlen(b)
           && (a.len == 0 || strncasecmp((const char *)a.data, b, a.len) == 0);
}

#endif
