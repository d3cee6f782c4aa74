/*
 * sctp/stack.h - SCTP for all sessions of the process, on usrsctp (RFC 9260).
 * Copyright (C) the ngx_sfu_module authors
 *
 * usrsctp keeps what it has in globals: one list of timers, one table of
 * associations, one function that puts packets out.  Its locks would let any
 * thread in, but whoever runs the timers then sends for everybody, in the
 * middle of other threads' sessions, whose DTLS no lock protects; and no loop
 * could know how long the others hold it up.  So one thread owns the stack and
 * every association: that of data/loop.h.  Media loops hand it packets and
 * get packets through rings, and never wait.
 *
 * usrsctp's one thread of its own only sleeps here (it would walk over
 * addresses that change).  Its callbacks do no work: they take a note, which is
 * worked off once the library is left again.
 */

#ifndef SFU_SCTP_STACK_H
#define SFU_SCTP_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

struct sfu_sctp_stack;

struct sfu_sctp_settings {
    size_t streams;             /* of an association, each way */
    size_t message_max;         /* bytes */
};

/*
 * One at a time in a process; the settings are borrowed.  SFU_ERR_NOMEM
 */
int sfu_sctp_stack_create(struct sfu_sctp_stack **stack,
                          const struct sfu_sctp_settings *settings);
/* its associations are gone already; false: usrsctp kept something of them */
bool sfu_sctp_stack_destroy(struct sfu_sctp_stack *stack);

/* lets timers run that are due; ends with the events of associations */
void sfu_sctp_stack_tick(struct sfu_sctp_stack *stack, usec_t now);
/*
 * Microseconds until it should be called again, -1 while there is no
 * association.  usrsctp does not tell when its next timer is due, so this is
 * soon after something went in or out, and later when all is quiet.
 */
usec_t sfu_sctp_stack_wait(const struct sfu_sctp_stack *stack, usec_t now);

#endif
