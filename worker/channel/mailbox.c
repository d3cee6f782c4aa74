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
}

static void
drop(struct channel_mailbox *box, struct channel_message *m,
     enum channel_drop why)
{
    box->channel->channels->figures.drops[why]++;
    take_out(box, m);
    free(m);
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

static bool
is_overwritten(const struct channel_message *m,
               const struct channel_words *words)
{
    return words->kind != CHANNEL_CANDIDATE && m->words.kind == words->kind
           && strcmp(m->words.from, words->from) == 0;
}

/* the description that waits gives way to a newer one, with what is its */
static void
overwrite(struct channel_mailbox *box, const struct channel_words *words)
{
    bool found = false;

    list_each(node, next, &box->messages) {
        struct channel_message *m = message_of(node);

        if (is_overwritten(m, words)) {
            drop(box, m, CHANNEL_DROP_replaced);
            found = true;
        }
    }

    if (!found) {
        return;
    }

    list_each(node, next, &box->messages) {
        struct channel_message *m = message_of(node);

        if (m->words.kind == CHANNEL_CANDIDATE
            && strcmp(m->words.from, words->from) == 0) {
            drop(box, m, CHANNEL_DROP_outdated);
        }
    }
}

/* one message, or several */
struct load {
    size_t count;
    size_t bytes;
    size_t memory;
};

/* for one more, when so much has gone */
static bool
has_room(const struct channel_mailbox *box, const struct load *more,
         const struct load *less)
{
    const struct channel_limits *l = &box->channel->limits;
    const struct channels *channels = box->channel->channels;
    size_t count = box->count - less->count;

    if (channels->bytes - less->memory + more->memory
        > channels->settings->memory_max) {
        return false;
    }

    /* all viewers together, each with one offer */
    if (strcmp(box->recipient, CHANNEL_WORKER) == 0) {
        return l->clients == 0 || count < l->clients;
    }

    return (l->messages == 0 || count < l->messages)
           && (l->bytes == 0
               || box->bytes - less->bytes + more->bytes <= l->bytes);
}

/* whether there is, once all that may give way has done so */
static bool
could_have_room(const struct channel_mailbox *box,
                const struct channel_words *words, const struct load *more)
{
    size_t max = box->channel->limits.bytes;
    struct load less = { 0 };

    list_each(node, next, &box->messages) {
        const struct channel_message *m = message_of(node);

        if (m->words.kind == CHANNEL_CANDIDATE || is_overwritten(m, words)) {
            less.count++;
            less.bytes += m->bytes;
            less.memory += m->memory;
        }
    }

    return (max == 0 || more->bytes <= max) && has_room(box, more, &less);
}

/* the oldest candidates go first */
static void
make_room(struct channel_mailbox *box, const struct load *more)
{
    struct load none = { 0 };

    list_each(node, next, &box->messages) {
        if (has_room(box, more, &none)) {
            return;
        }

        if (message_of(node)->words.kind == CHANNEL_CANDIDATE) {
            drop(box, message_of(node), CHANNEL_DROP_crowded);
        }
    }
}

static struct channel_message *
message_create(const struct channel_words *words, size_t memory)
{
    struct channel_message *m = malloc(memory);
    size_t from_size = strlen(words->from) + 1;
    char *text;

    if (m == NULL) {
        return NULL;
    }

    text = (char *)(m + 1);
    *m = (struct channel_message){
        .words = *words, .bytes = strlen(words->payload), .memory = memory,
    };
    m->words.from = memcpy(text, words->from, from_size);
    m->words.payload = strcpy(text + from_size, words->payload);

    return m;
}

static int
put(struct channel_mailbox *box, const struct channel_words *words,
    usec_t expires)
{
    struct channels *channels = box->channel->channels;
    size_t memory = sizeof(struct channel_message) + strlen(words->from) + 1
                    + strlen(words->payload) + 1;
    struct load more = { 1, strlen(words->payload), memory };
    struct channel_message *m;

    /* what is refused leaves all as it was */
    if (!could_have_room(box, words, &more)) {
        channels->figures.drops[CHANNEL_DROP_full]++;
        return SFU_ERR_LIMIT;
    }

    m = message_create(words, memory);

    if (m == NULL) {
        return SFU_ERR_NOMEM;
    }

    overwrite(box, words);
    make_room(box, &more);
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
                    const struct channel_words *words, usec_t expires)
{
    struct channel_mailbox *box;
    int error = open(channel, recipient, &box);

    if (error) {
        channel->channels->figures.drops[CHANNEL_DROP_full]++;
        return error;
    }

    expire(box, *channel->channels->now);
    error = put(box, words, expires);
    settle(box);

    return error;
}

struct channel_message *
channel_mailbox_take(struct channel *channel, const char *recipient)
{
    struct channel_mailbox *box = find(channel, recipient);
    struct channel_message *m = NULL;

    if (box == NULL) {
        return NULL;
    }

    expire(box, *channel->channels->now);

    if (box->count) {
        m = message_of(box->messages.next);
        take_out(box, m);
    }

    settle(box);

    return m;
}

bool
channel_mailbox_has(const struct channel *channel, const char *recipient,
                    const char *from)
{
    struct channel_mailbox *box = find(channel, recipient);

    if (box == NULL) {
        return false;
    }

    list_each(node, next, &box->messages) {
        if (strcmp(message_of(node)->words.from, from) == 0) {
            return true;
        }
    }

    return false;
}

void
channel_mailbox_deliver(struct channel_client *client)
{
    struct channel_message *m;

    while ((m = channel_mailbox_take(client->channel, client->id)) != NULL) {
        channel_client_tell(client, &m->words);
        free(m);
    }
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
