/*
 * channel/audience.h - viewers whose master is the worker.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A viewer's offer waits in the worker's own mailbox until there is a camera,
 * by the rules of all mailboxes.  Its session is its own affair from then on:
 * it does not end with the WebSocket.
 */

#ifndef SFU_CHANNEL_AUDIENCE_H
#define SFU_CHANNEL_AUDIENCE_H

#include "channel/client.h"

/* a viewer offers: SFU_ERR_LIMIT, SFU_ERR_NOMEM */
int channel_audience_offer(struct channel *channel, const char *viewer,
                           const char *sdp);
/* a viewer is to be offered what the camera sends; the same errors */
int channel_audience_invite(struct channel *channel, const char *viewer);
/* the answer to that; the request is answered sooner or later */
void channel_audience_take(struct channel_client *client,
                           struct channel_request *request);

/* those who wait, as far as there is something to watch */
void channel_audience_serve(struct channel *channel);
#endif
