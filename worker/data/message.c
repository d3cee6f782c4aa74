/*
 * data/message.c - a message that waits, once for all who wait for it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/message.h"

#include <stdlib.h>

struct data_shared *
data_message_share(struct data_message *message)
{
    struct data_shared *s = message->shared;

    if (s == NULL) {
        s = malloc(sizeof(*s) + message->bytes.len);

        if (s == NULL) {
            return NULL;
        }

        s->users = 0;
        s->len = message->bytes.len;
        memcpy(s->bytes, message->bytes.data, s->len);
        message->shared = s;
    }

    s->users++;

    return s;
}

void
data_shared_release(struct data_shared *shared)
{
    if (--shared->users == 0) {
        free(shared);
    }
}
