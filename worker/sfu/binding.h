/*
 * sfu/binding.h - which m-section a track that is published belongs to.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_SFU_BINDING_H
#define SFU_SFU_BINDING_H

#include "sfu/session.h"

/* what an entry of the request became; nothing is changed before the commit */
struct binding {
    const struct sdp_section *section;  /* NULL: failed */
    struct sfu_publication *existing;
    char name[SFU_IPC_TRACK_NAME_MAX + 1];
};

struct publish {
    struct sfu_session *session;
    const struct sfu_request *request;
    struct sfu_reply *reply;
    struct sdp_negotiation *copy;
    struct binding *bindings;
    size_t count;
};

/* of a section and the entry's wish, if it has one */
bool binding_kind_matches(const struct sdp_section *s,
                          const struct sfu_request_track *t);

/*
 * Every entry of the request, in the sections of the copy, which holds the
 * client's offer: bound, or failed in the reply.
 */
void binding_offered(struct publish *p);

/* the same for clients that know tracks by name: include/sfu_ipc.h */
void binding_by_name(struct publish *p);

/* every sending section without a name is given one.  SFU_ERR_NOMEM */
int binding_discover(struct publish *p);

#endif
