/*
 * room/media.h - what a participant sends, and what it sees of each other.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A participant has one session that it offers, with its own tracks and data
 * channels, the producer, and a consumer for each other participant that has
 * tracks: a session that we offer.
 */

#ifndef SFU_ROOM_MEDIA_H
#define SFU_ROOM_MEDIA_H

#include "room/crowded.h"
#include "sfu/session.h"

struct room_member;

enum { ROOM_AGREED_MAX = 8 };           /* data channels of an offer */

/* a data channel that both sides know beforehand */
struct room_agreed {
    const char *name;
    uint16_t id;
    bool tells;                 /* the room; else all others hear it */
};

/* what viewer sees of subject */
struct room_consumer {
    struct list in_viewer;
    struct list in_subject;
    struct room_member *viewer;         /* borrowed */
    struct room_member *subject;        /* borrowed */
    struct sfu_observer observer;
    struct sfu_session *session;        /* NULL: none (any more) */
    unsigned over;              /* which connection of the viewer knows it */
    bool offered;               /* one offer at a time: its answer is due */
    bool stale;                 /* there are more tracks since */
    bool crowded;               /* its offer is still to come */
};

struct room_media {
    struct sfu_observer observer;
    struct sfu_session *producer;       /* NULL: none (any more) */
    bool takes_part;            /* it made an offer */
    bool audio, video;          /* what it sends, as it says itself */
    bool says;                  /* it does; else what its offer has */
    struct room_crowded crowded;
    struct list seen;           /* consumers of others: .in_viewer */
    struct list seen_by;        /* others' consumers: .in_subject */
};

void room_media_init(struct room_media *media);
/* ends all sessions, its own and others' consumers of it */
void room_media_fini(struct room_member *member);

/*
 * NULL, or SFU_IPC_ERR_*, and *detail is static.  Where too many join at once
 * it is answered later.
 */
const char *room_media_offer(struct room_member *member, const char *sdp,
                             const struct room_agreed *channels,
                             size_t channel_count, const char **detail);
/* the same now or never; for crowded.c */
const char *room_media_try(struct room_member *member, const char *sdp,
                           const struct room_agreed *channels,
                           size_t channel_count, const char **detail);
/* to the consumer of another participant */
const char *room_media_answer(struct room_member *member, const char *about,
                              const char *sdp, const char **detail);

/* it has tracks, or has said so */
bool room_media_has_state(const struct room_member *member);
/* to this one: what the other says of its media */
void room_media_introduce(struct room_member *member,
                          const struct room_member *other);
const char *room_media_say(struct room_member *member, uint16_t channel,
                           const char *text);

#endif
