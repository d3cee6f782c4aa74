/*
 * sfu/subscription.h - a published track sent to a session.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_SUBSCRIPTION_H
#define SFU_SFU_SUBSCRIPTION_H

#include "media/choice.h"
#include "media/command.h"
#include "sdp/negotiation.h"

struct sfu_publication;
struct sfu_session;

struct sfu_subscription {
    struct list in_session;             /* in sfu_session.subscriptions */
    struct list in_publication;
    struct sfu_session *session;        /* borrowed */
    struct sfu_publication *publication;        /* NULL once it ended */
    uint64_t id;
    char *publisher;                    /* owned: what was asked for */
    char *name;                         /* owned */
    char mid[MEDIA_MID_SIZE];           /* "": it waits for our next offer */
    bool by_name;                       /* the msid tells its name */
    enum media_kind kind;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    struct media_choice choice;
    struct sdp_codec *codecs;           /* owned: the publisher's, as offered */
    size_t codec_count;
    struct media_sink_handle *sink;
};

/* NULL: out of memory */
struct sfu_subscription *
sfu_subscription_create(struct sfu_session *session,
                        struct sfu_publication *publication);
void sfu_subscription_end(struct sfu_subscription *subscription);

/* one that the session uses for nothing yet, nor for "other" */
uint32_t sfu_subscription_new_ssrc(const struct sfu_session *session,
                                   uint32_t other);

/* what its m-section says; points into the subscription and stream */
void sfu_subscription_track(const struct sfu_subscription *subscription,
                            struct sdp_track *track, char msid_track[32]);

/* its section: packets may flow as it says */
void sfu_subscription_follow(struct sfu_subscription *subscription,
                             const struct sdp_section *section);
/*
 * What it may be sent of its publication from now on, whether or not its
 * section is agreed.
 */
void sfu_subscription_choose(struct sfu_subscription *subscription,
                             const struct media_choice *choice);
/*
 * Another publication takes the place of its own: the subscriber sees one
 * stream that goes on.  SFU_ERR_UNSUPPORTED: of another kind, or the section
 * has no such codec; SFU_ERR_NOMEM.  Nothing has changed then
 */
int sfu_subscription_may_swap(const struct sfu_subscription *subscription,
                              const struct sfu_publication *publication);
int sfu_subscription_swap(struct sfu_subscription *subscription,
                          struct sfu_publication *publication);
/* the publication ended */
void sfu_subscription_lose(struct sfu_subscription *subscription);

#endif
