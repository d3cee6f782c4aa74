
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Which worker is asked.  A session id begins with the id of the worker that
 * made it, so no table is needed; a new session goes to the worker that has
 * the fewest, unless it names a stream: its viewers must meet its publisher.
 * What outlives a worker has its home at one of those that are configured.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_sfu_ipc.h>


static ngx_int_t ngx_sfu_ipc_route_owner(ngx_sfu_ipc_t *ipc,
    ngx_sfu_ipc_request_t *req, ngx_sfu_ipc_peer_t **peer);
static ngx_int_t ngx_sfu_ipc_route_stream(ngx_sfu_ipc_t *ipc,
    ngx_sfu_ipc_request_t *req, ngx_sfu_ipc_peer_t **peer);
static ngx_int_t ngx_sfu_ipc_route_idlest(ngx_sfu_ipc_t *ipc,
    ngx_sfu_ipc_peer_t **peer);
static ngx_int_t ngx_sfu_ipc_route_state(ngx_sfu_ipc_peer_t *peer);


void
ngx_sfu_ipc_route(ngx_sfu_ipc_t *ipc, ngx_sfu_ipc_request_t *req)
{
    ngx_int_t            rc;
    ngx_sfu_ipc_peer_t  *peer;

    if (req->peer != NULL) {
        peer = req->peer;
        rc = ngx_sfu_ipc_route_state(peer);

    } else if (req->session.len != 0) {
        rc = ngx_sfu_ipc_route_owner(ipc, req, &peer);

    } else if (req->home.len != 0) {
        peer = ngx_sfu_ipc_home(ipc, &req->home);
        rc = ngx_sfu_ipc_route_state(peer);

    } else if (req->stream.len != 0) {
        rc = ngx_sfu_ipc_route_stream(ipc, req, &peer);

    } else {
        rc = ngx_sfu_ipc_route_idlest(ipc, &peer);
    }

    switch (rc) {

    case NGX_OK:
        ngx_sfu_ipc_peer_send(peer, req);
        return;

    case NGX_AGAIN:
        ngx_queue_insert_tail(&ipc->held, &req->queue);
        req->queued = 1;
        return;

    case NGX_DECLINED:
        ngx_sfu_ipc_finish(req, NGX_SFU_IPC_GONE, NULL);
        return;

    default: /* NGX_ERROR */
        ngx_sfu_ipc_finish(req, NGX_SFU_IPC_UNAVAILABLE, NULL);
        return;
    }
}


/* when something new is known of a worker */

void
ngx_sfu_ipc_route_held(ngx_sfu_ipc_t *ipc)
{
    ngx_queue_t            *q, held;
    ngx_sfu_ipc_request_t  *req;

    if (ngx_queue_empty(&ipc->held)) {
        return;
    }

    ngx_queue_init(&held);
    ngx_queue_add(&held, &ipc->held);
    ngx_queue_init(&ipc->held);

    /* a handler may cancel any of them, so always the first is taken */

    while (!ngx_queue_empty(&held)) {

        q = ngx_queue_head(&held);
        req = ngx_queue_data(q, ngx_sfu_ipc_request_t, queue);

        ngx_queue_remove(q);
        req->queued = 0;

        ngx_sfu_ipc_route(ipc, req);
    }
}


