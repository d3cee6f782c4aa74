/*
 * channel/call.h - a viewer that is there for one question.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_CHANNEL_CALL_H
#define SFU_CHANNEL_CALL_H

#include "channel/channel.h"

/*
 * Whether a message of the master is for one who called: the answer is its
 * answer, and candidates are lost on it.
 */
bool channel_call_takes(struct channel *channel,
                        const struct channel_request *message);

/* those of a channel that ends are answered */
void channel_calls_end(struct channel *channel);

#endif
