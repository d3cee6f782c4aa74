/*
 * sctp/stack.c - SCTP for all sessions of the process, on usrsctp.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sctp/stack.h"

#include <stdlib.h>
#include <usrsctp.h>

#include "base/error.h"
#include "sctp/sctp_priv.h"

enum {
    TICK = 10 * USEC_PER_MS,
    QUIET_TICK = 200 * USEC_PER_MS,
    /* a delayed SACK is due 200 ms after what it acknowledges */
    BUSY = 400 * USEC_PER_MS,
    /* an address is nobody's before it is another's: a retransmission */
    UNUSED = 60 * USEC_PER_SEC,
    /* at the end, timers of what was closed have to run out */
    FINISH_TURNS = 100,
};

static int
output(void *address, void *packet, size_t len, uint8_t tos, uint8_t set_df)
{
    struct sfu_sctp_address *a = address;
    struct sfu_sctp_association *association = a->association;

    (void)tos;
    (void)set_df;

    if (association != NULL) {
        association->stack->active = association->stack->now;
        association->events->send(association->ctx, span_of(packet, len));
    }

    return 0;
}

/* what WebRTC has no use for is off: each is a way in for packets */
static void
configure(void)
{
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_auth_enable(0);
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_nrsack_enable(0);
    usrsctp_sysctl_set_sctp_pktdrop_enable(0);
    usrsctp_sysctl_set_sctp_blackhole(2);
    usrsctp_sysctl_set_sctp_no_csum_on_loopback(0);
}

int
sfu_sctp_stack_create(struct sfu_sctp_stack **stack,
                      const struct sfu_sctp_settings *settings)
{
    struct sfu_sctp_stack *s = calloc(1, sizeof(*s));

    *stack = s;

    if (s == NULL) {
        return SFU_ERR_NOMEM;
    }

    s->settings = settings;
    s->now = s->ticked = clock_now();
    list_init(&s->ready);
    list_init(&s->unused);
    s->buffer = malloc(settings->message_max + 1);

    if (s->buffer == NULL) {
        free(s);
        *stack = NULL;
        return SFU_ERR_NOMEM;
    }

    usrsctp_init_nothreads(0, output, NULL);
    configure();

    return 0;
}

bool
sfu_sctp_stack_destroy(struct sfu_sctp_stack *stack)
{
    struct sfu_sctp_address *next;
    bool finished = false;

    if (stack == NULL) {
        return true;
    }

    for (int i = 0; i < FINISH_TURNS && !finished; i++) {
        usrsctp_handle_timers(1000);
        finished = usrsctp_finish() == 0;
    }

    for (struct sfu_sctp_address *a = stack->addresses; a != NULL; a = next) {
        next = a->all;
        free(a);
    }

    free(stack->buffer);
    free(stack);

    return finished;
}

struct sfu_sctp_address *
sfu_sctp_address_take(struct sfu_sctp_stack *stack)
{
    struct sfu_sctp_address *a;

    if (!list_empty(&stack->unused)) {
        a = container_of(stack->unused.next, struct sfu_sctp_address, node);

        if (stack->now - a->unused_since > UNUSED) {
            list_remove(&a->node);
            return a;
        }
    }

    a = calloc(1, sizeof(*a));

    if (a != NULL) {
        list_init(&a->node);
        a->all = stack->addresses;
        stack->addresses = a;
    }

    return a;
}

void
sfu_sctp_address_leave(struct sfu_sctp_stack *stack,
                       struct sfu_sctp_address *address)
{
    address->association = NULL;
    address->unused_since = stack->now;
    list_append(&stack->unused, &address->node);
}

void
sfu_sctp_stack_work(struct sfu_sctp_stack *stack)
{
    if (stack->working) {
        return;             /* an event of one made news of another */
    }

    stack->working = true;

    for (struct list *node; (node = list_shift(&stack->ready)) != NULL;) {
        sfu_sctp_association_work(container_of(node,
                                               struct sfu_sctp_association,
                                               ready));
    }

    stack->working = false;
}

void
sfu_sctp_stack_tick(struct sfu_sctp_stack *stack, usec_t now)
{
    usec_t elapsed = (now - stack->ticked) / USEC_PER_MS;

    stack->now = now;

    if (elapsed > 0) {
        stack->ticked += elapsed * USEC_PER_MS;
        usrsctp_handle_timers((uint32_t)elapsed);
    }

    sfu_sctp_stack_work(stack);
}

usec_t
sfu_sctp_stack_wait(const struct sfu_sctp_stack *stack, usec_t now)
{
    usec_t tick = now - stack->active < BUSY ? TICK : QUIET_TICK;

    if (stack->associations == 0) {
        return -1;
    }

    return stack->ticked + tick > now ? stack->ticked + tick - now : 0;
}
