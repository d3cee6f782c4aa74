/*
 * base/span.h - bytes that belong to somebody else.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A span never owns what it points at and is not zero-terminated.
 */

#ifndef SFU_BASE_SPAN_H
#define SFU_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *data;
    size_t len;
};

static inline struct span
span_of(const void *data, size_t len)
{
    return (struct span){ data, len };
}

/* without the terminating zero */
static inline struct span
span_str(const char *s)
{
    return (struct span){ (const uint8_t *)s, strlen(s) };
}

static inline bool
span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool
span_eq_str(struct span a, const char *s)
{
    return span_eq(a, span_str(s));
}

#endif
