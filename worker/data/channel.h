/*
 * data/channel.h - a data channel of a session: one stream id, both ways.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A channel publishes, or subscribes to one that does, wherever that is; both
 * are the same thing but for what is done with messages that come in
 * (forward.c).  What goes out and finds SCTP full waits in the channel's own
 * queue, so that a slow receiver costs itself alone.
 *
 * The control thread makes the object, names it in later calls, and has it
 * destroyed; in between it is the data loop's.
 */

#ifndef SFU_DATA_CHANNEL_H
#define SFU_DATA_CHANNEL_H

#include "base/list.h"
#include "base/map.h"
#include "base/mailbox.h"
#include "base/timer.h"
#include "data/event.h"
#include "data/message.h"

struct data_group;
struct data_peer;

enum { DATA_LABEL_MAX = 256 };

struct data_channel_params {
    /* in events and subscriptions; the highest bit: the data loop's own */
    uint64_t id;
    uint16_t stream;
    struct sfu_sctp_policy policy;      /* of what is sent on it */
    bool in_band;                       /* tell the peer (RFC 8832) */
    char label[DATA_LABEL_MAX + 1];     /* in_band */
    uint64_t publication;               /* 0: publishes itself */
    bool wait_ack;                      /* nothing before its first message */
    uint64_t group;                     /* 0: in none, see data/group.h */
    bool tells;                         /* what comes in is the control's */
};

/* in the channel's queue */
struct data_queued {
    struct list node;
    uint32_t ppid;
    usec_t since;
    struct data_shared *shared;
};

struct data_channel {
    struct task begin;
    struct task end;
    struct data_peer *peer;             /* borrowed */
    struct data_channel_params params;
    struct map_entry by_id;             /* in data_loop.channels */
    struct map_entry by_stream;         /* in data_peer.channels */
    bool begun;

    struct list subscribers;            /* of data_channel.in_publication */
    struct data_channel *replier;       /* of these, who may reply */
    struct data_channel *publication;   /* NULL: none, or it ended */
    struct list in_publication;
    bool subscribes;
    struct data_group *group;           /* NULL: in none */
    struct list in_group;

    bool unacknowledged;                /* our OPEN */
    bool waits_for_ack;                 /* the subscriber's first message */
    struct timer ack_timer;

    struct list queue;                  /* of struct data_queued */
    size_t queued;                      /* bytes */
    struct list in_waiting;             /* in data_peer.waiting */
    bool told_full;                     /* in the log */

    bool closing;
    bool in_reset;                      /* the peer's direction of it */
    bool out_reset;                     /* and ours */
};

/* fills in a new one; in either thread */
void data_channel_make(struct data_channel *channel, struct data_peer *peer,
                       const struct data_channel_params *params);
/* the loop's: it is known, and may send and receive; frees nothing */
void data_channel_init(struct data_channel *channel);
void data_channel_fini(struct data_channel *channel);

/* SCTP is up, or the first message came: what was kept goes out */
void data_channel_start(struct data_channel *channel);

/* both directions are to be reset; the control thread is told of both steps */
void data_channel_close(struct data_channel *channel, enum data_end why);
/* if it closes: both were, with the association that knew the stream */
void data_channel_unused(struct data_channel *channel);
/* one direction of the stream was */
void data_channel_reset(struct data_channel *channel, bool incoming);


/* send.c: what goes out */

/* now, or when SCTP has room; or not, which is counted */
void data_channel_send(struct data_channel *channel,
                       struct data_message *message);
/*
 * What waits first; SFU_ERR_AGAIN when it still has to.  Afterwards it is no
 * longer in the peer's list if nothing waits.
 */
int data_channel_flush_one(struct data_channel *channel);
/* what waits is not waited for any more */
void data_channel_drop_all(struct data_channel *channel);
/* whether what is sent is kept back, though SCTP may have room */
bool data_channel_is_held(const struct data_channel *channel);

#endif
