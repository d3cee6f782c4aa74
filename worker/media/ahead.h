/*
 * media/ahead.h - asks for what the datagrams of a batch will look at.
 * Copyright (C) the ngx_sfu_module authors
 *
 * With thousands of peers nothing of who sent a datagram is in a cache, and a
 * look-up is a chain of misses.  Those of a batch are waited for together.
 */

#ifndef SFU_MEDIA_AHEAD_H
#define SFU_MEDIA_AHEAD_H

#include "net/udp.h"

/* for struct udp_handler, whose ctx is the loop */
void media_look_ahead(void *ctx, const struct udp_datagram *trains, int count);

#endif
