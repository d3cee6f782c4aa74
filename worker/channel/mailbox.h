/*
 * channel/mailbox.h - messages that wait for somebody who is away.
 * Copyright (C) the ngx_sfu_module authors
 *
 * What one sender says to one recipient keeps its order.  Of offers and
 * answers only the newest waits; the candidates that came before it belong to
 * the one that it replaces.
 */

#ifndef SFU_CHANNEL_MAILBOX_H
#define SFU_CHANNEL_MAILBOX_H

#include "channel/client.h"

/* the recipient of what waits for the worker itself: no client's id */
#define CHANNEL_WORKER "\001"

struct channel_message {
    struct list node;                   /* in channel_mailbox.messages */
    struct channel_words words;         /* behind it in memory */
    usec_t expires;
    size_t bytes;                       /* of the payload */
    size_t memory;
};

struct channel_mailbox {
    struct map_entry by_recipient;      /* in channel.mailboxes */
    struct channel *channel;            /* borrowed */
    struct list messages;
    size_t count;
    size_t bytes;
    struct timer timer;                 /* the next message expires */
    char recipient[];                   /* "": the master */
};

/* SFU_ERR_LIMIT: it has no room; SFU_ERR_NOMEM */
int channel_mailbox_put(struct channel *channel, const char *recipient,
                        const struct channel_words *words, usec_t expires);
/* the oldest one, freed with free(); NULL: nothing waits */
struct channel_message *channel_mailbox_take(struct channel *channel,
                                             const char *recipient);
/* whether something of this sender waits */
bool channel_mailbox_has(const struct channel *channel, const char *recipient,
                         const char *from);
/* all that waits for this client, in order; it waits no more */
void channel_mailbox_deliver(struct channel_client *client);
/* those of a channel that ends */
void channel_mailboxes_drop(struct channel *channel);

#endif
