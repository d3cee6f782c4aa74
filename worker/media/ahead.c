/*
 * media/ahead.c - asks for what the datagrams of a batch will look at.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/ahead.h"

#include "ice/request.h"
#include "media/loop.h"
#include "rtp/demux.h"

/* where a datagram's session is looked up */
struct ahead {
    struct map_entry *const *chain;     /* NULL: nowhere */
    bool check;                         /* by the name in it */
};

static struct ahead
look_at(const struct media_loop *loop, const struct udp_datagram *d)
{
    struct span datagram = span_of(d->data, d->len);
    bool check = rtp_demux(datagram) == RTP_DEMUX_STUN;

    return (struct ahead){
        .chain = check ? map_look_ahead(&loop->ice.ufrags,
                                        ice_request_peek(datagram))
                       : map_look_ahead(&loop->ice.addresses,
                                        address_key(&d->from)),
        .check = check,
    };
}

void
media_look_ahead(void *ctx, const struct udp_datagram *trains, int count)
{
    const struct media_loop *loop = ctx;
    struct ahead all[UDP_BATCH];

    for (int i = 0; i < count; i++) {
        all[i] = look_at(loop, &trains[i]);
    }

    for (int i = 0; i < count; i++) {
        if (all[i].chain != NULL) {
            __builtin_prefetch(*all[i].chain);
        }
    }

    /* the first of a chain is the one that is looked for, mostly */
    for (int i = 0; i < count; i++) {
        if (all[i].check && all[i].chain != NULL && *all[i].chain != NULL) {
            ice_agent_prefetch(container_of(*all[i].chain,
                                            struct ice_generation,
                                            by_ufrag)->agent);
        }
    }
}
