/*
 * media/resend.h - packets that a subscriber missed.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_RESEND_H
#define SFU_MEDIA_RESEND_H

#include "media/sink.h"

/* the peer misses this one: it may be sent again */
void resend_asked(struct media_sink *sink, uint16_t seq);

#endif
