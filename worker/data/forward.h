/*
 * data/forward.h - a message that came in, and where it goes.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_DATA_FORWARD_H
#define SFU_DATA_FORWARD_H

#include "data/peer.h"

/* of a channel, or of the establishment protocol, which may open one */
void forward_message(struct data_peer *peer, uint16_t stream, uint32_t ppid,
                     struct span bytes);

#endif
