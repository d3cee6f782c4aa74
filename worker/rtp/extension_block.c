/*
 * rtp/extension_block.c - the extension block that one subscriber gets with
 * nearly every packet.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "rtp/extension_block.h"

enum {
    TRANSPORT_CC_LEN = 2,
    ABS_SEND_TIME_LEN = 3,
};

/* the block with these numbers, or a failed writer */
static struct span
write_with(uint8_t *bytes, const struct rtp_extension_map *map,
           struct span mid, uint16_t transport_cc, uint32_t abs_send_time)
{
    struct writer w = writer_over(bytes, RTP_EXTENSION_BLOCK_MAX);
    struct rtp_extension_hop hop = {
        .has_transport_cc = rtp_extension_map_id(map, RTP_EXT_TRANSPORT_CC),
        .has_abs_send_time = rtp_extension_map_id(map, RTP_EXT_ABS_SEND_TIME),
        .transport_cc = transport_cc,
        .abs_send_time = abs_send_time,
    };

    if (rtp_extension_map_id(map, RTP_EXT_MID)) {
        hop.mid = mid;
    }

    rtp_extensions_write(&w, map, NULL, &hop);

    return writer_ok(&w) ? writer_span(&w) : span_of(NULL, 1);
}

/* the first byte that is another one in b; 0: none */
static uint8_t
difference(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i]) {
            return (uint8_t)i;
        }
    }

    return 0;
}

void
rtp_extension_block_make(struct rtp_extension_block *block,
                         const struct rtp_extension_map *map, struct span mid)
{
    uint8_t other[RTP_EXTENSION_BLOCK_MAX];
    struct span plain = write_with(block->bytes, map, mid, 0, 0);

    block->usable = plain.data != NULL;
    block->len = block->usable ? (uint8_t)plain.len : 0;
    block->passes = rtp_extension_map_passes(map);

    /* where the numbers are shows by writing others */
    write_with(other, map, mid, 0xffff, 0);
    block->transport_cc_at = difference(block->bytes, other, block->len);
    write_with(other, map, mid, 0, 0xffffff);
    block->abs_send_time_at = difference(block->bytes, other, block->len);
}

void
rtp_extension_block_write(const struct rtp_extension_block *block,
                          struct writer *w, uint16_t transport_cc,
                          uint32_t abs_send_time)
{
    uint8_t *room = writer_room(w, block->len);
    struct writer number;

    if (room == NULL) {
        return;
    }

    memcpy(room, block->bytes, block->len);

    if (block->transport_cc_at) {
        number = writer_over(room + block->transport_cc_at, TRANSPORT_CC_LEN);
        writer_u16(&number, transport_cc);
    }

    if (block->abs_send_time_at) {
        number = writer_over(room + block->abs_send_time_at,
                             ABS_SEND_TIME_LEN);
        writer_u24(&number, abs_send_time);
    }
}
