/*
 * ice/agent.h - an ICE-lite agent (RFC 8445): one component, always
 * controlled, answers checks and never sends any.  Where the peer is one, too,
 * ice/checklist.h checks for it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The agent knows which addresses have proved themselves and which of them is
 * selected.  It owns no socket: its transport is told a pair and sends.
 */

#ifndef SFU_ICE_AGENT_H
#define SFU_ICE_AGENT_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/map.h"
#include "ice/integrity.h"
#include "net/address.h"

struct tcp_connection;

enum {
    ICE_UFRAG_LEN = 8,          /* 47 bits; RFC 8445 asks for 24 at least */
    ICE_PWD_LEN = 24,           /* 142 bits; RFC 8445 asks for 128 */
    ICE_PAIRS_MAX = 8,          /* addresses of one peer at a time */
};

struct ice_credentials {
    char ufrag[ICE_UFRAG_LEN + 1];
    char pwd[ICE_PWD_LEN + 1];
};

/* an address that passed a check, and the local address it was passed on */
struct ice_pair {
    struct map_entry by_address;        /* UDP only */
    struct ice_agent *agent;
    struct address remote;
    struct address local;
    struct tcp_connection *tcp;         /* NULL for UDP; borrowed */
    usec_t checked;                     /* last valid check; 0: free slot */
    uint8_t epoch;                      /* the agent's, when it was new */
};

/* one generation of credentials, found by its ufrag */
struct ice_generation {
    struct map_entry by_ufrag;
    struct ice_agent *agent;
    struct ice_credentials credentials;
    bool known;
    struct ice_integrity integrity;     /* of the password */
};

/* what a loop knows of all its agents */
struct ice_directory {
    struct map ufrags;          /* of struct ice_generation */
    struct map addresses;       /* of struct ice_pair */
    struct map checks;          /* of struct ice_remote, by what is out */
};

struct ice_agent {
    /* what a check looks at is together in front, up to the first pair */
    struct ice_pair *selected;          /* one of pairs, or NULL */
    struct ice_directory *directory;    /* borrowed: outlives us */
    void *user;
    usec_t last_check;          /* consent (RFC 7675); 0 before the first */
    bool nominated;             /* the selection was the peer's choice */
    uint8_t epoch;              /* raised when the peer may make other pairs */
    struct ice_generation current;
    struct ice_pair pairs[ICE_PAIRS_MAX];
    struct ice_generation previous;     /* until the current one nominates */
};

/*
 * Asks for what a check will look at.  With thousands of sessions none of it
 * is in a cache, and the check's integrity takes about as long to compute.
 */
static inline void
ice_agent_prefetch(const struct ice_agent *agent)
{
    for (const char *p = (const char *)agent;
         p < (const char *)&agent->pairs[1]; p += 64) {
        __builtin_prefetch(p);
    }
}

/* SFU_ERR_NOMEM, SFU_ERR_SYSTEM */
int ice_directory_init(struct ice_directory *directory);
void ice_directory_fini(struct ice_directory *directory);
/* NULL when nobody has it */
struct ice_generation *ice_directory_ufrag(const struct ice_directory *d,
                                           struct span ufrag);
struct ice_pair *ice_directory_address(const struct ice_directory *d,
                                       const struct address *remote);

void ice_credentials_make(struct ice_credentials *credentials);

void ice_agent_init(struct ice_agent *agent, struct ice_directory *directory,
                    const struct ice_credentials *credentials, void *user);
/* NULL when nothing valid has come from there */
const struct ice_pair *ice_agent_pair(const struct ice_agent *agent,
                                      const struct address *remote);
void ice_agent_fini(struct ice_agent *agent);

/* ICE restart: checks with the old credentials stay valid meanwhile */
void ice_agent_restart(struct ice_agent *agent,
                       const struct ice_credentials *credentials);

/*
 * A check was valid: notes the pair and may select it.  Returns the connection
 * of a pair that had to make room, which is to be closed, or NULL.
 */
struct tcp_connection *ice_agent_checked(struct ice_agent *agent,
                                         struct ice_generation *by,
                                         const struct address *remote,
                                         const struct address *local,
                                         struct tcp_connection *tcp,
                                         bool use_candidate, usec_t now);

/* the connection is gone, and pairs over it are */
void ice_agent_forget_tcp(struct ice_agent *agent, struct tcp_connection *tcp);

#endif
