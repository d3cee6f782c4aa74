/*
 * data/group.c - channels that talk with each other.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "data/group.h"

#include <stdlib.h>

#include "data/loop.h"

static struct data_group *
ensure(struct data_loop *loop, uint64_t id)
{
    struct map_entry *e = map_find(&loop->groups, span_of(&id, sizeof(id)));
    struct data_group *group;

    if (e != NULL) {
        return container_of(e, struct data_group, by_id);
    }

    group = calloc(1, sizeof(*group));

    if (group == NULL) {
        log_error(loop->log, "data: out of memory for a group");
        return NULL;
    }

    group->id = id;
    list_init(&group->members);
    map_insert(&loop->groups, &group->by_id,
               span_of(&group->id, sizeof(group->id)));

    return group;
}

void
data_group_join(struct data_channel *channel)
{
    channel->group = ensure(channel->peer->loop, channel->params.group);

    if (channel->group != NULL) {
        list_append(&channel->group->members, &channel->in_group);
    }
}

void
data_group_leave(struct data_channel *channel)
{
    struct data_group *group = channel->group;

    if (group == NULL) {
        return;
    }

    list_remove(&channel->in_group);
    channel->group = NULL;

    if (list_empty(&group->members)) {
        map_remove(&channel->peer->loop->groups, &group->by_id);
        free(group);
    }
}

void
data_group_send(struct data_channel *channel, struct data_message *message)
{
    list_each(node, next, &channel->group->members) {
        struct data_channel *ch = container_of(node, struct data_channel,
                                               in_group);

        if (ch != channel) {
            data_channel_send(ch, message);
        }
    }
}
