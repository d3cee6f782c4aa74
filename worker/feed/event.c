/*
 * feed/event.c - something that is told to a connection.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "feed/event.h"

#include <stdlib.h>
#include <string.h>

struct feed_event *
feed_event_create(const char *name, const struct feed_member *members,
                  size_t count)
{
    size_t bytes = sizeof(struct feed_event)
                   + count * sizeof(struct feed_member);
    struct feed_event *e;
    char *text;

    for (size_t i = 0; i < count; i++) {
        bytes += members[i].text != NULL ? strlen(members[i].text) + 1 : 0;
    }

    e = malloc(bytes);

    if (e == NULL) {
        return NULL;
    }

    *e = (struct feed_event){ .name = name, .bytes = bytes, .count = count };
    list_init(&e->in_feed);
    list_init(&e->in_connection);
    text = (char *)&e->members[count];

    for (size_t i = 0; i < count; i++) {
        e->members[i] = members[i];

        if (members[i].text != NULL) {
            size_t len = strlen(members[i].text) + 1;

            e->members[i].text = memcpy(text, members[i].text, len);
            text += len;
        }
    }

    return e;
}
