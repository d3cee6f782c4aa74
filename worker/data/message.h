/*
 * data/message.h - a message that waits, once for all who wait for it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Most never wait: they are sent from where they were received.  Only when
 * the first channel cannot take one is it copied, and the copy is shared.
 */

#ifndef SFU_DATA_MESSAGE_H
#define SFU_DATA_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct data_shared {
    size_t users;
    size_t len;
    uint8_t bytes[];
};

/* on its way to some channels */
struct data_message {
    uint32_t ppid;
    struct span bytes;          /* borrowed, for this way only */
    struct data_shared *shared; /* NULL: nobody had to wait so far */
};

/* one user more; NULL: out of memory */
struct data_shared *data_message_share(struct data_message *message);
void data_shared_release(struct data_shared *shared);

#endif
