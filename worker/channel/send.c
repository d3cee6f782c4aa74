/*
 * channel/send.c - a message finds its recipient, or waits for it.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "channel/audience.h"
#include "channel/call.h"
#include "channel/mailbox.h"

static bool
is_master(const struct channel_client *client)
{
    return client->id[0] == '\0';
}

static void
answer(struct channels *channels, struct channel_request *r, int error)
{
    if (error) {
        channel_answer_failure(channels, r, error);
        return;
    }

    channel_answer(r, &(struct channel_reply){ 0 });
}

static void
relay(struct channel_client *client, struct channel_request *r)
{
    struct channel *ch = client->channel;
    struct channel_words words = { r->kind, false, client->id, r->payload };
    int error = 0;

    if (is_master(client) && (r->to == NULL || r->to[0] == '\0')) {
        channel_answer_error(ch->channels, r, SFU_IPC_ERR_INVALID,
                             "a master names the viewer");
        return;
    }

    /* whom a viewer names does not matter: it talks to the master */
    if (!is_master(client) || !channel_call_takes(ch, r)) {
        error = channel_client_reach(ch, is_master(client) ? r->to : "",
                                     &words);
    }

    answer(ch->channels, r, error);
}

/*
 * The worker is the other side.  It is ICE-lite and all candidates of its own
 * are in its descriptions, so those of clients tell it nothing.
 */
static void
take(struct channel_client *client, struct channel_request *r)
{
    struct channel *ch = client->channel;
    bool offers = r->kind == CHANNEL_OFFER && !is_master(client)
                  && client->mode == CHANNEL_FANOUT;
    bool answers = r->kind == CHANNEL_ANSWER
                   && (is_master(client)
                       || client->mode == CHANNEL_STORAGE);

    if (is_master(client) && r->to != NULL && r->to[0]
        && channel_call_takes(ch, r)) {
        answer(ch->channels, r, 0);
        return;
    }

    if ((offers || answers) && r->sdp == NULL) {
        channel_answer_error(ch->channels, r, SFU_IPC_ERR_SDP_MALFORMED,
                             "the payload is no description");
        return;
    }

    if (offers) {
        answer(ch->channels, r, channel_audience_offer(ch, client->id,
                                                       r->sdp));
    } else if (answers && is_master(client)) {
        channel_camera_take(ch, r);
    } else if (answers) {
        channel_audience_take(client, r);
    } else {
        answer(ch->channels, r, 0);
    }
}

void
channel_send(struct channels *channels, struct channel_request *r)
{
    struct channel_client *client = channel_client_of(channels, r->feed,
                                                      r->connection);

    if (client == NULL) {
        channel_answer_error(channels, r, SFU_IPC_ERR_NOT_CONNECTED,
                             "the connection is not the current one");
        return;
    }

    if (client->mode == CHANNEL_RELAY) {
        relay(client, r);
    } else {
        take(client, r);
    }
}
