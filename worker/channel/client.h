/*
 * channel/client.h - who is connected to a channel.
 * Copyright (C) the ngx_sfu_module authors
 *
 * There is one master, and one viewer of an id: the youngest.  An older
 * connection is forgotten ("replaced"), and its end means nothing any more.
 */

#ifndef SFU_CHANNEL_CLIENT_H
#define SFU_CHANNEL_CLIENT_H

#include "channel/channel.h"
#include "feed/connection.h"

/* what is said to somebody; strings are borrowed */
struct channel_words {
    enum channel_kind kind;
    bool ours;                  /* a description: of the worker, or for it */
    const char *from;           /* "": the master */
    const char *payload;
};

struct channel_client {
    struct map_entry by_id;             /* in channel.viewers */
    struct feed_owner owner;
    struct feed_connection *connection; /* borrowed: until owner.gone() */
    struct channel *channel;            /* borrowed */
    enum channel_mode mode;
    char id[SFU_IPC_CLIENT_ID_MAX + 1]; /* "": the master */
    char as[SFU_IPC_CLIENT_ID_MAX + 1]; /* a master: what it calls us */
};

/* the master ("") or a viewer; NULL: away */
struct channel_client *channel_client_find(const struct channel *channel,
                                           const char *id);
/* NULL: this connection is no current one of any channel */
struct channel_client *channel_client_of(const struct channels *channels,
                                         const char *feed, uint64_t number);

void channel_client_tell(struct channel_client *client,
                         const struct channel_words *words);
/* the same at once, or when it comes.  SFU_ERR_LIMIT, SFU_ERR_NOMEM */
int channel_client_reach(struct channel *channel, const char *id,
                         const struct channel_words *words);

/* its last event has this reason; it is freed */
void channel_client_end(struct channel_client *client, const char *reason);

#endif
