/*
 * media/describe.c - what a packet of pictures is a part of.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "media/describe.h"

#include "media/source.h"

void
describe_packet(struct media_packet *packet,
                struct rtp_dependency_structure *structure)
{
    struct span value = rtp_extensions_get(&packet->extensions,
                                           RTP_EXT_DEPENDENCY_DESCRIPTOR);

    codec_picture_read(&packet->picture, packet->format->codec,
                       packet->rtp.payload);
    packet->keyframe = packet->picture.keyframe;
    packet->has_dependency = value.len != 0
                             && rtp_dependency_parse(&packet->dependency,
                                                     structure, value) == 0;

    /* also where the payload is encrypted */
    if (packet->has_dependency && packet->dependency.has_structure) {
        packet->keyframe = true;
    }
}

void
describe_again(struct media_packet *packet,
               const struct rtp_dependency_structure *structure)
{
    struct rtp_dependency_structure copy;

    if (rtp_extensions_has(&packet->extensions,
                           RTP_EXT_DEPENDENCY_DESCRIPTOR)) {
        copy = *structure;
        describe_packet(packet, &copy);
    } else {
        describe_packet(packet, NULL);
    }
}
