/*
 * ipc/channel_reply.c - channel.*: what is answered.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/channel.h"
#include "ipc/object.h"

static json_t *
of_record(const struct channel_record *record)
{
    struct object o = object_new();

    put_string(&o, "name", record->name);
    put_number(&o, "created", record->created);
    put_string(&o, "version", record->version);
    put_number(&o, "ttl", record->ttl);
    put_string(&o, "storage", record->storage);

    return finish(&o);
}

static void
put_list(struct object *o, const struct channel_reply *reply)
{
    json_t *list = json_array();

    for (size_t i = 0; i < reply->record_count; i++) {
        add_to(o, list, of_record(&reply->records[i]));
    }

    put(o, "channels", list);
    put_bool(o, "more", reply->more);
}

static void
put_tags(struct object *o, const struct channel_reply *reply)
{
    struct object tags = object_new();

    for (size_t i = 0; i < reply->tag_count; i++) {
        put_string(&tags, reply->tags[i].key, reply->tags[i].value);
    }

    put(o, "tags", finish(&tags));
}

json_t *
ipc_channel_reply(const struct channel_request *request,
                  const struct channel_reply *reply)
{
    static const char *const modes[] = { "relay", "fanout", "storage" };
    struct object o;

    if (reply->error != NULL) {
        return ipc_message_error(reply->error, reply->detail);
    }

    o = object_new();

    switch (request->type) {

    case CHANNEL_LIST:
        put_list(&o, reply);
        break;

    case CHANNEL_GET:
        put_tags(&o, reply);
        /* fall through */

    case CHANNEL_CREATE:
    case CHANNEL_UPDATE:
        put(&o, "channel", of_record(reply->records));
        break;

    case CHANNEL_CONNECT:
        put_string(&o, "mode", modes[reply->mode]);
        break;

    case CHANNEL_CALL:
        put_string(&o, "payload", reply->payload);
        break;

    default:
        break;
    }

    return finish(&o);
}
