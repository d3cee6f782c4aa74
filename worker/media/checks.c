/*
 * media/checks.c - a transport whose peer is ICE-lite, so that we check.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/checks.h"

#include <stdlib.h>

#include "media/loop.h"

/* the kernel knows best which of our addresses leads there */
static const struct address any;

static void
run(struct media_checks *c, usec_t now)
{
    struct media_loop *loop = c->transport->loop;
    uint8_t buffer[ICE_CHECK_MAX];
    const struct address *to;
    usec_t when;
    size_t len;

    while ((len = ice_checklist_next(&c->list, now, buffer, &to)) > 0) {
        struct iovec check = { buffer, len };

        udp_send_run(&loop->udp, &any, to, &check, 1);
        counter_add(&loop->counters.checks_sent, 1);
    }

    when = ice_checklist_when(&c->list);

    if (when >= 0) {
        timer_arm(&loop->wheel, &c->timer, when);
    }
}

static void
timer_fired(struct timer *timer, usec_t now)
{
    run(container_of(timer, struct media_checks, timer), now);
}

void
media_checks_start(struct media_transport *t,
                   const struct ice_remote_params *params)
{
    struct media_checks *c;

    if (t->checks != NULL || t->end != MEDIA_END_NONE
        || (c = malloc(sizeof(*c))) == NULL) {
        return;
    }

    t->checks = c;
    c->transport = t;
    timer_init(&c->timer, timer_fired);
    ice_checklist_init(&c->list, &t->loop->ice, params,
                       t->ice.current.credentials.ufrag, t->loop->now, c);
    run(c, t->loop->now);
}

void
media_checks_stop(struct media_transport *t)
{
    if (t->checks != NULL) {
        timer_disarm(&t->loop->wheel, &t->checks->timer);
        ice_checklist_fini(&t->checks->list);
        free(t->checks);
        t->checks = NULL;
    }
}

void
media_checks_response(struct media_loop *loop, struct span datagram,
                      const struct address *from, const struct address *to)
{
    struct ice_remote *remote = ice_directory_check(&loop->ice, datagram);
    struct media_checks *c;
    struct media_transport *t;

    if (remote == NULL
        || ice_checklist_answered(remote, datagram, from, loop->now)) {
        media_drop(&loop->counters, MEDIA_DROP_stun_invalid);
        return;
    }

    c = remote->list->user;
    t = c->transport;
    media_transport_checked(t, &t->ice.current, from, to, NULL,
                            c->list.nominated);

    /* what comes next need not wait for the timer; but it may be over */
    if (t->checks != NULL) {
        run(c, loop->now);
    }
}
