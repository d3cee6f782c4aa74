/*
 * sfu/data.h - the data channels of a session.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One SCTP association, and the stream ids of it: a channel has one, which is
 * used again only when both directions of the stream were reset.  Sessions
 * without data channels have no such object.
 */

#ifndef SFU_SFU_DATA_H
#define SFU_SFU_DATA_H

#include "data/command.h"
#include "sfu/request.h"

struct sfu_session;
struct sfu_channel;

struct sfu_data {
    struct sfu_session *session;        /* borrowed */
    uint64_t id;                        /* of the peer, in events */
    struct data_peer *peer;             /* the data loop's; NULL: not agreed */
    char mid[SFU_IPC_MID_MAX + 1];      /* of its m-section */
    bool up;
    bool down;                          /* and will not come up again */
    usec_t renews_until;                /* with another association; or 0 */
    struct timer renewal;
    size_t streams;                     /* ids are below it */
    struct list channels;               /* of struct sfu_channel */

    /* asked for with the m-section: opened in-band once there is a peer */
    char *event_name;                   /* owned; nobody can subscribe to it */
    uint16_t event_stream;
    bool opens_event;                   /* by us, not by the client */
};

/* NULL: out of memory */
struct sfu_data *sfu_data_ensure(struct sfu_session *session);
/* what was negotiated: begins, goes on, or ends */
void sfu_data_follow(struct sfu_session *session);
/* the peer may move to another transport, with an association of its own */
void sfu_data_let_renew(struct sfu_data *data);
/* the session ends */
void sfu_data_destroy(struct sfu_data *data);

/* the lowest id that is free, from 1 on; SFU_ERR_LIMIT */
int sfu_data_free_stream(const struct sfu_data *data, uint16_t *stream);
/* any channel of this id, also one that still closes */
struct sfu_channel *sfu_data_channel(const struct sfu_data *data,
                                     uint16_t stream);

/* data_peer_params.on_event of all sessions; the owner is the model */
void sfu_data_event(struct task *task, void *owner);

#endif
