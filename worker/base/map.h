/*
 * base/map.h - a hash table whose entries sit inside the objects.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Keys are bytes that live as long as the entry does (normally in the same
 * object).  Hashing is SipHash-1-3 under a random seed, since peers choose
 * most keys (addresses, SSRCs, names).
 */

#ifndef SFU_BASE_MAP_H
#define SFU_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct map_entry {
    struct map_entry *next;
    uint64_t hash;
    struct span key;            /* borrowed, normally from the same object */
};

struct map {
    struct map_entry **buckets; /* owned */
    size_t size;                /* a power of two */
    size_t count;
    uint64_t seed[2];
};

/* SFU_ERR_NOMEM */
int map_init(struct map *m);
void map_fini(struct map *m);

/*
 * The key must not be in the map.  Never fails: when the table cannot grow,
 * chains do.
 */
void map_insert(struct map *m, struct map_entry *e, struct span key);
/* an entry that is not in the map is left alone */
void map_remove(struct map *m, struct map_entry *e);
struct map_entry *map_find(const struct map *m, struct span key);

/*
 * Ahead of map_find(), for many keys at once: asks for the head of the chain
 * that the key would be in, which is at the address returned; NULL: the map is
 * empty.
 */
struct map_entry *const *map_look_ahead(const struct map *m, struct span key);

/*
 * All entries, one after another; NULL starts and ends.  Nothing may be
 * inserted meanwhile; the entry last given may be removed once its successor
 * was fetched.
 */
struct map_entry *map_next(const struct map *m, const struct map_entry *e);

#endif