static ngx_int_t
ngx_sfu_ipc_route_owner(ngx_sfu_ipc_t *ipc, ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_peer_t **owner)
{
    ngx_int_t            rc;
    ngx_uint_t           i;
    ngx_sfu_ipc_peer_t  *peer;

    peer = ipc->peers.elts;

    if (ipc->peers.nelts == 1) {
        *owner = &peer[0];
        return ngx_sfu_ipc_route_state(&peer[0]);
    }

    if (req->session.len >= SFU_IPC_WORKER_ID_LEN) {

        for (i = 0; i < ipc->peers.nelts; i++) {

            if (peer[i].known
                && ngx_memcmp(peer[i].id, req->session.data,
                              SFU_IPC_WORKER_ID_LEN)
                   == 0)
            {
                *owner = &peer[i];
                return ngx_sfu_ipc_route_state(&peer[i]);
            }
        }
    }

    /*
     * No worker we know made it.  One of them may have been restarted, though,
     * and another nginx process have learnt of that before us; so "gone" is
     * said only after each has been asked who it is.
     */

    rc = NGX_DECLINED;

    for (i = 0; i < ipc->peers.nelts; i++) {

        if (peer[i].state == NGX_SFU_IPC_PEER_DOWN) {
            return NGX_ERROR;
        }

        if (peer[i].state == NGX_SFU_IPC_PEER_UNKNOWN
            || peer[i].answered < req->asked)
        {
            rc = NGX_AGAIN;
        }
    }

    if (rc == NGX_DECLINED) {
        return NGX_DECLINED;
    }

    for (i = 0; i < ipc->peers.nelts; i++) {

        if (peer[i].answered < req->asked) {
            ngx_sfu_ipc_peer_hello(&peer[i]);
        }
    }

    return NGX_AGAIN;
}


/* what lives there is nowhere else, so no other worker will do */

ngx_sfu_ipc_peer_t *
ngx_sfu_ipc_home(ngx_sfu_ipc_t *ipc, ngx_str_t *name)
{
    uint32_t             hash;
    ngx_sfu_ipc_peer_t  *peer;

    peer = ipc->peers.elts;
    hash = ngx_crc32_short(name->data, name->len);

    return &peer[hash % ipc->peers.nelts];
}


/* by a hash of the name; the next one while that worker is down */

static ngx_int_t
ngx_sfu_ipc_route_stream(ngx_sfu_ipc_t *ipc, ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_peer_t **found)
{
    uint32_t             hash;
    ngx_uint_t           i;
    ngx_sfu_ipc_peer_t  *peer, *p;

    peer = ipc->peers.elts;
    hash = ngx_crc32_short(req->stream.data, req->stream.len);

    for (i = 0; i < ipc->peers.nelts; i++) {

        p = &peer[(hash + i) % ipc->peers.nelts];

        if (p->state == NGX_SFU_IPC_PEER_UNKNOWN) {
            return NGX_AGAIN;
        }

        if (p->state == NGX_SFU_IPC_PEER_UP && !p->draining) {
            *found = p;
            return NGX_OK;
        }
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_sfu_ipc_route_idlest(ngx_sfu_ipc_t *ipc, ngx_sfu_ipc_peer_t **idlest)
{
    ngx_int_t            rc;
    ngx_uint_t           i;
    ngx_sfu_ipc_peer_t  *peer, *best;

    peer = ipc->peers.elts;
    best = NULL;
    rc = NGX_ERROR;

    for (i = 0; i < ipc->peers.nelts; i++) {

        if (peer[i].state == NGX_SFU_IPC_PEER_UNKNOWN) {
            rc = NGX_AGAIN;
        }

        if (peer[i].state != NGX_SFU_IPC_PEER_UP || peer[i].draining) {
            continue;
        }

        if (best == NULL || peer[i].sessions < best->sessions) {
            best = &peer[i];
        }
    }

    if (best == NULL) {
        return rc;
    }

    /* until the next hello tells how many there really are */
    best->sessions++;

    *idlest = best;

    return NGX_OK;
}


static ngx_int_t
ngx_sfu_ipc_route_state(ngx_sfu_ipc_peer_t *peer)
{
    switch (peer->state) {

    case NGX_SFU_IPC_PEER_UP:
        return NGX_OK;

    case NGX_SFU_IPC_PEER_UNKNOWN:
        return NGX_AGAIN;

    default: /* NGX_SFU_IPC_PEER_DOWN */
        return NGX_ERROR;
    }
}
