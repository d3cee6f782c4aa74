/*
 * channel/join.c - somebody wants an offer of the worker's (storage).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "channel/audience.h"

/* who connected before there was storage talks to the worker from now on */
static void
turn_to_us(struct channel *ch, const char *id)
{
    struct channel_client *client = channel_client_find(ch, id);

    if (client != NULL) {
        client->mode = CHANNEL_STORAGE;
    }
}

void
channel_join(struct channels *channels, struct channel_request *r)
{
    struct channel *ch;
    int error = channel_open(channels, &r->key, r->created, &ch);

    if (!error && !ch->storage) {
        channel_answer_error(channels, r, SFU_IPC_ERR_INVALID,
                             "the channel has no storage");
        return;
    }

    if (!error) {
        turn_to_us(ch, r->client != NULL ? r->client : "");
    }

    if (!error && r->client == NULL) {
        channel_camera_offer(ch, true);
    } else if (!error) {
        error = channel_audience_invite(ch, r->client);
    }

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    channel_answer(r, &(struct channel_reply){ 0 });
}
