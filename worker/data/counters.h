/*
 * data/counters.h - what the data loop counts.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Written by the loop, read by the control thread.
 */

#ifndef SFU_DATA_COUNTERS_H
#define SFU_DATA_COUNTERS_H

#include "base/counter.h"

/* a message, or a packet, that went no further, by cause */
#define DATA_DROPS(X)                                                         \
    X(no_channel)       /* a stream that nobody opened */                     \
    X(not_allowed)      /* of a subscriber that may not reply */              \
    X(no_publisher)     /* a reply, and the publication ended */              \
    X(kind)             /* neither text nor binary */                         \
    X(malformed)        /* of the establishment protocol */                   \
    X(opens_limit)      /* too many channels opened in a second */            \
    X(tells_limit)      /* too much told to us in a second */                 \
    X(too_long)         /* for us, or for who was to get it */                \
    X(queue_full)       /* of a slow subscriber, the oldest */                \
    X(memory_full)      /* in all queues together, or no memory at all */     \
    X(expired)          /* waited longer than its channel allows */           \
    X(closed)           /* waited when its channel was closed */              \
    X(send_failed)                                                            \
    X(ring_full)        /* packets: a loop is too slow; SCTP sends again */

#define DATA_COUNTERS(X)                                                      \
    X(associations)     /* now */                                             \
    X(channels)         /* now */                                             \
    X(messages_in)                                                            \
    X(bytes_in)                                                               \
    X(messages_out)                                                           \
    X(bytes_out)                                                              \
    X(queued_bytes)     /* now */                                             \
    X(busy_usec)        /* time not spent waiting */                          \
    X(overflows)        /* channels that were closed: a queue was full */

enum data_drop {
#define X(name) DATA_DROP_##name,
    DATA_DROPS(X)
#undef X
    DATA_DROP_COUNT,
};

struct data_counters {
#define X(name) counter_t name;
    DATA_COUNTERS(X)
#undef X
    counter_t drops[DATA_DROP_COUNT];
};

static inline void
data_drop(struct data_counters *c, enum data_drop cause)
{
    counter_add(&c->drops[cause], 1);
}

#endif
