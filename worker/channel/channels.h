/*
 * channel/channels.h - signaling channels: one master, many viewers.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Lives on the control thread.  What is kept of channels is in store/, who is
 * connected is in feed/, and this folder knows who gets which message.
 */

#ifndef SFU_CHANNEL_CHANNELS_H
#define SFU_CHANNEL_CHANNELS_H

#include "base/log.h"
#include "base/map.h"
#include "channel/request.h"
#include "channel/settings.h"
#include "feed/feed.h"

/* what becomes of messages that nobody gets */
#define CHANNEL_DROPS(X)                                                      \
    X(expired)                                                                \
    X(replaced)         /* a newer offer or answer took its place */          \
    X(outdated)         /* a candidate of an offer that was replaced */       \
    X(crowded)          /* an old candidate, for the sake of a newer one */   \
    X(full)             /* the sender was told */                             \
    X(deleted)          /* with its channel */                                \
    X(called)           /* a candidate for who only asks one question */

enum channel_drop {
#define X(name) CHANNEL_DROP_##name,
    CHANNEL_DROPS(X)
#undef X
    CHANNEL_DROP_COUNT,
};

struct sfu;

struct channel_figures {
    uint64_t masters;                   /* now */
    uint64_t viewers;                   /* now */
    uint64_t waiting;                   /* messages, now */
    uint64_t connects;
    uint64_t connects_refused;
    uint64_t replaced;                  /* connections, by a younger one */
    uint64_t relayed;                   /* messages handed to a client */
    uint64_t stored;                    /* messages that had to wait */
    uint64_t calls;
    uint64_t cameras;                   /* now: masters that send to us */
    uint64_t watchers;                  /* now: viewers that we send to */
    uint64_t drops[CHANNEL_DROP_COUNT];
};

struct channels {
    const struct channel_settings *settings;    /* borrowed */
    struct log *log;                            /* borrowed */
    struct store *store;                        /* borrowed */
    struct feeds *feeds;                        /* borrowed */
    struct sfu *sfu;            /* borrowed; NULL: no media through us */
    struct list finished;       /* of struct channel_errand */
    struct timer_wheel *wheel;                  /* borrowed */
    const usec_t *now;                          /* borrowed */
    struct map by_key;                          /* of struct channel */
    int64_t last_created;
    size_t bytes;                       /* of messages that wait */
    size_t calls;                       /* that are open */
    bool stopping;                      /* the worker, not a channel, ends */
    struct channel_figures figures;
};

/* SFU_ERR_NOMEM */
int channels_init(struct channels *channels,
                  const struct channel_settings *settings, struct log *log,
                  struct store *store, struct feeds *feeds, struct sfu *sfu,
                  struct timer_wheel *wheel, const usec_t *now);
/* what follows from answers of the model: before feeds_run() */
void channels_run(struct channels *channels);
/* before the feeds: clients are not told; who asked is answered */
void channels_fini(struct channels *channels);

/* the request is theirs until its done() */
void channels_ask(struct channels *channels, struct channel_request *request);

/* what a request is answered with, once it is known */
void channel_answer(struct channel_request *request,
                    const struct channel_reply *reply);
void channel_answer_error(struct channels *channels,
                          struct channel_request *request, const char *error,
                          const char *detail);
/* of an SFU_ERR_* */
void channel_answer_failure(struct channels *channels,
                            struct channel_request *request, int error);

/* to whom waited: the channel is gone, or the worker is */
void channel_answer_end(struct channels *channels,
                        struct channel_request *request);

/* each in a file of its own */
void channel_create(struct channels *channels, struct channel_request *r);
void channel_get(struct channels *channels, struct channel_request *r);
void channel_list(struct channels *channels, struct channel_request *r);
void channel_update(struct channels *channels, struct channel_request *r);
void channel_delete(struct channels *channels, struct channel_request *r);
void channel_tag(struct channels *channels, struct channel_request *r);
void channel_connect(struct channels *channels, struct channel_request *r);
void channel_disconnect(struct channels *channels, struct channel_request *r);
void channel_send(struct channels *channels, struct channel_request *r);
void channel_call(struct channels *channels, struct channel_request *r);
void channel_join(struct channels *channels, struct channel_request *r);

#endif
