/*
 * channel/join.c - somebody wants an offer of the worker's (storage).
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/error.h"
#include "channel/audience.h"

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
