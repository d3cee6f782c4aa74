/*
 * media/command.c - changes of what a loop has, as tasks.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/command_priv.h"

#include <stdlib.h>

static void
run_change(struct task *task, void *owner)
{
    struct change *change = container_of(task, struct change, task);

    if (owner != NULL) {
        change->apply(change, owner);
    }

    free(change);
}

struct change *
command_change(void (*apply)(struct change *, struct media_loop *), void *target)
{
    struct change *change = calloc(1, sizeof(*change));

    if (change != NULL) {
        change->task.run = run_change;
        change->apply = apply;
        change->target = target;
    }

    return change;
}

int
command_post(struct media_loop *loop, struct change *change)
{
    mailbox_post(&loop->mailbox, &change->task);

    return 0;
}
