/*
 * ice/stun.h - STUN connectivity checks (RFC 8489; RFC 8445, 7.3) on
 * libnice's STUN layer.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Usual checks do not come here (ice/answer.h); all that may be in one does.
 *
 * A check is answered only after its MESSAGE-INTEGRITY was found valid;
 * whatever fails before that is dropped without a word, so that the worker
 * never sends to an address that proved nothing.
 */

#ifndef SFU_ICE_STUN_H
#define SFU_ICE_STUN_H

#include <stdbool.h>

#include "base/span.h"
#include "net/address.h"

enum {
    STUN_NAME_MAX = 256 + 1 + 256,      /* two fragments (RFC 8839, 5.4) */
    STUN_REPLY_MAX = 600,               /* with a name as long as that */
};

struct sfu_stun;

struct sfu_stun_check {
    bool valid;                 /* the check counts: the peer is who it says */
    bool use_candidate;
    uint32_t priority;
    size_t reply_len;           /* 0: say nothing */
    uint8_t reply[STUN_REPLY_MAX];
};

/* NULL: out of memory.  One serves any number of transports of a thread. */
struct sfu_stun *sfu_stun_create(void);
void sfu_stun_destroy(struct sfu_stun *stun);
/* from now on we control, and a conflict is the peer's to mend */
void sfu_stun_set_controlling(struct sfu_stun *stun);

/* whether libnice can be asked about it, and stays alive and in bounds */
bool sfu_stun_readable(struct span datagram);

/*
 * The local part of USERNAME ("local:remote") of a binding request; it points
 * into the datagram.  SFU_ERR_MALFORMED, SFU_ERR_UNSUPPORTED (no request)
 */
int sfu_stun_local_ufrag(struct span datagram, struct span *ufrag);

/*
 * Examines a check against the local password and builds the reply: success,
 * or 487 when the peer believes that it has our role (RFC 8445, 7.3.1.1; a
 * lite agent is always controlled), or 420.  SFU_ERR_AUTH, SFU_ERR_MALFORMED:
 * drop it.
 */
int sfu_stun_answer(struct sfu_stun *stun, struct span datagram,
                    const char *password, const struct address *from,
                    struct sfu_stun_check *check);

#endif
