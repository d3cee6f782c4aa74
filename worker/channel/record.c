/*
 * channel/record.c - what the store has of a channel.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/record.h"

#include <stdio.h>

#include "base/error.h"

void
channel_copy_take(void *context, const struct store_channel *row)
{
    struct channel_copy *copy = context;

    copy->created = row->created;
    copy->ttl = row->ttl;
    copy->has_storage = row->storage != NULL;
    snprintf(copy->name, sizeof(copy->name), "%s", row->key.name);
    snprintf(copy->version, sizeof(copy->version), "%s", row->version);
    snprintf(copy->storage, sizeof(copy->storage), "%s",
             row->storage != NULL ? row->storage : "");
}

int
channel_copy_read(struct channels *channels, const struct store_key *key,
                  int64_t created, struct channel_copy *copy)
{
    int error = store_channel_get(channels->store, key, channel_copy_take,
                                  copy);

    if (error) {
        return error;
    }

    return created && created != copy->created ? SFU_ERR_NOT_FOUND : 0;
}

struct channel_record
channel_copy_record(const struct channel_copy *copy)
{
    return (struct channel_record){
        .name = copy->name,
        .created = copy->created,
        .version = copy->version,
        .ttl = copy->ttl,
        .storage = copy->has_storage ? copy->storage : NULL,
    };
}
