/*
 * base/text.h - a zero-terminated string that grows.
 * Copyright (C) the ngx_sfu_module authors
 *
 * For descriptions and messages of unknown length, never on a packet's way.
 * A failed allocation is remembered, and everything after it is dropped; ask
 * text_ok() once, at the end.
 */

#ifndef SFU_BASE_TEXT_H
#define SFU_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct text {
    char *data;         /* owned; NULL while empty */
    size_t len;
    size_t size;
    bool failed;
};

void text_init(struct text *t);
void text_fini(struct text *t);

void text_printf(struct text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_append(struct text *t, struct span bytes);

static inline bool
text_ok(const struct text *t)
{
    return !t->failed;
}

/*
 * The string, to be freed by the caller, or NULL when something failed.  The
 * text is empty afterwards.
 */
char *text_take(struct text *t);

#endif
