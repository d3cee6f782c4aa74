/*
 * channel/send.c - a message finds its recipient, or waits for it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "channel/call.h"
#include "channel/mailbox.h"

static int
pass_on(struct channel_client *client, const char *to,
        const struct channel_request *r)
{
    struct channel *ch = client->channel;
    struct channel_client *recipient = channel_client_find(ch, to);

    if (recipient != NULL) {
        channel_client_tell(recipient, r->kind, client->id, r->payload);
        return 0;
    }

    return channel_mailbox_put(ch, to, client->id, r->kind, r->payload,
                               *ch->channels->now
                                   + (usec_t)ch->ttl * USEC_PER_SEC);
}

void
channel_send(struct channels *channels, struct channel_request *r)
{
    struct channel_client *client = channel_client_of(channels, r->feed,
                                                      r->connection);
    bool is_master = client != NULL && client->id[0] == '\0';
    int error = 0;

    if (client == NULL) {
        channel_answer_error(channels, r, SFU_IPC_ERR_NOT_CONNECTED,
                             "the connection is not the current one");
        return;
    }

    if (is_master && (r->to == NULL || r->to[0] == '\0')) {
        channel_answer_error(channels, r, SFU_IPC_ERR_INVALID,
                             "a master names the viewer");
        return;
    }

    /* whom a viewer names does not matter: it talks to the master */
    if (!is_master || !channel_call_takes(client->channel, r)) {
        error = pass_on(client, is_master ? r->to : "", r);
    }

    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    channel_answer(r, &(struct channel_reply){ 0 });
}
