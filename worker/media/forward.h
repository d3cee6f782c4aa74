/*
 * media/forward.h - what a source's packet becomes for one subscriber.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Its own SSRC, payload type, numbers and extensions in front; the payload is
 * sealed straight out of what was received.
 */

#ifndef SFU_MEDIA_FORWARD_H
#define SFU_MEDIA_FORWARD_H

#include "media/sink.h"

/*
 * This packet and those behind it (next), into the loop's train, which was
 * told the peer; the transport is connected.
 */
void forward_burst(struct media_sink *sink, const struct media_packet *first);

#endif
