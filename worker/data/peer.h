/*
 * data/peer.h - a session inside the data loop: one SCTP association and its
 * channels.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_DATA_PEER_H
#define SFU_DATA_PEER_H

#include "data/channel.h"
#include "sctp/association.h"

struct data_loop;

enum { DATA_NAME_SIZE = 40 };

struct data_peer_params {
    uint64_t id;                        /* in records and events */
    uint64_t session;                   /* in events */
    char name[DATA_NAME_SIZE];          /* of the session, in log lines */
    unsigned media_loop;
    uint16_t remote_port;               /* SCTP's, as SDP told */
    size_t remote_max;                  /* bytes of a message it takes */
    /* run by the control thread, with its own owner, for every event */
    void (*on_event)(struct task *task, void *owner);
};

struct data_peer {
    struct task begin;
    struct task end;
    struct data_loop *loop;             /* borrowed */
    struct data_peer_params params;
    struct map_entry by_id;             /* in data_loop.peers */
    struct sfu_sctp_association *association;   /* owned; after DTLS */
    bool up;
    usec_t opens_since;                 /* for the rate of channels opened */
    unsigned opens;
    usec_t tells_since;                 /* the same for what it tells us */
    unsigned tells;
    struct map channels;                /* of struct data_channel, by stream */
    size_t queued;                      /* bytes that wait, in all channels */
    struct list waiting;                /* of channels with a queue, in turn */
};

void data_peer_init(struct data_peer *peer);
/* with its channels, which are freed */
void data_peer_fini(struct data_peer *peer);

/* from the media loop */
void data_peer_connected(struct data_peer *peer);
void data_peer_packet(struct data_peer *peer, struct span packet);

struct data_channel *data_peer_channel(struct data_peer *peer,
                                       uint16_t stream);
/* sends what waits, channel by channel, while SCTP has room */
void data_peer_flush(struct data_peer *peer);

/* NULL: out of memory, which is logged; then fill it in and post it */
struct data_event *data_peer_event(struct data_peer *peer,
                                   enum data_event_type type);
void data_peer_post(struct data_peer *peer, struct data_event *event);

#endif
