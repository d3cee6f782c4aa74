/*
 * ipc/object.h - a JSON object that is put together.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What could not be put in is remembered: without memory, or with text that
 * is no UTF-8, finish() gives nothing.
 */

#ifndef SFU_IPC_OBJECT_H
#define SFU_IPC_OBJECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object {
    json_t *json;
    bool failed;
};

static inline struct object
object_new(void)
{
    return (struct object){ json_object(), false };
}

/* takes the value, which may be NULL for a failure of its own */
static inline void
put(struct object *o, const char *name, json_t *value)
{
    o->failed |= json_object_set_new(o->json, name, value) == -1;
}

/* NULL: not there */
static inline void
put_string(struct object *o, const char *name, const char *value)
{
    if (value != NULL) {
        put(o, name, json_string(value));
    }
}

static inline void
put_number(struct object *o, const char *name, int64_t value)
{
    put(o, name, json_integer(value));
}

static inline void
put_bool(struct object *o, const char *name, bool value)
{
    put(o, name, json_boolean(value));
}

/* one more of a list that is put in later */
static inline void
add_to(struct object *o, json_t *list, json_t *value)
{
    o->failed |= json_array_append_new(list, value) == -1;
}

/* NULL: something failed */
static inline json_t *
finish(struct object *o)
{
    if (o->failed) {
        json_decref(o->json);
        return NULL;
    }

    return o->json;
}

#endif
