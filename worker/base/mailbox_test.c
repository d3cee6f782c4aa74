/*
 * base/mailbox_test.c - tasks from many threads.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/mailbox.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "test/tap.h"

enum { POSTERS = 4, EACH = 2000 };

struct note {
    struct task task;
    int poster;
    int number;
    struct mailbox *again;      /* posts another one when it runs */
};

struct owner {
    int ran;
    int last[POSTERS];
    int disorder;
};

static int freed;               /* without an owner */

static struct note *new_note(int poster, int number);

static void
run_note(struct task *task, void *owner)
{
    struct note *n = container_of(task, struct note, task);
    struct owner *o = owner;

    if (o == NULL) {
        freed++;
    } else {
        o->ran++;
        o->disorder += n->number != o->last[n->poster] + 1;
        o->last[n->poster] = n->number;

        if (n->again != NULL) {
            mailbox_post(n->again, &new_note(n->poster, n->number + 1)->task);
        }
    }

    free(n);
}

static struct note *
new_note(int poster, int number)
{
    struct note *n = calloc(1, sizeof(*n));

    n->task.run = run_note;
    n->poster = poster;
    n->number = number;

    return n;
}

static bool
readable(const struct mailbox *box, int ms)
{
    struct pollfd p = { box->fd, POLLIN, 0 };

    return poll(&p, 1, ms) == 1;
}

static void
turn(struct mailbox *box, struct owner *owner)
{
    struct list tasks;

    mailbox_take(box, &tasks);
    mailbox_run(&tasks, owner);
}

static void
one_thread(void)
{
    struct mailbox box;
    struct owner o = { 0 };
    struct note *again;

    tap_is_int(mailbox_init(&box), 0, "a mailbox");
    tap_ok(!readable(&box, 0), "is quiet");
    turn(&box, &o);
    tap_is_int(o.ran, 0, "with nothing to run");
    mailbox_post(&box, &new_note(0, 1)->task);
    mailbox_post(&box, &new_note(0, 2)->task);
    tap_ok(readable(&box, 0), "a task makes it readable");
    tap_ok(mailbox_waits(&box), "and waits");
    turn(&box, &o);
    tap_ok(!mailbox_waits(&box), "until it ran");
    tap_ok(o.ran == 2 && o.disorder == 0, "tasks run in order");
    tap_ok(!readable(&box, 0), "and it is quiet again");
    mailbox_wake(&box);
    tap_ok(readable(&box, 0), "it can be woken without");
    tap_ok(!mailbox_waits(&box), "and then nothing waits");
    turn(&box, &o);
    tap_ok(o.ran == 2 && !readable(&box, 0), "and that is all");

    again = new_note(0, 3);
    again->again = &box;
    mailbox_post(&box, &again->task);
    turn(&box, &o);
    tap_ok(o.ran == 3 && readable(&box, 0),
           "a task that is posted by a task has to wait");
    turn(&box, &o);
    tap_is_int(o.ran, 4, "for the next turn");

    mailbox_post(&box, &new_note(0, 5)->task);
    freed = 0;
    mailbox_fini(&box);
    tap_ok(o.ran == 4 && freed == 1, "what never ran frees itself");
}

struct poster {
    pthread_t thread;
    struct mailbox *box;
    int index;
};

static void *
post_many(void *arg)
{
    struct poster *p = arg;

    for (int i = 1; i <= EACH; i++) {
        mailbox_post(p->box, &new_note(p->index, i)->task);
    }

    return NULL;
}

static void
many_threads(void)
{
    struct poster posters[POSTERS];
    struct mailbox box;
    struct owner o = { 0 };

    mailbox_init(&box);

    for (int i = 0; i < POSTERS; i++) {
        posters[i].box = &box;
        posters[i].index = i;
        pthread_create(&posters[i].thread, NULL, post_many, &posters[i]);
    }

    /* asleep unless it is readable: a lost wake would end this early */
    while (o.ran < POSTERS * EACH && readable(&box, 2000)) {
        turn(&box, &o);
    }

    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, NULL);
    }

    tap_is_int(o.ran, POSTERS * EACH, "no task and no wake is lost");
    tap_is_int(o.disorder, 0, "tasks of one poster stay in order");
    mailbox_fini(&box);
}

int
main(void)
{
    one_thread();
    many_threads();

    return tap_done();
}
