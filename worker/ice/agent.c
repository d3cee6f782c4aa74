/*
 * ice/agent.c - an ICE-lite agent.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/agent.h"

#include "base/random.h"

int
ice_directory_init(struct ice_directory *directory)
{
    int error = map_init(&directory->ufrags);

    if (!error) {
        error = map_init(&directory->addresses);
    }

    return error ? error : map_init(&directory->checks);
}

void
ice_directory_fini(struct ice_directory *directory)
{
    map_fini(&directory->ufrags);
    map_fini(&directory->addresses);
    map_fini(&directory->checks);
}

struct ice_generation *
ice_directory_ufrag(const struct ice_directory *d, struct span ufrag)
{
    struct map_entry *e = map_find(&d->ufrags, ufrag);

    return e != NULL ? container_of(e, struct ice_generation, by_ufrag) : NULL;
}

struct ice_pair *
ice_directory_address(const struct ice_directory *d,
                      const struct address *remote)
{
    struct map_entry *e = map_find(&d->addresses, address_key(remote));

    return e != NULL ? container_of(e, struct ice_pair, by_address) : NULL;
}

void
ice_credentials_make(struct ice_credentials *credentials)
{
    random_text(credentials->ufrag, ICE_UFRAG_LEN);
    random_text(credentials->pwd, ICE_PWD_LEN);
}

static void
remember(struct ice_agent *agent, struct ice_generation *generation,
         const struct ice_credentials *credentials)
{
    generation->agent = agent;
    generation->credentials = *credentials;
    generation->known = true;
    ice_integrity_init(&generation->integrity, credentials->pwd);
    map_insert(&agent->directory->ufrags, &generation->by_ufrag,
               span_str(generation->credentials.ufrag));
}

static void
forget(struct ice_agent *agent, struct ice_generation *generation)
{
    if (generation->known) {
        map_remove(&agent->directory->ufrags, &generation->by_ufrag);
        generation->known = false;
    }
}

static void
free_pair(struct ice_agent *agent, struct ice_pair *pair)
{
    if (pair->checked && pair->tcp == NULL) {
        map_remove(&agent->directory->addresses, &pair->by_address);
    }

    if (agent->selected == pair) {
        agent->selected = NULL;
    }

    *pair = (struct ice_pair){ 0 };
}

void
ice_agent_init(struct ice_agent *agent, struct ice_directory *directory,
               const struct ice_credentials *credentials, void *user)
{
    *agent = (struct ice_agent){ .directory = directory, .user = user };
    remember(agent, &agent->current, credentials);
}

void
ice_agent_fini(struct ice_agent *agent)
{
    for (int i = 0; i < ICE_PAIRS_MAX; i++) {
        free_pair(agent, &agent->pairs[i]);
    }

    forget(agent, &agent->current);
    forget(agent, &agent->previous);
}

void
ice_agent_restart(struct ice_agent *agent,
                  const struct ice_credentials *credentials)
{
    struct ice_credentials old = agent->current.credentials;

    forget(agent, &agent->previous);
    forget(agent, &agent->current);
    remember(agent, &agent->previous, &old);
    remember(agent, &agent->current, credentials);
    agent->nominated = false;
}

static struct ice_pair *
find_pair(struct ice_agent *agent, const struct address *remote,
          struct tcp_connection *tcp)
{
    for (int i = 0; i < ICE_PAIRS_MAX; i++) {
        struct ice_pair *pair = &agent->pairs[i];

        if (pair->checked && pair->tcp == tcp
            && address_eq(&pair->remote, remote)) {
            return pair;
        }
    }

    return NULL;
}

/* a free slot, or that of the pair which was silent longest */
static struct ice_pair *
oldest_pair(struct ice_agent *agent)
{
    struct ice_pair *oldest = NULL;

    for (int i = 0; i < ICE_PAIRS_MAX; i++) {
        struct ice_pair *pair = &agent->pairs[i];

        if (pair != agent->selected
            && (oldest == NULL || pair->checked < oldest->checked)) {
            oldest = pair;
        }
    }

    return oldest;
}

static struct ice_pair *
add_pair(struct ice_agent *agent, const struct address *remote,
         struct tcp_connection *tcp, struct tcp_connection **displaced)
{
    struct ice_pair *pair = oldest_pair(agent);
    struct ice_pair *taken;

    *displaced = pair->tcp;
    free_pair(agent, pair);
    pair->agent = agent;
    pair->remote = *remote;
    pair->tcp = tcp;

    if (tcp == NULL) {
        /* a NAT gave another session's old address to this one */
        taken = ice_directory_address(agent->directory, remote);

        if (taken != NULL) {
            free_pair(taken->agent, taken);
        }

        map_insert(&agent->directory->addresses, &pair->by_address,
                   address_key(&pair->remote));
    }

    return pair;
}

struct tcp_connection *
ice_agent_checked(struct ice_agent *agent, struct ice_generation *by,
                  const struct address *remote, const struct address *local,
                  struct tcp_connection *tcp, bool use_candidate, usec_t now)
{
    struct ice_pair *pair = find_pair(agent, remote, tcp);
    struct tcp_connection *displaced = NULL;

    if (pair == NULL) {
        pair = add_pair(agent, remote, tcp, &displaced);
        pair->epoch = agent->epoch;
    }

    /*
     * A peer that sees several addresses of ours checks each from the same
     * one of its own: the one that it nominates is the one to send from.
     */
    if (use_candidate || !agent->nominated || pair != agent->selected) {
        pair->local = *local;
    }

    pair->checked = now;
    agent->last_check = now;

    if (use_candidate && by == &agent->current) {
        agent->selected = pair;
        agent->nominated = true;
        forget(agent, &agent->previous);

    } else if (agent->selected == NULL) {
        /* good enough to start DTLS on until the peer makes up its mind */
        agent->selected = pair;
    }

    return displaced;
}

const struct ice_pair *
ice_agent_pair(const struct ice_agent *agent, const struct address *remote)
{
    for (int i = 0; i < ICE_PAIRS_MAX; i++) {
        if (agent->pairs[i].checked
            && address_eq(&agent->pairs[i].remote, remote)) {
            return &agent->pairs[i];
        }
    }

    return NULL;
}

void
ice_agent_forget_tcp(struct ice_agent *agent, struct tcp_connection *tcp)
{
    for (int i = 0; i < ICE_PAIRS_MAX; i++) {
        if (agent->pairs[i].checked && agent->pairs[i].tcp == tcp) {
            free_pair(agent, &agent->pairs[i]);
        }
    }
}
