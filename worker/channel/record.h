/*
 * channel/record.h - what the store has of a channel.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_CHANNEL_RECORD_H
#define SFU_CHANNEL_RECORD_H

#include "channel/channels.h"

enum { CHANNEL_VERSION_LEN = 20 };

/* a copy, since the store's own strings are gone after the visit */
struct channel_copy {
    char name[SFU_IPC_CHANNEL_NAME_MAX + 1];
    int64_t created;
    char version[SFU_IPC_CHANNEL_VERSION_MAX + 1];
    unsigned ttl;
    bool has_storage;
    char storage[SFU_IPC_STORAGE_MAX + 1];
};

/* SFU_ERR_NOT_FOUND, also when it was created at another time (0: any) */
int channel_copy_read(struct channels *channels, const struct store_key *key,
                      int64_t created, struct channel_copy *copy);

/* a store_channel_visitor; context: a struct channel_copy */
void channel_copy_take(void *context, const struct store_channel *row);

/* borrows from the copy */
struct channel_record channel_copy_record(const struct channel_copy *copy);

#endif
