/*
 * sfu/channel.h - a data channel that a session publishes, or subscribes to.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A publication has a name of its session; subscriptions are of any session
 * of the app.  Messages go one way, but for the one subscriber that may reply.
 */

#ifndef SFU_SFU_CHANNEL_H
#define SFU_SFU_CHANNEL_H

#include "sfu/data.h"

struct sfu_channel {
    struct list node;                   /* in sfu_data.channels */
    struct sfu_data *data;              /* borrowed */
    uint64_t id;                        /* in events of the data loop */
    uint16_t stream;
    struct sfu_sctp_policy policy;
    char *name;                         /* owned; NULL: not to be had */
    char *publisher;                    /* owned, as asked for; NULL: local */
    struct list subscriptions;          /* of sfu_channel.in_publication */
    struct sfu_channel *publication;    /* NULL: none, or it ended */
    struct list in_publication;
    bool closing;                       /* only its id is still in use */
    struct data_channel *handle;        /* the data loop's */
};

struct sfu_channel_params {
    const char *name;                   /* NULL: not to be had */
    const char *publisher;
    struct sfu_channel *publication;
    uint16_t stream;
    struct sfu_sctp_policy policy;
    const char *label;                  /* opened in-band by us, or NULL */
    bool wait_ack;
    uint64_t group;                     /* of the data loop, or 0 */
    bool tells;                         /* to the session's observer */
};

/* NULL: out of memory.  The stream is free */
struct sfu_channel *sfu_channel_create(struct sfu_data *data,
                                       const struct sfu_channel_params *p);
/* one that the peer opened, and the data loop has already */
struct sfu_channel *sfu_channel_adopt(struct sfu_data *data,
                                      const struct data_event *event,
                                      const char *name);
/* it is nobody's any more, but its id is in use until the stream is reset */
void sfu_channel_end(struct sfu_channel *channel, const char *why);
/* forgets it; destroy: the data loop too, unless all of its peer goes */
void sfu_channel_free(struct sfu_channel *channel, bool destroy);

/* a publication of the session, or NULL */
struct sfu_channel *sfu_channel_find(const struct sfu_session *session,
                                     const char *name);

#endif
