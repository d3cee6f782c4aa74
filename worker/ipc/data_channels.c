/*
 * ipc/data_channels.c - data channels as JSON, both ways.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ipc/data_channels.h"

#include <string.h>

enum {
    PUBLISHER_MAX = 256,
    /* 65535 means all of them to SCTP (RFC 6525), and none to WebRTC */
    ID_MAX = 65534,
};

/* -1 where there is none */
static long
take_number(struct fields *f, const char *name, long long max,
            const char *wrong)
{
    return member(f, name) != NULL
               ? (long)take_integer(f, name, max, wrong)
               : -1;
}

static void
take_channel(struct fields *f, struct sfu_request_channel *ch)
{
    *ch = (struct sfu_request_channel){
        .name = take_string(f, "name", SFU_IPC_TRACK_NAME_MAX,
                            "\"name\" of a data channel"),
        .publisher = take_string(f, "publisher", PUBLISHER_MAX,
                                 "\"publisher\" of a data channel"),
        .id = take_number(f, "id", ID_MAX, "\"id\" of a data channel"),
        .has_ordered = member(f, "ordered") != NULL,
        .ordered = take_bool(f, "ordered",
                             "\"ordered\" of a data channel"),
        .max_retransmits = take_number(f, "max_retransmits", UINT32_MAX,
                                       "\"max_retransmits\""),
        .max_lifetime = take_number(f, "max_lifetime", UINT32_MAX,
                                    "\"max_lifetime\""),
        .wait_ack = take_bool(f, "wait_ack", "\"wait_ack\""),
        .has_reply = member(f, "can_reply") != NULL,
        .can_reply = take_bool(f, "can_reply", "\"can_reply\""),
    };
}

void
ipc_take_data_channels(struct fields *f, struct sfu_request *request,
                  struct sfu_request_channel *channels)
{
    const json_t *list = member(f, "channels");
    size_t count = json_array_size(list);

    if (list == NULL) {
        return;
    }

    if (!json_is_array(list) || count > SFU_IPC_CHANNELS_MAX) {
        f->wrong = f->wrong != NULL ? f->wrong : "\"channels\"";
        return;
    }

    for (size_t i = 0; i < count; i++) {
        struct fields entry = { json_array_get(list, i), NULL };

        if (!json_is_object(entry.object)) {
            f->wrong = f->wrong != NULL ? f->wrong : "\"channels\"";
            return;
        }

        take_channel(&entry, &channels[i]);
        f->wrong = f->wrong != NULL ? f->wrong : entry.wrong;
    }

    request->channels = channels;
    request->channel_count = count;
}

static bool
is_complete(enum sfu_request_type type, const struct sfu_request_channel *ch)
{
    switch (type) {
    case SFU_REQUEST_CLOSE_CHANNELS:
        return ch->id >= 0;
    case SFU_REQUEST_SUBSCRIBE_CHANNELS:
    case SFU_REQUEST_UPDATE_CHANNELS:
        return ch->name != NULL && ch->name[0] != '\0'
               && ch->publisher != NULL;
    default:
        return ch->name != NULL && ch->name[0] != '\0';
    }
}

bool
ipc_data_channels_are_complete(const struct sfu_request *request)
{
    if (request->type == SFU_REQUEST_ESTABLISH && request->channel_count > 1) {
        return false;
    }

    for (size_t i = 0; i < request->channel_count; i++) {
        if (!is_complete(request->type, &request->channels[i])) {
            return false;
        }
    }

    return true;
}

static bool
set_string(json_t *o, const char *name, const char *value)
{
    return value == NULL
           || json_object_set_new(o, name, json_string(value)) == 0;
}

static json_t *
of_channel(enum sfu_request_type type, const struct sfu_reply_channel *ch)
{
    json_t *o = json_object();
    bool ok = set_string(o, "name", ch->name)
              && set_string(o, "publisher", ch->publisher)
              && set_string(o, "error", ch->error)
              && set_string(o, "detail", ch->detail)
              && set_string(o, "state", ch->state)
              && (ch->id < 0
                  || json_object_set_new(o, "id", json_integer(ch->id)) == 0);

    if (type == SFU_REQUEST_GET) {
        ok = ok && set_string(o, "direction", ch->publisher != NULL
                                                  ? "remote"
                                                  : "local");
    }

    if (type == SFU_REQUEST_UPDATE_CHANNELS && ch->error == NULL) {
        ok = ok && json_object_set_new(o, "can_reply",
                                       json_boolean(ch->can_reply)) == 0;
    }

    if (!ok) {
        json_decref(o);
        return NULL;
    }

    return o;
}

json_t *
ipc_data_channels_reply(const struct sfu_request *request,
                   const struct sfu_reply *reply)
{
    json_t *list = json_array();

    for (size_t i = 0; i < reply->channel_count; i++) {
        if (json_array_append_new(list, of_channel(request->type,
                                                   &reply->channels[i]))
            == -1) {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}
