/*
 * base/mailbox.h - how threads hand each other work.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Any thread posts, one thread runs.  Tasks of one poster run in the order in
 * which they were posted.  Not for packets: those go through rings.
 */

#ifndef SFU_BASE_MAILBOX_H
#define SFU_BASE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>

#include "base/list.h"

struct task {
    struct list node;
    /* runs once, in the owner's thread, and frees the task */
    void (*run)(struct task *task, void *owner);
};

struct mailbox {
    pthread_mutex_t lock;
    struct list tasks;
    int fd;                     /* readable when there may be tasks */
};

/* SFU_ERR_SYSTEM */
int mailbox_init(struct mailbox *box);
/* tasks that never ran are run with owner NULL, to free themselves */
void mailbox_fini(struct mailbox *box);

/* the task belongs to the mailbox from now on */
void mailbox_post(struct mailbox *box, struct task *task);
/* makes the descriptor readable without a task */
void mailbox_wake(struct mailbox *box);

/*
 * Moves all tasks to the list and silences the descriptor; whatever a poster
 * did before it posted is visible after this.
 */
void mailbox_take(struct mailbox *box, struct list *tasks);
void mailbox_run(struct list *tasks, void *owner);
/* whether there are tasks; costs no system call */
bool mailbox_waits(struct mailbox *box);

#endif
