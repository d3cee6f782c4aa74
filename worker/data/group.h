/*
 * data/group.h - channels that talk with each other.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What one of a group says all others hear, whatever their stream ids are.
 * A group is there as long as somebody is in it.
 */

#ifndef SFU_DATA_GROUP_H
#define SFU_DATA_GROUP_H

#include "data/channel.h"

struct data_group {
    struct map_entry by_id;             /* in data_loop.groups */
    uint64_t id;
    struct list members;                /* of data_channel.in_group */
};

/* that of its params; without memory it stays alone, which is logged */
void data_group_join(struct data_channel *channel);
void data_group_leave(struct data_channel *channel);

/* to all of the channel's group but itself */
void data_group_send(struct data_channel *channel,
                     struct data_message *message);

#endif
