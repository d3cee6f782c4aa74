/*
 * media/checks.h - a transport whose peer is ICE-lite, so that we check.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What answers a check is proven as if it had checked us: from there on
 * everything is as with any other peer.
 */

#ifndef SFU_MEDIA_CHECKS_H
#define SFU_MEDIA_CHECKS_H

#include "ice/checklist.h"
#include "media/transport.h"

struct media_checks {
    struct ice_checklist list;
    struct timer timer;
    struct media_transport *transport;
};

/* from now on; once for a transport.  Without memory it never connects. */
void media_checks_start(struct media_transport *t,
                        const struct ice_remote_params *params);
void media_checks_stop(struct media_transport *t);

/* a STUN datagram that is no request */
void media_checks_response(struct media_loop *loop, struct span datagram,
                           const struct address *from,
                           const struct address *to);

#endif
