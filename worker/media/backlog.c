/*
 * media/backlog.c - packets of a source that must wait for their turn.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/backlog.h"

#include <stdlib.h>

#include "base/error.h"

int
media_backlog_init(struct media_backlog *backlog, size_t history)
{
    *backlog = (struct media_backlog){
        .max = history / 4 < MEDIA_BACKLOG_MAX ? history / 4
                                               : MEDIA_BACKLOG_MAX,
    };

    if (backlog->max == 0) {
        return 0;
    }

    backlog->entries = calloc(MEDIA_BACKLOG_MAX, sizeof(backlog->entries[0]));

    return backlog->entries != NULL ? 0 : SFU_ERR_NOMEM;
}

void
media_backlog_fini(struct media_backlog *backlog)
{
    free(backlog->entries);
    *backlog = (struct media_backlog){ 0 };
}

bool
media_backlog_put(struct media_backlog *backlog, uint64_t seq, usec_t now)
{
    size_t last = backlog->first + backlog->count;

    if (backlog->entries == NULL || backlog->count == backlog->max) {
        return false;
    }

    backlog->entries[last % MEDIA_BACKLOG_MAX] =
        (struct media_backlog_entry){ seq, now };
    backlog->count++;

    return true;
}

bool
media_backlog_take(struct media_backlog *backlog,
                   struct media_backlog_entry *entry)
{
    if (backlog->count == 0) {
        return false;
    }

    *entry = backlog->entries[backlog->first++ % MEDIA_BACKLOG_MAX];
    backlog->count--;

    return true;
}
