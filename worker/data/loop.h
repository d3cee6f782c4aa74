/*
 * data/loop.h - the thread of all data channels.
 * Copyright (C) the ngx_sfu_module authors
 *
 * One for all media loops, since SCTP can have one owner only (sctp/stack.h).
 * So a message never crosses a thread on its way from publisher to
 * subscribers: its packets do, between DTLS, which is the media loops', and
 * here.  Without data channels it sleeps.
 */

#ifndef SFU_DATA_LOOP_H
#define SFU_DATA_LOOP_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "base/map.h"
#include "base/timer.h"
#include "data/counters.h"
#include "data/peer.h"
#include "data/port.h"
#include "data/settings.h"
#include "net/poll.h"

struct data_loop {
    const struct data_settings *settings;       /* borrowed */
    struct log *log;                            /* borrowed */
    struct mailbox *control;                    /* borrowed: events */
    struct data_port *ports;            /* owned: one for each media loop */
    size_t port_count;
    struct mailbox mailbox;             /* tasks, and wakes of media loops */
    struct data_counters counters;

    pthread_t thread;
    bool running;
    atomic_bool stopping;
    usec_t now;
    bool more;                          /* packets that came meanwhile */
    struct poll poll;
    struct poll_source mailbox_source;
    struct timer_wheel wheel;
    struct sfu_sctp_stack *sctp;
    struct map peers;                   /* by id */
    struct map channels;                /* by id */
    struct map groups;                  /* by id */
    uint64_t opened;                    /* channels, by peers: their ids */
};

/*
 * Everything passed is borrowed and outlives the loop.  One at a time in a
 * process.  SFU_ERR_SYSTEM, SFU_ERR_NOMEM
 */
int data_loop_init(struct data_loop *loop,
                   const struct data_settings *settings, struct log *log,
                   struct mailbox *control, size_t media_loops);
/* media: of the media loop that has this port; before either starts */
void data_loop_attach(struct data_loop *loop, size_t port,
                      struct mailbox *media);
/* SFU_ERR_SYSTEM */
int data_loop_start(struct data_loop *loop);
/* waits for the thread */
void data_loop_stop(struct data_loop *loop);
/* what was posted last is run, before any media loop is ended */
void data_loop_drain(struct data_loop *loop);
void data_loop_fini(struct data_loop *loop);

/* its own thread: all that is there to be done now */
void data_loop_turn(struct data_loop *loop);

/* a packet to the peer's media loop */
void data_loop_put(struct data_loop *loop, const struct data_peer *peer,
                   struct span packet);

struct data_peer *data_loop_peer(struct data_loop *loop, uint64_t id);
struct data_channel *data_loop_channel(struct data_loop *loop, uint64_t id);

#endif
