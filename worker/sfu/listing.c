/*
 * sfu/listing.c - the sessions of an app, some at a time.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/listing.h"

#include <stdlib.h>

#include "base/error.h"
#include "sfu/session.h"

/* metadata of control characters takes six bytes for one */
_Static_assert(LISTING_MAX * (6 * SFU_IPC_METADATA_MAX + 256)
                   < SFU_IPC_MESSAGE_MAX,
               "a page of the list fits into a message");

/* where to go on: the one that was last may have ended since */
static struct list *
first_after(struct sfu *sfu, uint64_t number)
{
    struct map_entry *e = map_find(&sfu->numbers,
                                   span_of(&number, sizeof(number)));
    struct list *node = sfu->in_order.next;

    if (e != NULL) {
        return container_of(e, struct sfu_session, by_number)->in_order.next;
    }

    while (node != &sfu->in_order
           && container_of(node, struct sfu_session, in_order)->number
                  <= number) {
        node = node->next;
    }

    return node;
}

static int
add(struct sfu_reply *reply, const struct sfu_session *session)
{
    struct sfu_reply_session *entry = &reply->sessions[reply->session_count];

    entry->state = sfu_session_state_name(session);

    if (sfu_reply_set(&entry->id, session->id)) {
        return SFU_ERR_NOMEM;
    }

    reply->session_count++;

    return sfu_reply_set(&entry->metadata, session->metadata);
}

void
listing_make(struct sfu *sfu, const struct sfu_request *request,
             struct sfu_reply *reply)
{
    struct list *node = first_after(sfu, request->after);
    uint64_t last = 0;

    reply->sessions = calloc(LISTING_MAX, sizeof(*reply->sessions));

    if (reply->sessions == NULL) {
        sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
        return;
    }

    for (; node != &sfu->in_order; node = node->next) {
        struct sfu_session *session = container_of(node, struct sfu_session,
                                                   in_order);

        if (strcmp(session->app, request->app) != 0) {
            continue;
        }

        if (reply->session_count == LISTING_MAX) {
            reply->after = last;
            return;
        }

        if (add(reply, session)) {
            sfu_reply_error(reply, SFU_IPC_ERR_INTERNAL, "out of memory");
            return;
        }

        last = session->number;
    }
}
