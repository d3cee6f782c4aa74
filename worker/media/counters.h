/*
 * media/counters.h - what a media loop counts.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Written by the loop, read by the control thread.
 */

#ifndef SFU_MEDIA_COUNTERS_H
#define SFU_MEDIA_COUNTERS_H

#include "base/counter.h"

/* a packet that went no further, by cause */
#define MEDIA_DROPS(X)                                                        \
    X(unknown)          /* no kind of packet that we know */                  \
    X(no_session)       /* from an address that proved nothing */             \
    X(stun_invalid)     /* a check without our credentials */                 \
    X(not_ready)        /* media before its keys */                           \
    X(srtp_auth)        /* forged or damaged */                               \
    X(srtp_replay)                                                            \
    X(malformed)                                                              \
    X(too_long)         /* for any buffer of ours */                          \
    X(no_track)         /* an SSRC or payload type that means nothing here */ \
    X(streams_limit)                                                          \
    X(duplicate)        /* retransmitted though it had come */                \
    X(no_buffer)        /* for retransmission; it was forwarded */            \
    X(resend_limit)     /* asked for again: over a share, or new ones wait */ \
    X(source_limit)     /* a track's share, when there is more than we can send */\
    X(ring_full)        /* another loop is too slow */                        \
    X(receive_full)     /* the kernel's receive buffer; of any kind */         \
    X(send_full)        /* the kernel's send buffer, or a TCP queue */        \
    X(send_failed)                                                            \
    X(seal_failed)      /* its numbers are used up, or the library's fault */

#define MEDIA_COUNTERS(X)                                                     \
    X(packets_in)                                                             \
    X(bytes_in)                                                               \
    X(packets_out)                                                            \
    X(bytes_out)                                                              \
    X(runs_out)         /* system calls that sent packets_out */              \
    X(nacks_in)         /* packets that subscribers missed */                 \
    X(nacks_out)        /* packets that we missed */                          \
    X(retransmitted)                                                          \
    X(not_retransmitted)        /* asked for, and no longer there */          \
    X(recovered)        /* of nacks_out */                                    \
    X(plis_in)                                                                \
    X(plis_out)                                                               \
    X(checks_sent)      /* by us, to peers that are ICE-lite */               \
    X(layer_switches)   /* subscriptions that changed the encoding */         \
    X(layers_left_out)  /* packets of layers that were not wanted */          \
    X(stun_checks)                                                            \
    X(handshakes)                                                             \
    X(handshakes_failed)                                                      \
    X(tcp_refused)                                                            \
    X(busy_usec)        /* time not spent waiting */                          \
    X(rests)            /* as media/coalesce.h says */                        \
    X(rest_usec)        /* all of them together */                            \
    X(buffers)          /* in use now */                                      \
    X(transports)       /* now */                                             \
    X(tcp_connections)  /* now */

enum media_drop {
#define X(name) MEDIA_DROP_##name,
    MEDIA_DROPS(X)
#undef X
    MEDIA_DROP_COUNT,
};

struct media_counters {
#define X(name) counter_t name;
    MEDIA_COUNTERS(X)
#undef X
    counter_t handshake_wait;   /* of who waits longest now, microseconds */
    counter_t utilisation;      /* of the last second, in thousandths */
    counter_t drops[MEDIA_DROP_COUNT];
};

static inline void
media_drop(struct media_counters *c, enum media_drop cause)
{
    counter_add(&c->drops[cause], 1);
}

#endif
