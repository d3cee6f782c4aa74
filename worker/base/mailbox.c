/*
 * base/mailbox.c - how threads hand each other work.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/mailbox.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

int
mailbox_init(struct mailbox *box)
{
    list_init(&box->tasks);
    pthread_mutex_init(&box->lock, NULL);
    box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    return box->fd == -1 ? SFU_ERR_SYSTEM : 0;
}

void
mailbox_fini(struct mailbox *box)
{
    mailbox_run(&box->tasks, NULL);
    pthread_mutex_destroy(&box->lock);

    if (box->fd != -1) {
        close(box->fd);
        box->fd = -1;
    }
}

void
mailbox_post(struct mailbox *box, struct task *task)
{
    bool first;

    pthread_mutex_lock(&box->lock);
    first = list_empty(&box->tasks);
    list_append(&box->tasks, &task->node);
    pthread_mutex_unlock(&box->lock);

    if (first) {
        mailbox_wake(box);
    }
}

void
mailbox_wake(struct mailbox *box)
{
    uint64_t one = 1;

    /* the counter can only overflow when it is readable anyway */
    if (write(box->fd, &one, sizeof(one)) == -1) {
        return;
    }
}

void
mailbox_take(struct mailbox *box, struct list *tasks)
{
    uint64_t count;

    list_init(tasks);

    if (read(box->fd, &count, sizeof(count)) == -1) {
        /* EAGAIN: nothing was posted since */
    }

    pthread_mutex_lock(&box->lock);

    if (!list_empty(&box->tasks)) {
        *tasks = box->tasks;
        tasks->next->prev = tasks;
        tasks->prev->next = tasks;
        list_init(&box->tasks);
    }

    pthread_mutex_unlock(&box->lock);
}

void
mailbox_run(struct list *tasks, void *owner)
{
    for (struct list *node; (node = list_shift(tasks)) != NULL;) {
        struct task *task = container_of(node, struct task, node);

        task->run(task, owner);
    }
}

bool
mailbox_waits(struct mailbox *box)
{
    bool waits;

    pthread_mutex_lock(&box->lock);
    waits = !list_empty(&box->tasks);
    pthread_mutex_unlock(&box->lock);

    return waits;
}
