/*
 * sfu/publication.h - a track that a session sends, under a name.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_PUBLICATION_H
#define SFU_SFU_PUBLICATION_H

#include "media/command.h"
#include "sdp/negotiation.h"

struct sfu_session;

/* of a track with subscribers on another loop than its own */
struct sfu_replica {
    struct list node;
    size_t loop;
    size_t users;
    struct media_source_handle *handles[MEDIA_LAYERS_MAX];
};

/* one of simulcast, or all there is */
struct sfu_encoding {
    uint64_t id;                        /* the first has the publication's */
    char rid[MEDIA_RID_SIZE];           /* "": not simulcast */
    struct media_source_handle *source;
};

struct sfu_publication {
    struct list node;                   /* in sfu_session.publications */
    struct sfu_session *session;        /* borrowed */
    uint64_t id;
    char *name;                         /* owned */
    char *label;                        /* owned, or NULL */
    bool by_name;                       /* silence does not end it */
    char mid[MEDIA_MID_SIZE];
    enum media_kind kind;
    usec_t since;
    bool live;                          /* its first packet came */
    uint8_t pt;                         /* of that packet */
    /* none until the section is agreed; they never become fewer */
    struct sfu_encoding encodings[MEDIA_LAYERS_MAX];
    size_t encoding_count;
    struct list subscriptions;          /* of struct sfu_subscription */
    struct list replicas;               /* of struct sfu_replica */
};

/* NULL: out of memory */
struct sfu_publication *sfu_publication_create(struct sfu_session *session,
                                               const char *name,
                                               const struct sdp_section *s);
/* subscribers fall silent; nobody is told */
void sfu_publication_end(struct sfu_publication *publication);

/* the section was negotiated (again): makes or updates the source */
void sfu_publication_follow(struct sfu_publication *publication,
                            const struct sdp_section *section);

/*
 * A subscriber on that loop begins or ends: the replica it needs is there.
 * SFU_ERR_NOMEM
 */
int sfu_publication_use(struct sfu_publication *publication, size_t loop);
void sfu_publication_unuse(struct sfu_publication *publication, size_t loop);

/* whether there is a choice of encodings */
static inline bool
sfu_publication_is_simulcast(const struct sfu_publication *publication)
{
    return publication->encodings[0].rid[0] != '\0';
}

/*
 * The codecs it may send, the one in use first; freed by the caller, and with
 * them what they point at.  NULL: none, or out of memory
 */
struct sdp_codec *sfu_publication_codecs(const struct sfu_publication *p,
                                         size_t *count);

#endif
