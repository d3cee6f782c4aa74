/*
 * rtp/extension_block.h - the extension block that one subscriber gets with
 * nearly every packet.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Its mid stays, two numbers change, and video rarely has anything else to
 * pass on: so the block is made once, and copied with its numbers put in.
 * rtp/extension.h writes the others.
 */

#ifndef SFU_RTP_EXTENSION_BLOCK_H
#define SFU_RTP_EXTENSION_BLOCK_H

#include "rtp/extension.h"

enum { RTP_EXTENSION_BLOCK_MAX = 48 };

struct rtp_extension_block {
    uint8_t len;                /* 0: there is no such block, or it is empty */
    uint8_t transport_cc_at;    /* 0: not in it */
    uint8_t abs_send_time_at;   /* 0: not in it */
    bool usable;                /* it was not too long */
    uint32_t passes;            /* what a source may add to it */
    uint8_t bytes[RTP_EXTENSION_BLOCK_MAX];
};

/* mid is used where the map has an id for it */
void rtp_extension_block_make(struct rtp_extension_block *block,
                              const struct rtp_extension_map *map,
                              struct span mid);

/* whether a packet with these extensions gets just this block */
static inline bool
rtp_extension_block_fits(const struct rtp_extension_block *block,
                         const struct rtp_extensions *source)
{
    return block->usable && !(source->present & block->passes);
}

/*
 * As rtp_extensions_write() does.  abs_send_time: 24 bits.  What is not in the
 * block is ignored.
 */
void rtp_extension_block_write(const struct rtp_extension_block *block,
                               struct writer *w, uint16_t transport_cc,
                               uint32_t abs_send_time);

#endif
