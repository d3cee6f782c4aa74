/*
 * net/poll_test.c - sources that come and go while others are handed out.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "net/poll.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/list.h"
#include "test/tap.h"

enum { SOURCES = 8 };

struct thing {
    struct poll_source source;
    struct poll *poll;
    struct thing **all;         /* of SOURCES, those of the test */
    int calls;
    uint32_t events;
};

static int total;

static void
count(struct poll_source *source, uint32_t events)
{
    struct thing *t = container_of(source, struct thing, source);

    t->calls++;
    t->events = events;
    total++;
}

static struct thing *
make(struct poll *poll, void (*ready)(struct poll_source *, uint32_t))
{
    struct thing *t = calloc(1, sizeof(*t));

    t->source.fd = eventfd(1, EFD_NONBLOCK);
    t->source.ready = ready;
    t->poll = poll;
    poll_add(poll, &t->source, false);

    return t;
}

static void
destroy(struct thing *t)
{
    poll_remove(t->poll, &t->source);
    close(t->source.fd);
    free(t);
}

static void
readiness(struct poll *poll)
{
    struct thing *t = make(poll, count);
    usec_t woke = 0;
    uint64_t value;
    usec_t began = clock_now();

    poll_wait(poll, 0, &woke);
    tap_ok(t->calls == 1 && t->events == EPOLLIN, "readable");
    tap_ok(woke >= began, "the time is noted");
    poll_wait(poll, 0, &woke);
    tap_is_int(t->calls, 2, "level-triggered: again until it is read");
    tap_ok(read(t->source.fd, &value, sizeof(value)) == sizeof(value),
           "read");
    began = clock_now();
    poll_wait(poll, 20 * USEC_PER_MS, &woke);
    tap_ok(t->calls == 2 && woke - began >= 20 * USEC_PER_MS,
           "nothing, and the whole time");
    began = clock_now();
    poll_wait(poll, 1, &woke);
    tap_ok(woke - began >= 1, "less than a millisecond is rounded up");
    poll_set_writable(poll, &t->source, true);
    poll_wait(poll, 0, &woke);
    tap_is_int(t->events, EPOLLOUT, "writable");
    poll_set_writable(poll, &t->source, false);
    t->events = 0;
    poll_wait(poll, 0, &woke);
    tap_is_int(t->events, 0, "and not any more");
    tap_is_int(poll_add(poll, &t->source, false), SFU_ERR_SYSTEM,
               "added twice");
    destroy(t);
}

static void
remove_me(struct poll_source *source, uint32_t events)
{
    (void)events;
    total++;
    destroy(container_of(source, struct thing, source));
}

/* the first one that is called ends all the others, in the same batch */
static void
remove_others(struct poll_source *source, uint32_t events)
{
    struct thing *t = container_of(source, struct thing, source);
    struct thing **all = t->all;

    (void)events;
    total++;

    for (int i = 0; i < SOURCES; i++) {
        if (all[i] != t) {
            destroy(all[i]);
            all[i] = NULL;
        }
    }

    /* the memory, and the descriptor, of one that is gone come back */
    all[t == all[0] ? 1 : 0] = make(t->poll, count);
}

static void
removals(struct poll *poll)
{
    struct thing *all[SOURCES];
    usec_t woke;

    total = 0;

    for (int i = 0; i < SOURCES; i++) {
        make(poll, remove_me);
    }

    poll_wait(poll, 0, &woke);
    tap_is_int(total, SOURCES, "each may remove itself");
    poll_wait(poll, 0, &woke);
    tap_is_int(total, SOURCES, "and is gone");

    total = 0;

    for (int i = 0; i < SOURCES; i++) {
        all[i] = make(poll, remove_others);
        all[i]->all = all;
    }

    poll_wait(poll, 0, &woke);
    tap_is_int(total, 1, "those that were removed are not called");

    for (int i = 0; i < SOURCES; i++) {
        if (all[i] != NULL && all[i]->source.ready == remove_others) {
            all[i]->source.ready = count;
        }
    }

    poll_wait(poll, 0, &woke);
    tap_is_int(total, 3, "one that came in their place is, next time");

    for (int i = 0; i < SOURCES; i++) {
        if (all[i] != NULL) {
            destroy(all[i]);
        }
    }
}

static void
many(struct poll *poll)
{
    struct thing *all[POLL_BATCH + 10];
    usec_t woke;
    int called = 0;

    for (int i = 0; i < POLL_BATCH + 10; i++) {
        all[i] = make(poll, count);
    }

    poll_wait(poll, 0, &woke);
    poll_wait(poll, 0, &woke);

    for (int i = 0; i < POLL_BATCH + 10; i++) {
        called += all[i]->calls > 0;
        destroy(all[i]);
    }

    tap_is_int(called, POLL_BATCH + 10,
               "more than a batch: nobody is forgotten");
}

/* a source that the instance does not know, only we do */
static void
apart(struct poll *poll)
{
    struct thing *other = make(poll, count);
    struct thing t = { .source = { eventfd(1, EFD_NONBLOCK), count } };
    uint64_t value;
    usec_t began;
    usec_t woke;

    poll_set_apart(poll, &t.source);
    poll_wait(poll, 0, &woke);
    tap_ok(t.calls == 1 && t.events == EPOLLIN && other->calls == 1,
           "beside the instance: both are ready");
    tap_ok(read(other->source.fd, &value, sizeof(value)) == sizeof(value),
           "read");
    poll_wait(poll, -1, &woke);
    tap_ok(t.calls == 2 && other->calls == 1, "only the one beside it");
    tap_ok(read(t.source.fd, &value, sizeof(value)) == sizeof(value), "read");
    began = clock_now();
    poll_wait(poll, 20 * USEC_PER_MS, &woke);
    tap_ok(t.calls == 2 && woke - began >= 20 * USEC_PER_MS,
           "nothing, and the whole time");
    value = 1;
    tap_ok(write(other->source.fd, &value, sizeof(value)) == sizeof(value),
           "written");
    poll_wait(poll, -1, &woke);
    tap_ok(t.calls == 2 && other->calls == 2, "only one of the instance");
    poll_set_apart(poll, NULL);
    tap_ok(write(t.source.fd, &value, sizeof(value)) == sizeof(value),
           "written");
    poll_wait(poll, 0, &woke);
    tap_is_int(t.calls, 2, "not watched any more");
    destroy(other);
    close(t.source.fd);
}

int
main(void)
{
    struct poll poll;
    usec_t woke;

    tap_is_int(poll_init(&poll), 0, "an epoll");
    readiness(&poll);
    removals(&poll);
    many(&poll);
    apart(&poll);
    poll_fini(&poll);
    poll_fini(&poll);
    tap_is_int(poll_wait(&poll, 0, &woke), SFU_ERR_SYSTEM, "one that is gone");

    return tap_done();
}
