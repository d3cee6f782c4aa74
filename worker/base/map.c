/*
 * base/map.c - a hash table whose entries sit inside the objects.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/map.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/error.h"

enum { MAP_FIRST_SIZE = 16 };

static inline uint64_t
rotate(uint64_t v, int bits)
{
    return v << bits | v >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* Aumasson, Bernstein: SipHash; one compression round, three at the end */
static uint64_t
sip_hash(const uint64_t seed[2], struct span key)
{
    uint64_t v[4] = {
        seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
        seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573,
    };
    uint64_t word;
    size_t i = 0;

    for (; i + 8 <= key.len; i += 8) {
        memcpy(&word, key.data + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }

    word = (uint64_t)key.len << 56;

    for (int shift = 0; i < key.len; i++, shift += 8) {
        word |= (uint64_t)key.data[i] << shift;
    }

    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);

    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int
map_init(struct map *m)
{
    *m = (struct map){ .size = MAP_FIRST_SIZE };

    if (getrandom(m->seed, sizeof(m->seed), 0) != sizeof(m->seed)) {
        return SFU_ERR_SYSTEM;
    }

    m->buckets = calloc(m->size, sizeof(m->buckets[0]));

    return m->buckets != NULL ? 0 : SFU_ERR_NOMEM;
}

void
map_fini(struct map *m)
{
    free(m->buckets);
    *m = (struct map){ 0 };
}

static void
grow(struct map *m)
{
    size_t size = m->size * 2;
    struct map_entry **buckets = calloc(size, sizeof(buckets[0]));

    if (buckets == NULL) {
        return;
    }

    for (size_t i = 0; i < m->size; i++) {
        struct map_entry *next;

        for (struct map_entry *e = m->buckets[i]; e != NULL; e = next) {
            next = e->next;
            e->next = buckets[e->hash & (size - 1)];
            buckets[e->hash & (size - 1)] = e;
        }
    }

    free(m->buckets);
    m->buckets = buckets;
    m->size = size;
}

void
map_insert(struct map *m, struct map_entry *e, struct span key)
{
    struct map_entry **bucket;

    if (m->buckets == NULL) {
        return;         /* its owner ran out of memory, and is about to go */
    }

    if (m->count >= m->size) {
        grow(m);
    }

    e->key = key;
    e->hash = sip_hash(m->seed, key);
    bucket = &m->buckets[e->hash & (m->size - 1)];
    e->next = *bucket;
    *bucket = e;
    m->count++;
}

void
map_remove(struct map *m, struct map_entry *e)
{
    struct map_entry **p;

    if (m->buckets == NULL) {
        return;
    }

    for (p = &m->buckets[e->hash & (m->size - 1)]; *p; p = &(*p)->next) {
        if (*p == e) {
            *p = e->next;
            e->next = NULL;
            m->count--;
            return;
        }
    }
}

struct map_entry *const *
map_look_ahead(const struct map *m, struct span key)
{
    struct map_entry *const *bucket;

    if (m->count == 0) {
        return NULL;
    }

    bucket = &m->buckets[sip_hash(m->seed, key) & (m->size - 1)];
    __builtin_prefetch(bucket);

    return bucket;
}

struct map_entry *
map_find(const struct map *m, struct span key)
{
    struct map_entry *e;
    uint64_t hash;

    if (m->count == 0) {
        return NULL;
    }

    hash = sip_hash(m->seed, key);
    e = m->buckets[hash & (m->size - 1)];

    while (e != NULL && (e->hash != hash || !span_eq(e->key, key))) {
        e = e->next;
    }

    return e;
}

struct map_entry *
map_next(const struct map *m, const struct map_entry *e)
{
    size_t i = 0;

    if (m->count == 0) {
        return NULL;
    }

    if (e != NULL) {
        if (e->next != NULL) {
            return e->next;
        }

        i = (e->hash & (m->size - 1)) + 1;
    }

    for (; i < m->size; i++) {
        if (m->buckets[i] != NULL) {
            return m->buckets[i];
        }
    }

    return NULL;
}
