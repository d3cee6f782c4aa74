/*
 * sfu/place.h - on which m-section a subscribed track is sent.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_PLACE_H
#define SFU_SFU_PLACE_H

#include "sfu/operation.h"

/* a request to subscribe, while it is worked on */
struct subscribe {
    struct sfu_session *session;
    const struct sfu_request *request;
    struct sfu_reply *reply;
    struct sdp_negotiation *copy;
    struct sfu_subscription **made;     /* one for each entry, or NULL */
    /* the same, of those that are there and get another publication */
    struct sfu_subscription **swapped;
    size_t count;               /* of those made */
    size_t sections;            /* that were added */
};

/*
 * The section that the entry addresses, one that the client's offer has free,
 * or a new one, in the copy.  SFU_ERR_NOT_FOUND: there is none, or it is taken;
 * else as sdp_negotiation_attach() and sdp_negotiation_add_sending()
 */
int place_subscription(struct subscribe *s, const struct sfu_request_track *t,
                       struct sfu_subscription *subscription, size_t *index);

/* whether an earlier entry of this request sends there already */
bool place_is_taken(const struct subscribe *s,
                    const struct sdp_section *section);

/* of the section that the entry addresses, if a track is sent there; or NULL */
struct sfu_subscription *place_sent_there(struct subscribe *s,
                                          const struct sfu_request_track *t);

#endif
