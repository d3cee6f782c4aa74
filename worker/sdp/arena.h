/*
 * sdp/arena.h - memory that is given back all at once.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A description is many short strings and lists that live and die together.
 */

#ifndef SFU_SDP_ARENA_H
#define SFU_SDP_ARENA_H

#include <stddef.h>

#include "base/span.h"

struct sdp_arena_chunk;

struct sdp_arena {
    struct sdp_arena_chunk *chunks;     /* owned, newest first */
    unsigned char *free;                /* in the newest */
    size_t left;
};

void sdp_arena_init(struct sdp_arena *a);
void sdp_arena_fini(struct sdp_arena *a);

/* zeroed, aligned for anything; NULL when out of memory */
void *sdp_arena_alloc(struct sdp_arena *a, size_t size);

/* a zero-terminated copy; NULL when out of memory */
char *sdp_arena_text(struct sdp_arena *a, struct span text);

/*
 * Room for one more element at the end of an array that holds count of them
 * and was only ever grown by this; the array may move.  NULL when out of
 * memory, and the array is as it was.
 */
void *sdp_arena_push(struct sdp_arena *a, void *array, size_t count,
    size_t size);

#endif
