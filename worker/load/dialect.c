/*
 * load/dialect.c - the dialects there are.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "load/dialect.h"

#include <string.h>

const struct load_dialect *
load_dialect_find(const char *name)
{
    static const struct load_dialect *const dialects[] = {
        &load_cloudflare, &load_whip, &load_janus,
    };

    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (strcmp(dialects[i]->name, name) == 0) {
            return dialects[i];
        }
    }

    return NULL;
}
