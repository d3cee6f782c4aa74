/*
 * ipc/ipc_priv.h - members of a JSON object, one at a time.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What has another type, or is too long or large, is as good as absent, and
 * remembered: ask .wrong once, at the end.
 */

#ifndef SFU_IPC_PRIV_H
#define SFU_IPC_PRIV_H

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

/* a member that could not be taken; the first one is told */
struct fields {
    const json_t *object;
    const char *wrong;
};

/* NULL and null mean: not there */
static inline const json_t *
member(struct fields *f, const char *name)
{
    const json_t *value = json_object_get(f->object, name);

    return json_is_null(value) ? NULL : value;
}

static inline const char *
take_string(struct fields *f, const char *name, size_t max, const char *wrong)
{
    const json_t *value = member(f, name);

    if (value == NULL) {
        return NULL;
    }

    /* a zero byte inside would end it early */
    if (!json_is_string(value)
        || (max && json_string_length(value) > max)
        || strlen(json_string_value(value)) != json_string_length(value)) {
        f->wrong = f->wrong != NULL ? f->wrong : wrong;
        return NULL;
    }

    return json_string_value(value);
}

static inline bool
take_bool(struct fields *f, const char *name, const char *wrong)
{
    const json_t *value = member(f, name);

    if (value != NULL && !json_is_boolean(value)) {
        f->wrong = f->wrong != NULL ? f->wrong : wrong;
    }

    return json_is_true(value);
}

static inline long long
take_integer(struct fields *f, const char *name, long long max,
             const char *wrong)
{
    const json_t *value = member(f, name);

    if (value == NULL) {
        return 0;
    }

    if (!json_is_integer(value) || json_integer_value(value) < 0
        || json_integer_value(value) > max) {
        f->wrong = f->wrong != NULL ? f->wrong : wrong;
        return 0;
    }

    return json_integer_value(value);
}

#endif
