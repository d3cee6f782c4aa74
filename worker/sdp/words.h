/*
 * sdp/words.h - the words SDP has for our enums.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SDP_WORDS_H
#define SFU_SDP_WORDS_H

#include "sdp/description.h"

/* false when it is none of them */
bool sdp_direction_by_word(struct span word, enum sdp_direction *direction);
const char *sdp_direction_word(enum sdp_direction direction);

/* SDP_SETUP_NONE, SDP_HASH_NONE when it is none of them; "" for those */
enum sdp_setup sdp_setup_by_word(struct span word);
const char *sdp_setup_word(enum sdp_setup setup);
enum sdp_hash sdp_hash_by_word(struct span word);
const char *sdp_hash_word(enum sdp_hash hash);

/* 0 when it is none of ours; the first bit that is set */
uint32_t sdp_feedback_by_words(struct span words);
const char *sdp_feedback_words(uint32_t bit);

#endif
