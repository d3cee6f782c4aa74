/*
 * sfu/sfu.h - the model: apps, sessions, tracks, subscriptions.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Lives on the control thread.  It decides; media loops move packets.
 */

#ifndef SFU_SFU_SFU_H
#define SFU_SFU_SFU_H

#include "base/log.h"
#include "base/mailbox.h"
#include "base/map.h"
#include "base/timer.h"
#include "media/event.h"
#include "media/loop.h"
#include "sfu/request.h"
#include "sfu/settings.h"

/* why a session ended */
#define SFU_SESSION_ENDS(X)                                                   \
    X(closed)           /* by its peer: close_notify */                       \
    X(expired)          /* no connectivity checks any more */                 \
    X(unconnected)      /* never any */                                       \
    X(handshake)        /* DTLS failed */                                     \
    X(refused)          /* the offer that was to make it */                   \
    X(deleted)          /* it was asked for */                                \
    X(replaced)         /* another publishes under its stream name */         \
    X(shutdown)

enum sfu_session_end {
#define X(name) SFU_END_##name,
    SFU_SESSION_ENDS(X)
#undef X
    SFU_END_COUNT,
};

struct sfu_figures {
    uint64_t sessions_created;
    uint64_t sessions_connected;        /* ever */
    uint64_t sessions_ended[SFU_END_COUNT];
    uint64_t publications;              /* now */
    uint64_t subscriptions;             /* now */
    uint64_t requests;
    uint64_t requests_failed;
    uint64_t requests_held;
    uint64_t joins_refused;
    double connect_seconds;             /* sum, first SDP to connected */
};

/* waits for an answer of a loop */
struct sfu_figures_query {
    struct list node;
    uint64_t token;
    struct timer timer;
    /* figures NULL: the session is gone, or too slow; called once */
    void (*done)(struct sfu_figures_query *query, struct sfu_session *session,
                 const struct media_figures *figures);
    struct sfu *sfu;
    uint64_t session;
};

struct data_loop;

struct sfu {
    const struct sfu_settings *settings;        /* borrowed */
    struct log *log;                            /* borrowed */
    struct media_loop *loops;                   /* borrowed */
    size_t loop_count;
    struct data_loop *data;                     /* borrowed; NULL: none */
    const char *fingerprint;                    /* borrowed: our certificate */
    struct mailbox mailbox;                     /* events of loops */
    struct timer_wheel wheel;
    usec_t now;
    char worker_id[SFU_IPC_WORKER_ID_LEN + 1];
    usec_t started;

    struct map sessions;                /* by id */
    struct map numbers;                 /* by number */
    struct map streams;                 /* those with a name, by it */
    struct list in_order;               /* all sessions, the oldest first */
    struct list held;                   /* sessions whose queue waits */
    bool retry;                         /* what they wait for may be gone */
    uint64_t next_number;               /* sessions, tracks, queries */
    size_t *loop_sessions;              /* owned: one for each loop */
    bool draining;

    struct sfu_figures figures;
    struct list queries;                /* of struct sfu_figures_query */
};

/* loops are running, or about to.  SFU_ERR_NOMEM, SFU_ERR_SYSTEM */
int sfu_init(struct sfu *sfu, const struct sfu_settings *settings,
             struct log *log, struct media_loop *loops, size_t loop_count,
             const char *fingerprint);
/* ends all sessions; their loops free what is theirs when they stop */
void sfu_end_sessions(struct sfu *sfu);
/* after the loops were stopped */
void sfu_fini(struct sfu *sfu);

/* the request is the model's until its done() */
void sfu_ask(struct sfu *sfu, struct sfu_request *request);

/* NULL when there is none in this app */
struct sfu_session *sfu_session_find(struct sfu *sfu, const char *app,
                                     const char *id);

/* NULL: it is gone */
struct sfu_session *sfu_by_number(struct sfu *sfu, uint64_t number);

/* the query is the model's until its done() */
void sfu_ask_figures(struct sfu *sfu, struct sfu_session *session,
                     struct sfu_figures_query *query);

/* what the poller waits for and calls */
void sfu_run_mailbox(struct sfu *sfu);
void sfu_run_timers(struct sfu *sfu);

/* media_peer_params.on_event of all sessions; the owner is the model */
void sfu_media_event(struct task *task, void *owner);

const char *sfu_session_end_name(enum sfu_session_end end);

#endif
