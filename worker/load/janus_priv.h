/*
 * load/janus_priv.h - requests to Janus, and what the session is.
 * Copyright (C) the ngx_sfu_module authors
 */

#ifndef SFU_LOAD_JANUS_PRIV_H
#define SFU_LOAD_JANUS_PRIV_H

#include <jansson.h>

#include "load/load.h"

enum { LOAD_JANUS_URL_MAX = 1024 };

struct load_janus {
    struct load *load;                  /* borrowed */
    uint64_t session;
    uint64_t handle;                    /* the one that makes rooms */
    size_t rooms_left;
    uint64_t transaction;
    struct map handles;                 /* of struct handle */
    bool ending;
    char fatal[200];
};

/* the peer is NULL for requests about the session */
typedef void (*load_janus_done)(struct load_janus *j, struct load_peer *p,
                                json_t *reply);

/*
 * Takes the request, and adds what all of them have.  next gets a reply that
 * is no error; an error ends the peer, or the run.  NULL: nobody cares.
 */
void load_janus_ask(struct load_janus *j, struct load_peer *p, uint64_t handle,
                    const char *what, json_t *body, load_janus_done next);

/* of the session, or of a handle if it is not 0 */
void load_janus_url(const struct load_janus *j, uint64_t handle,
                    char url[LOAD_JANUS_URL_MAX]);

/* why a reply or an event is an error; NULL when it is fine */
const char *load_janus_error(json_t *reply);

void load_janus_give_up(struct load_janus *j, struct load_peer *p,
                        const char *what, const char *why);

#endif
