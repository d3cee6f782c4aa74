/*
 * channel/channels.c - signaling channels: one master, many viewers.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/channels.h"

#include "base/error.h"
#include "channel/errand.h"

int
channels_init(struct channels *channels,
              const struct channel_settings *settings, struct log *log,
              struct store *store, struct feeds *feeds, struct sfu *sfu,
              struct timer_wheel *wheel, const usec_t *now)
{
    *channels = (struct channels){
        .settings = settings, .log = log, .store = store, .feeds = feeds,
        .sfu = sfu, .wheel = wheel, .now = now,
    };
    list_init(&channels->finished);

    return map_init(&channels->by_key);
}

void
channels_fini(struct channels *channels)
{
    struct map_entry *e;

    channels->stopping = true;

    while ((e = map_next(&channels->by_key, NULL)) != NULL) {
        channel_close(container_of(e, struct channel, by_key), "deleted");
    }

    channel_errands_run(channels);
    map_fini(&channels->by_key);
}

void
channels_run(struct channels *channels)
{
    channel_errands_run(channels);
}

void
channels_ask(struct channels *channels, struct channel_request *r)
{
    static void (*const operations[])(struct channels *,
                                      struct channel_request *) = {
        [CHANNEL_CREATE] = channel_create,
        [CHANNEL_GET] = channel_get,
        [CHANNEL_LIST] = channel_list,
        [CHANNEL_UPDATE] = channel_update,
        [CHANNEL_DELETE] = channel_delete,
        [CHANNEL_TAG] = channel_tag,
        [CHANNEL_CONNECT] = channel_connect,
        [CHANNEL_DISCONNECT] = channel_disconnect,
        [CHANNEL_SEND] = channel_send,
        [CHANNEL_CALL] = channel_call,
        [CHANNEL_JOIN] = channel_join,
    };

    operations[r->type](channels, r);
}

void
channel_answer(struct channel_request *request,
               const struct channel_reply *reply)
{
    request->done(request, reply);
}

void
channel_answer_error(struct channels *channels,
                     struct channel_request *request, const char *error,
                     const char *detail)
{
    struct channel_reply reply = { .error = error, .detail = detail };

    log_info(channels->log, "channel \"%s\": %s (%s), request %s",
             request->key.name != NULL ? request->key.name : "", error, detail,
             request->id);
    channel_answer(request, &reply);
}

void
channel_answer_end(struct channels *channels, struct channel_request *request)
{
    if (channels->stopping) {
        channel_answer_error(channels, request, SFU_IPC_ERR_DRAINING,
                             "the worker stops");
        return;
    }

    channel_answer_error(channels, request, SFU_IPC_ERR_CHANNEL_NOT_FOUND,
                         "the channel is deleted");
}

void
channel_answer_failure(struct channels *channels,
                       struct channel_request *request, int error)
{
    switch (error) {

    case SFU_ERR_NOT_FOUND:
        channel_answer_error(channels, request, SFU_IPC_ERR_CHANNEL_NOT_FOUND,
                             "no such channel");
        return;

    case SFU_ERR_EXISTS:
        channel_answer_error(channels, request, SFU_IPC_ERR_EXISTS,
                             "a channel has this name");
        return;

    case SFU_ERR_LIMIT:
        channel_answer_error(channels, request, SFU_IPC_ERR_LIMIT,
                             "there may be no more");
        return;

    case SFU_ERR_MALFORMED:
        channel_answer_error(channels, request, SFU_IPC_ERR_INVALID,
                             "nobody may have this id");
        return;

    case SFU_ERR_SYSTEM:
        channel_answer_error(channels, request, SFU_IPC_ERR_STORE,
                             "the store fails");
        return;

    default:
        channel_answer_error(channels, request, SFU_IPC_ERR_INTERNAL,
                             sfu_strerror(error));
        return;
    }
}
