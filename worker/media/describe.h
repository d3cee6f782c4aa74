/*
 * media/describe.h - what a packet of pictures is a part of.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Key frame, layers, numbers of pictures: read once for all subscribers, from
 * the payload's own descriptor and the dependency descriptor.
 */

#ifndef SFU_MEDIA_DESCRIBE_H
#define SFU_MEDIA_DESCRIBE_H

#include "rtp/dependency.h"

struct media_packet;

/* the structure is that of the packets before, and becomes this one's */
void describe_packet(struct media_packet *packet,
                     struct rtp_dependency_structure *structure);
/* one that was described before: an old structure must not come back */
void describe_again(struct media_packet *packet,
                    const struct rtp_dependency_structure *structure);

#endif
