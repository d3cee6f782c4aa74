/*
 * media/figures.h - the figures of one session's tracks.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_MEDIA_FIGURES_H
#define SFU_MEDIA_FIGURES_H

#include <stdint.h>

struct media_peer;

/* posts MEDIA_EVENT_FIGURES */
void figures_answer(struct media_peer *peer, uint64_t token);

#endif
