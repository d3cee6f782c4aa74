/*
 * media/choice.h - which of what a track has a subscriber wants.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_CHOICE_H
#define SFU_MEDIA_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/format.h"

/* all zero: as much as gets through */
struct media_choice {
    char rid[MEDIA_RID_SIZE];           /* an encoding of simulcast, or "" */
    bool by_priority;           /* less than that, when packets are lost */
    bool by_availability;       /* another one, while there is none of it */
    /* of SVC, so many layers from the lowest; 0: all */
    uint8_t spatial_layers;
    uint8_t temporal_layers;
};

#endif
