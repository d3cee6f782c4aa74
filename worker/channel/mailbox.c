/*
 * channel/mailbox.c - messages that wait for somebody who is away.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "channel/mailbox.h"

#include <stdlib.h>

#include "base/error.h"

static struct channel_message *
message_of(struct list *node)
{
    return container_of(node, struct channel_message, node);
}

static struct channel_mailbox *
find(const struct channel *channel, const char *recipient)
{
    struct map_entry *e = map_find(&channel->mailboxes, span_str(recipient));

    return e != NULL ? container_of(e, struct channel_mailbox, by_recipient)
                     : NULL;
}

static void
take_out(struct channel_mailbox *box, struct channel_message *m)
{
    struct channels *channels = box->channel->channels;

    list_remove(&m->node);
    box->count--;
    box->bytes -= m->bytes;
    channels->bytes -= m->memory;
    channels->figures.waiting--;
    free(m);
}

static void
drop(struct channel_mailbox *box, struct channel_message *m,
     enum channel_drop why)
{
    box->channel->channels->figures.drops[why]++;
    take_out(box, m);
}

/* an empty one goes, and its channel may follow */
static void
settle(struct channel_mailbox *box)
{
    struct channel *channel = box->channel;

    if (box->count == 0) {
        timer_disarm(channel->channels->wheel, &box->timer);
        map_remove(&channel->mailboxes, &box->by_recipient);
        free(box);
        channel_settle(channel);
    }
}

static void
arm(struct channel_mailbox *box)
{
    usec_t first = message_of(box->messages.next)->expires;

    list_each(node, next, &box->messages) {
        usec_t expires = message_of(node)->expires;

        first = expires < first ? expires : first;
    }

    timer_arm(box->channel->channels->wheel, &box->timer, first);
}

static void
expire(struct channel_mailbox *box, usec_t now)
{
    list_each(node, next, &box->messages) {
        if (message_of(node)->expires <= now) {
            drop(box, message_of(node), CHANNEL_DROP_expired);
        }
    }
}

static void
time_is_up(struct timer *timer, usec_t now)
{
    struct channel_mailbox *box = container_of(timer, struct channel_mailbox,
                                               timer);

    expire(box, now);

    if (box->count) {
        arm(box);
    }

    settle(box);
}

static int
open(struct channel *channel, const char *recipient,
     struct channel_mailbox **out)
{
    size_t max = channel->limits.clients;
    size_t size = strlen(recipient) + 1;
    struct channel_mailbox *box = find(channel, recipient);

    *out = box;

    if (box != NULL) {
        return 0;
    }

    if (max && channel->mailboxes.count >= max) {
        return SFU_ERR_LIMIT;
    }

    box = calloc(1, sizeof(*box) + size);

    if (box == NULL) {
        return SFU_ERR_NOMEM;
    }

    box->channel = channel;
    memcpy(box->recipient, recipient, size);
    list_init(&box->messages);
    timer_init(&box->timer, time_is_up);
    map_insert(&channel->mailboxes, &box->by_recipient,
               span_str(box->recipient));
    *out = box;

    return 0;
}

/* the description that waits gives way to a newer one, with what is its */
static void
overwrite(struct channel_mailbox *box, const char *from,
          enum channel_kind kind)
{
    bool found = false;

    list_each(node, next, &box->messages) {
        struct channel_message *m = message_of(node);

        if (m->kind == kind && strcmp(m->from, from) == 0) {
            drop(box, m, CHANNEL_DROP_replaced);
            found = true;
        }
    }

    if (!found) {
        return;
    }

    list_each(node, next, &box->messages) {
        struct channel_message *m = message_of(node);

        if (m->kind == CHANNEL_CANDIDATE && strcmp(m->from, from) == 0) {
            drop(box, m, CHANNEL_DROP_outdated);
        }
    }
}

static bool
has_room(const struct channel_mailbox *box, size_t bytes, size_t memory)
{
    const struct channel_limits *l = &box->channel->limits;
    const struct channels *channels = box->channel->channels;

    return (l->messages == 0 || box->count < l->messages)
           && (l->bytes == 0 || box->bytes + bytes <= l->bytes)
           && channels->bytes + memory <= channels->settings->memory_max;
}

/* the oldest candidates go first */
static bool
make_room(struct channel_mailbox *box, size_t bytes, size_t memory)
{
    size_t max = box->channel->limits.bytes;

    if (max && bytes > max) {
        return false;
    }

    list_each(node, next, &box->messages) {
        if (has_room(box, bytes, memory)) {
            break;
        }

        if (message_of(node)->kind == CHANNEL_CANDIDATE) {
            drop(box, message_of(node), CHANNEL_DROP_crowded);
        }
    }

    return has_room(box, bytes, memory);
}

static struct channel_message *
message_create(const char *from, const char *payload, size_t memory)
{
    struct channel_message *m = malloc(memory);
    size_t from_size = strlen(from) + 1;
    char *text;

    if (m == NULL) {
        return NULL;
    }

    text = (char *)(m + 1);
    *m = (struct channel_message){
        .bytes = strlen(payload), .memory = memory,
        .from = memcpy(text, from, from_size),
        .payload = strcpy(text + from_size, payload),
    };

    return m;
}

static int
put(struct channel_mailbox *box, const char *from, enum channel_kind kind,
    const char *payload, usec_t expires)
{
    struct channels *channels = box->channel->channels;
    size_t memory = sizeof(struct channel_message) + strlen(from) + 1
                    + strlen(payload) + 1;
    struct channel_message *m = message_create(from, payload, memory);

    if (m == NULL) {
        return SFU_ERR_NOMEM;
    }

    if (kind != CHANNEL_CANDIDATE) {
        overwrite(box, from, kind);
    }

    if (!make_room(box, m->bytes, memory)) {
        channels->figures.drops[CHANNEL_DROP_full]++;
        free(m);
        return SFU_ERR_LIMIT;
    }

    m->kind = kind;
    m->expires = expires;
    list_append(&box->messages, &m->node);
    box->count++;
    box->bytes += m->bytes;
    channels->bytes += memory;
    channels->figures.waiting++;
    channels->figures.stored++;
    arm(box);

    return 0;
}

int
channel_mailbox_put(struct channel *channel, const char *recipient,
                    const char *from, enum channel_kind kind,
                    const char *payload, usec_t expires)
{
    struct channel_mailbox *box;
    int error = open(channel, recipient, &box);

    if (error) {
        channel->channels->figures.drops[CHANNEL_DROP_full]++;
        return error;
    }

    expire(box, *channel->channels->now);
    error = put(box, from, kind, payload, expires);
    settle(box);

    return error;
}

void
channel_mailbox_deliver(struct channel_client *client)
{
    struct channel_mailbox *box = find(client->channel, client->id);

    if (box == NULL) {
        return;
    }

    expire(box, *client->channel->channels->now);

    while (box->count) {
        struct channel_message *m = message_of(box->messages.next);

        channel_client_tell(client, m->kind, m->from, m->payload);
        take_out(box, m);
    }

    settle(box);
}

void
channel_mailboxes_drop(struct channel *channel)
{
    struct map_entry *e;

    while ((e = map_next(&channel->mailboxes, NULL)) != NULL) {
        struct channel_mailbox *box = container_of(e, struct channel_mailbox,
                                                   by_recipient);

        while (box->count) {
            drop(box, message_of(box->messages.next), CHANNEL_DROP_deleted);
        }

        settle(box);
    }
}
