/*
 * sfu/subscription.h - a published track sent to a session.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_SUBSCRIPTION_H
#define SFU_SFU_SUBSCRIPTION_H

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
    char mid[MEDIA_MID_SIZE];
    enum media_kind kind;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
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
/* the publication ended */
void sfu_subscription_lose(struct sfu_subscription *subscription);

#endif
