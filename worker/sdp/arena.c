/*
 * sdp/arena.c - memory that is given back all at once.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sdp/arena.h"

#include <stdalign.h>
#include <stdlib.h>

enum { ARENA_CHUNK = 2000, ARENA_FIRST_ARRAY = 4 };

struct sdp_arena_chunk {
    alignas(max_align_t) struct sdp_arena_chunk *next;
};

void
sdp_arena_init(struct sdp_arena *a)
{
    *a = (struct sdp_arena){ 0 };
}

void
sdp_arena_fini(struct sdp_arena *a)
{
    struct sdp_arena_chunk *next;

    for (struct sdp_arena_chunk *c = a->chunks; c != NULL; c = next) {
        next = c->next;
        free(c);
    }

    sdp_arena_init(a);
}

/* a large piece gets a chunk of its own, behind the one in use */
static void *
alloc_apart(struct sdp_arena *a, size_t size)
{
    struct sdp_arena_chunk *c = calloc(1, sizeof(*c) + size);

    if (c == NULL) {
        return NULL;
    }

    if (a->chunks != NULL) {
        c->next = a->chunks->next;
        a->chunks->next = c;

    } else {
        a->chunks = c;
    }

    return c + 1;
}

void *
sdp_arena_alloc(struct sdp_arena *a, size_t size)
{
    const size_t mask = alignof(max_align_t) - 1;
    struct sdp_arena_chunk *c;
    void *p;

    if (size > SIZE_MAX / 2) {
        return NULL;
    }

    /* nothing is not NULL, which tells that memory ran out */
    size = ((size ? size : 1) + mask) & ~mask;

    if (size > a->left) {
        if (size > ARENA_CHUNK / 4) {
            return alloc_apart(a, size);
        }

        c = calloc(1, sizeof(*c) + (ARENA_CHUNK & ~mask));

        if (c == NULL) {
            return NULL;
        }

        c->next = a->chunks;
        a->chunks = c;
        a->free = (unsigned char *)(c + 1);
        a->left = ARENA_CHUNK & ~mask;
    }

    p = a->free;
    a->free += size;
    a->left -= size;

    return p;
}

char *
sdp_arena_text(struct sdp_arena *a, struct span text)
{
    char *copy = sdp_arena_alloc(a, text.len + 1);

    if (copy != NULL && text.len) {
        memcpy(copy, text.data, text.len);
    }

    return copy;
}

/* the capacity is not stored: it is count rounded up to a power of two */
void *
sdp_arena_push(struct sdp_arena *a, void *array, size_t count, size_t size)
{
    size_t room = count ? count * 2 : ARENA_FIRST_ARRAY;
    void *larger;

    if (count && (count < ARENA_FIRST_ARRAY || (count & (count - 1)))) {
        return array;
    }

    larger = sdp_arena_alloc(a, room * size);

    if (larger != NULL && count) {
        memcpy(larger, array, count * size);
    }

    return larger;
}
