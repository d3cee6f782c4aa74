/*
 * channel/channel.h - one channel that somebody uses.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The store has all channels.  One of them is here, too, while a client is
 * connected, a message waits, or media of it flows, and a little longer.
 */

#ifndef SFU_CHANNEL_CHANNEL_H
#define SFU_CHANNEL_CHANNEL_H

#include "base/bucket.h"
#include "base/map.h"
#include "channel/camera.h"
#include "channel/channels.h"

struct channel_client;

struct channel {
    struct map_entry by_key;
    struct channels *channels;          /* borrowed */
    char *key_text;                     /* owned: app, scope, name */
    struct store_key key;               /* within it */
    int64_t created;
    unsigned ttl;                       /* seconds */
    bool storage;                       /* media is recorded */
    struct channel_limits limits;       /* the last ones told */

    struct channel_client *master;      /* owned; NULL: away */
    unsigned masters;                   /* that there were, with this one */
    struct map viewers;                 /* of struct channel_client, by id */
    struct map mailboxes;               /* of struct channel_mailbox */
    struct list calls;                  /* of struct channel_request */
    size_t call_count;
    struct channel_camera camera;
    struct map audience;                /* of struct channel_watcher */
    struct list errands;                /* of struct channel_errand */
    usec_t crowded;                     /* no viewer is served until then */
    struct bucket masters_rate;
    struct bucket viewers_rate;
    struct timer idle;
};

/*
 * The live one, made from the store when there is none.  SFU_ERR_NOT_FOUND,
 * also when it was created at another time; SFU_ERR_SYSTEM, SFU_ERR_NOMEM
 */
int channel_open(struct channels *channels, const struct store_key *key,
                 int64_t created, struct channel **channel);
/* NULL: nobody uses it */
struct channel *channel_find(const struct channels *channels,
                             const struct store_key *key);
/* something ended: when that was all, it goes after a while */
void channel_settle(struct channel *channel);
/* its clients end for this reason, who asked is answered; it is freed */
void channel_close(struct channel *channel, const char *reason);

#endif
