/*
 * media/format.h - what a payload type of a session means.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_FORMAT_H
#define SFU_MEDIA_FORMAT_H

#include "codec/codec.h"

enum {
    MEDIA_FORMATS_MAX = 48,     /* of one track; browsers offer about 20 */
    MEDIA_MID_SIZE = 129,       /* with the terminating zero */
    MEDIA_PT_NONE = 0xff,
    MEDIA_RID_SIZE = 33,        /* with the terminating zero */
    MEDIA_LAYERS_MAX = 8,       /* encodings of one track */
    MEDIA_LAYER_ALL = 0xff,     /* no limit of spatial or temporal layers */
};

struct media_format {
    enum codec_id codec;
    uint8_t pt;
    uint8_t rtx_pt;             /* MEDIA_PT_NONE without RTX */
    uint32_t clock_rate;
    bool nack;                  /* feedback that the sender understands */
    bool pli;
    bool fir;
};

#endif
