/*
 * media/command_peer.c - what the control thread tells loops of peers.
 * Copyright (C) the ngx_sfu_module authors
 */

#include <stdlib.h>

#include "base/error.h"
#include "media/checks.h"
#include "media/command_priv.h"
#include "media/figures.h"

static void
begin_peer(struct task *task, void *owner)
{
    struct media_peer_handle *h = container_of(task, struct media_peer_handle,
                                               begin);

    if (owner != NULL
        && media_peer_init(&h->peer, h->loop, &h->params)) {
        log_error(h->loop->log, "loop %u: cannot begin a session",
                  h->loop->index);
    }
}

static void
end_peer(struct task *task, void *owner)
{
    struct media_peer_handle *h = container_of(task, struct media_peer_handle,
                                               end);

    if (owner != NULL) {
        media_peer_fini(&h->peer);
    }

    free(h->checks);
    free(h);
}

int
media_peer_create(struct media_peer_handle **peer, struct media_loop *loop,
                  const struct media_peer_params *params)
{
    struct media_peer_handle *h = calloc(1, sizeof(*h));

    *peer = h;

    if (h == NULL) {
        return SFU_ERR_NOMEM;
    }

    h->begin.run = begin_peer;
    h->end.run = end_peer;
    h->loop = loop;
    h->params = *params;
    mailbox_post(&loop->mailbox, &h->begin);

    return 0;
}

void
media_peer_destroy(struct media_peer_handle *peer)
{
    if (peer != NULL) {
        mailbox_post(&peer->loop->mailbox, &peer->end);
    }
}

static void
apply_remote(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    media_transport_set_remote(&h->peer.transport, change->remote.dtls_active,
                               &change->remote.fingerprint);
}

int
media_peer_set_remote(struct media_peer_handle *peer, bool dtls_active,
                      const struct dtls_fingerprint *fingerprint)
{
    struct change *change = command_change(apply_remote, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->remote.dtls_active = dtls_active;
    change->remote.fingerprint = *fingerprint;

    return command_post(peer->loop, change);
}

static void
apply_checks(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    media_checks_start(&h->peer.transport, h->checks);
}

int
media_peer_check(struct media_peer_handle *peer,
                 const struct ice_remote_params *params)
{
    struct change *change;

    if (peer->checks != NULL) {
        return 0;
    }

    peer->checks = malloc(sizeof(*peer->checks));
    change = peer->checks != NULL ? command_change(apply_checks, peer) : NULL;

    if (change == NULL) {
        free(peer->checks);
        peer->checks = NULL;
        return SFU_ERR_NOMEM;
    }

    *peer->checks = *params;

    return command_post(peer->loop, change);
}

static void
apply_extensions(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    h->peer.extensions = change->extensions;
}

int
media_peer_set_extensions(struct media_peer_handle *peer,
                          const struct rtp_extension_map *extensions)
{
    struct change *change = command_change(apply_extensions, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->extensions = *extensions;

    return command_post(peer->loop, change);
}

static void
apply_restart(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    ice_agent_restart(&h->peer.transport.ice, &change->credentials);
}

int
media_peer_restart_ice(struct media_peer_handle *peer,
                       const struct ice_credentials *credentials)
{
    struct change *change = command_change(apply_restart, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->credentials = *credentials;

    return command_post(peer->loop, change);
}

static void
apply_sctp(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    if (media_sctp_begin(&h->peer, change->token)) {
        log_error(loop->log, "loop %u: no memory for data channels",
                  loop->index);
    }
}

int
media_peer_set_sctp(struct media_peer_handle *peer, uint64_t id)
{
    struct change *change = command_change(apply_sctp, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->token = id;

    return command_post(peer->loop, change);
}

static void
apply_renewal(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    media_transport_let_renew(&h->peer.transport);
}

int
media_peer_let_renew(struct media_peer_handle *peer)
{
    struct change *change = command_change(apply_renewal, peer);

    return change != NULL ? command_post(peer->loop, change) : SFU_ERR_NOMEM;
}

static void
apply_figures(struct change *change, struct media_loop *loop)
{
    struct media_peer_handle *h = change->target;

    (void)loop;
    figures_answer(&h->peer, change->token);
}

int
media_peer_figures(struct media_peer_handle *peer, uint64_t token)
{
    struct change *change = command_change(apply_figures, peer);

    if (change == NULL) {
        return SFU_ERR_NOMEM;
    }

    change->token = token;

    return command_post(peer->loop, change);
}
