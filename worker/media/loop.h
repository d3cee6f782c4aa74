/*
 * media/loop.h - one media thread: a socket, its sessions, and their packets.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Loops share nothing.  Everything reached from here is touched by the loop's
 * own thread only, but for the mailbox, the counters and, from the writer's
 * side, the rings of other loops.
 */

#ifndef SFU_MEDIA_LOOP_H
#define SFU_MEDIA_LOOP_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "base/ring.h"
#include "base/timer.h"
#include "data/port.h"
#include "dtls/endpoint.h"
#include "ice/agent.h"
#include "ice/fingerprint.h"
#include "ice/stun.h"
#include "media/buffer.h"
#include "media/burst.h"
#include "media/coalesce.h"
#include "media/consent.h"
#include "media/counters.h"
#include "media/outbox.h"
#include "media/settings.h"
#include "media/train.h"
#include "net/poll.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "srtp/sealer.h"

enum { MEDIA_LOOPS_MAX = 64 };

struct media_loop {
    unsigned index;
    const struct media_settings *settings;      /* borrowed */
    struct log *log;                            /* borrowed */
    struct dtls_context *dtls;                  /* borrowed; shared */
    struct mailbox *control;                    /* borrowed: events go there */

    pthread_t thread;
    bool running;
    atomic_bool stopping;
    struct mailbox mailbox;             /* tasks from the control thread */
    struct media_counters counters;

    usec_t now;                         /* of the batch being worked on */
    /*
     * When the loop last ran again after it had not for a while (SIGSTOP, a
     * machine that was moved or starved): what did not come before, it could
     * not have noticed, and silence counts from here.
     */
    usec_t resumed;
    /* when datagrams were last found lost: the socket's queue was full */
    usec_t overflowed;
    struct coalesce coalesce;
    usec_t slept;                       /* when it began to wait for events */
    usec_t woke;                        /* and when they came */
    struct poll poll;
    struct timer_wheel wheel;
    struct poll_source mailbox_source;
    struct poll_source udp_source;
    struct udp_socket udp;
    struct tcp_listener tcp;
    struct ice_fingerprint fingerprint;
    struct sfu_stun *stun;              /* of checks that are unusual */
    struct sfu_stun *stun_controlling;  /* for peers that are ICE-lite */
    struct ice_directory ice;
    struct consent consent;
    struct list handshakes;             /* of media_transport, that wait */
    usec_t handshake_portion;           /* left in this turn */
    struct outbox outbox;
    struct srtp_engine *srtp;           /* owned */
    struct train train;
    struct media_burst burst;
    struct media_buffers buffers;
    struct map sources;                 /* of struct media_source, by id */

    /* [i]: what loop i sends us; NULL until there is a relay */
    _Atomic(struct ring *) rings[MEDIA_LOOPS_MAX];
    struct data_port *data;             /* borrowed; NULL: no data channels */
    struct map sctp;                    /* of struct media_sctp, by id */
    /* other loops' mailboxes that were given records in this batch */
    struct mailbox *wake[MEDIA_LOOPS_MAX];

    struct timer second;
    uint64_t busy_before;               /* counters.busy_usec a second ago */
    usec_t second_began;
};

/*
 * Opens the sockets; everything passed is borrowed and outlives the loop.
 * SFU_ERR_SYSTEM (logged), SFU_ERR_NOMEM
 */
int media_loop_init(struct media_loop *loop, unsigned index,
                    const struct media_settings *settings, struct log *log,
                    struct dtls_context *dtls, struct mailbox *control);
/* before it starts: the way to the data loop, and from it; borrowed */
void media_loop_attach(struct media_loop *loop, struct data_port *data);
/* SFU_ERR_SYSTEM */
int media_loop_start(struct media_loop *loop);
/* how long nothing was heard of what was heard of last at that time */
static inline usec_t
media_loop_silence(const struct media_loop *loop, usec_t heard, usec_t now)
{
    return now - (heard > loop->resumed ? heard : loop->resumed);
}

/* its own thread: what was posted to it, in that order */
void media_loop_run_tasks(struct media_loop *loop);

/* waits for the thread */
void media_loop_stop(struct media_loop *loop);
/*
 * Then, for all loops before the first is ended, what was posted last is
 * run: it destroys what is left, and may still post to other loops.
 */
void media_loop_drain(struct media_loop *loop);
void media_loop_fini(struct media_loop *loop);

static inline uint16_t
media_loop_port(const struct media_loop *loop)
{
    return (uint16_t)(address_port(&loop->settings->bind) + loop->index);
}

/*
 * Control thread, before the first relay between two loops.  SFU_ERR_NOMEM
 */
int media_loop_connect(struct media_loop *from, struct media_loop *to);

#endif
