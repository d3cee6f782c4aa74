/*
 * base/map_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "base/map.h"
#include "test/tap.h"

struct item {
    struct map_entry entry;
    uint32_t key;
};

enum { ITEMS = 1000 };

static struct item items[ITEMS];

static struct span
key_of(const uint32_t *key)
{
    return span_of(key, sizeof(*key));
}

static int
fill(void)
{
    struct map map;
    size_t found = 0;
    size_t walked = 0;
    int error = map_init(&map);

    if (error) {
        return error;
    }

    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i].key = i * 7;
        map_insert(&map, &items[i].entry, key_of(&items[i].key));
    }

    for (uint32_t i = 0; i < ITEMS; i++) {
        uint32_t key = i * 7;

        found += map_find(&map, key_of(&key)) == &items[i].entry;
    }

    for (struct map_entry *e = map_next(&map, NULL); e; e = map_next(&map, e)) {
        walked++;
    }

    map_fini(&map);

    return found == ITEMS && walked == ITEMS ? 0 : -1;
}

int
main(void)
{
    struct map_entry *const *chain;
    const struct map_entry *in;
    struct map map;
    uint32_t key = 7;
    size_t left = 0;

    tap_is_int(map_init(&map), 0, "init");

    tap_ok(map_look_ahead(&map, key_of(&key)) == NULL,
           "nothing to look at in an empty map");

    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i].key = i;
        map_insert(&map, &items[i].entry, key_of(&items[i].key));
    }

    tap_ok(map_find(&map, key_of(&key)) == &items[7].entry, "finds an entry");
    chain = map_look_ahead(&map, key_of(&key));

    for (in = *chain; in != NULL && in != &items[7].entry; in = in->next) {
    }

    tap_ok(in != NULL, "looks ahead at the chain that it is in");
    map_remove(&map, &items[7].entry);
    map_remove(&map, &items[7].entry);
    tap_ok(map_find(&map, key_of(&key)) == NULL, "not after removal");
    tap_is_int((long long)map.count, ITEMS - 1, "removed twice, counted once");

    for (struct map_entry *e = map_next(&map, NULL), *next; e; e = next) {
        next = map_next(&map, e);
        map_remove(&map, e);
        left++;
    }

    tap_is_int((long long)left, ITEMS - 1, "a walk meets every entry");
    tap_is_int((long long)map.count, 0, "and may remove what it passed");
    map_fini(&map);
    tap_each_allocation_fails(fill);

    return tap_done();
}
