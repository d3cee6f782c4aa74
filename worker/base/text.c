/*
 * base/text.c - a zero-terminated string that grows.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool
reserve(struct text *t, size_t more)
{
    size_t size = t->size ? t->size : 256;
    char *data;

    if (t->failed) {
        return false;
    }

    while (size < t->len + more + 1) {
        size *= 2;
    }

    if (size != t->size) {
        data = realloc(t->data, size);

        if (data == NULL) {
            t->failed = true;
            return false;
        }

        t->data = data;
        t->size = size;
    }

    return true;
}

void
text_init(struct text *t)
{
    *t = (struct text){ 0 };
}

void
text_fini(struct text *t)
{
    free(t->data);
    text_init(t);
}

void
text_printf(struct text *t, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);

    if (n < 0 || !reserve(t, (size_t)n)) {
        t->failed = true;
        return;
    }

    va_start(args, format);
    vsnprintf(t->data + t->len, (size_t)n + 1, format, args);
    va_end(args);

    t->len += (size_t)n;
}

void
text_append(struct text *t, struct span bytes)
{
    if (!reserve(t, bytes.len)) {
        return;
    }

    if (bytes.len) {
        memcpy(t->data + t->len, bytes.data, bytes.len);
    }

    t->len += bytes.len;
    t->data[t->len] = '\0';
}

char *
text_take(struct text *t)
{
    char *data;

    if (!reserve(t, 0)) {
        text_fini(t);
        return NULL;
    }

    t->data[t->len] = '\0';
    data = t->data;
    text_init(t);

    return data;
}
