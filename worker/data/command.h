/*
 * data/command.h - what the control thread tells the data loop.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each call posts a task; they run in order.  The objects are made here and
 * are the loop's from then on; the control thread keeps the pointers only to
 * name them in later calls, and forgets them with the destroying one, which
 * cannot fail.
 */

#ifndef SFU_DATA_COMMAND_H
#define SFU_DATA_COMMAND_H

#include "data/channel.h"
#include "data/peer.h"

struct data_loop;

/* both: SFU_ERR_NOMEM */
int data_peer_create(struct data_peer **peer, struct data_loop *loop,
                     const struct data_peer_params *params);
int data_channel_create(struct data_channel **channel, struct data_peer *peer,
                        const struct data_channel_params *params);

/* with all of its channels, also those it opened itself */
void data_peer_destroy(struct data_peer *peer);
/* after DATA_EVENT_CLOSED, when its stream may be used again */
void data_channel_destroy(struct data_channel *channel);

/* SFU_ERR_NOMEM.  The stream is reset, and the control thread told */
int data_channel_end(struct data_channel *channel);
/* text, of us to its peer; a copy is taken.  SFU_ERR_NOMEM */
int data_channel_say(struct data_channel *channel, struct span text);
/* who may reply, of those that subscribe to its publication; or nobody */
int data_channel_set_reply(struct data_channel *subscriber, bool may_reply);

#endif
