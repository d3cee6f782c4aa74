/*
 * data/open.h - channels that are opened in-band (RFC 8832).
 * Copyright (C) the ngx_sfu_module authors
 *
 * One that the peer opens is acknowledged, and publishes: it is there for the
 * control thread to give it a name, and until somebody subscribes its
 * messages end here.
 */

#ifndef SFU_DATA_OPEN_H
#define SFU_DATA_OPEN_H

#include "data/peer.h"

/* a message of the protocol came in; channel: that of the stream, or NULL */
void open_message(struct data_peer *peer, struct data_channel *channel,
                  uint16_t stream, struct span bytes);
/* we open this one; it waits in the queue if it has to */
void open_send(struct data_channel *channel);

#endif
