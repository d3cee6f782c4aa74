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

    backlog->seqs = calloc(MEDIA_BACKLOG_MAX, sizeof(backlog->seqs[0]));

    return backlog->seqs != NULL ? 0 : SFU_ERR_NOMEM;
}

void
media_backlog_fini(struct media_backlog *backlog)
{
    free(backlog->seqs);
    *backlog = (struct media_backlog){ 0 };
}

bool
media_backlog_put(struct media_backlog *backlog, uint64_t seq)
{
    if (backlog->seqs == NULL || backlog->count == backlog->max) {
        return false;
    }

    backlog->seqs[(backlog->first + backlog->count++) % MEDIA_BACKLOG_MAX] =
        seq;

    return true;
}

bool
media_backlog_take(struct media_backlog *backlog, uint64_t *seq)
{
    if (backlog->count == 0) {
        return false;
    }

    *seq = backlog->seqs[backlog->first++ % MEDIA_BACKLOG_MAX];
    backlog->count--;

    return true;
}
