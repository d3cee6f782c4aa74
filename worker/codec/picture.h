/*
 * codec/picture.h - which picture a payload is a part of, and of which layer.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What forwarding needs to know of a packet, read once for all subscribers.
 * It is a hint: of a payload that is not understood (one that is encrypted end
 * to end) nothing is known, and such packets are forwarded as they are.
 */

#ifndef SFU_CODEC_PICTURE_H
#define SFU_CODEC_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/codec.h"

struct codec_picture {
    bool keyframe;              /* as codec_is_keyframe() */
    bool has_spatial;
    bool has_temporal;
    uint8_t spatial;            /* 0 is the base layer */
    uint8_t temporal;
    bool sync;                  /* needs nothing above the base layer */
    bool starts;                /* a frame of this layer begins, */
    bool ends;                  /* or ends here, where has_spatial */
    bool predicted;             /* needs an earlier picture (VP9) */

    /* numbers that subscribers see without a gap; offsets in the payload */
    bool has_id;
    bool id_long;               /* 15 bits, else 7 */
    bool has_tl0;
    uint8_t tl0;
    uint16_t id;
    uint8_t id_offset;
    uint8_t tl0_offset;
};

/* what is subtracted from those numbers */
struct codec_shift {
    uint16_t id;
    uint8_t tl0;
};

void codec_picture_read(struct codec_picture *picture, enum codec_id codec,
                        struct span payload);

static inline bool
codec_shift_any(struct codec_shift shift)
{
    return shift.id != 0 || shift.tl0 != 0;
}

/* how the numbers of "next" follow on those of "last" shifted by "shift" */
struct codec_shift codec_shift_next(const struct codec_picture *last,
                                    struct codec_shift shift,
                                    const struct codec_picture *next);

/* writes the shifted numbers into a copy of the payload that was read */
void codec_picture_shift(const struct codec_picture *picture,
                         struct codec_shift shift, uint8_t *payload);

#endif
