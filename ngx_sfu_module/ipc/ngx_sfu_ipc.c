
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_sfu_ipc.h>
#include <ngx_sfu_feed.h>


static uint32_t ngx_sfu_ipc_next_id(ngx_sfu_ipc_t *ipc);
static ngx_sfu_ipc_request_t *ngx_sfu_ipc_find(ngx_sfu_ipc_t *ipc,
    ngx_rbtree_key_t id);
static json_t *ngx_sfu_ipc_parse(ngx_sfu_ipc_peer_t *peer,
    ngx_sfu_ipc_message_t *message);
static void ngx_sfu_ipc_detach(ngx_sfu_ipc_request_t *req);
static void ngx_sfu_ipc_timer_handler(ngx_event_t *ev);


ngx_sfu_ipc_t *
ngx_sfu_ipc_create(ngx_pool_t *pool, ngx_array_t *addresses,
    ngx_atomic_t *pending, ngx_log_t *log)
{
    ngx_str_t           *address;
    ngx_uint_t           i;
    ngx_sfu_ipc_t       *ipc;
    ngx_sfu_ipc_peer_t  *peer;

    ipc = ngx_pcalloc(pool, sizeof(ngx_sfu_ipc_t));
    if (ipc == NULL) {
        return NULL;
    }

    if (ngx_array_init(&ipc->peers, pool, addresses->nelts,
                       sizeof(ngx_sfu_ipc_peer_t))
        != NGX_OK)
    {
        return NULL;
    }

    ngx_rbtree_init(&ipc->sent, &ipc->sentinel, ngx_rbtree_insert_value);
    ngx_queue_init(&ipc->held);

    ipc->log = log;
    ipc->pending = pending;
    ipc->last_id = ngx_random();

    address = addresses->elts;

    for (i = 0; i < addresses->nelts; i++) {

        /* the array has room for all, so that they stay where they are */
        peer = ngx_array_push(&ipc->peers);

        ngx_memzero(peer, sizeof(ngx_sfu_ipc_peer_t));

        peer->ipc = ipc;
        peer->address = address[i];

        if (ngx_sfu_ipc_peer_open(peer, log) != NGX_OK) {
            ngx_sfu_ipc_destroy(ipc);
            return NULL;
        }
    }

    if (ngx_sfu_feed_create(ipc, pool) != NGX_OK) {
        ngx_sfu_ipc_destroy(ipc);
        return NULL;
    }

    return ipc;
}


void
ngx_sfu_ipc_destroy(ngx_sfu_ipc_t *ipc)
{
    ngx_uint_t           i;
    ngx_sfu_ipc_peer_t  *peer;

    ngx_sfu_feed_destroy(ipc);

    peer = ipc->peers.elts;

    for (i = 0; i < ipc->peers.nelts; i++) {
        ngx_sfu_ipc_peer_close(&peer[i]);
    }
}


void
ngx_sfu_ipc_ask(ngx_sfu_ipc_t *ipc, ngx_sfu_ipc_request_t *req)
{
    req->ipc = ipc;
    req->to = NULL;
    req->active = 1;
    req->queued = 0;
    req->sent = 0;
    req->asked = ++ipc->tick;
    req->result = NGX_SFU_IPC_TIMEOUT;
    req->deadline = ngx_current_msec + req->timeout;

    ngx_memzero(&req->timer, sizeof(ngx_event_t));

    req->timer.data = req;
    req->timer.handler = ngx_sfu_ipc_timer_handler;
    req->timer.log = req->log;

    /*
     * The timer is not cancelable where somebody waits: an old process stays
     * after a reload until it has answered.
     */
    req->timer.cancelable = req->background ? 1 : 0;

    ngx_add_timer(&req->timer, req->timeout);

    if (!req->background) {
        req->counted = 1;
        *ipc->pending = ++ipc->npending;
    }

    req->deferred = 1;
    ngx_sfu_ipc_route(ipc, req);
    req->deferred = 0;
}


void
ngx_sfu_ipc_cancel(ngx_sfu_ipc_request_t *req)
{
    if (req->active) {
        ngx_sfu_ipc_detach(req);
    }
}


/* NGX_AGAIN leaves the request as it was */

ngx_int_t
ngx_sfu_ipc_transmit(ngx_sfu_ipc_peer_t *peer, ngx_sfu_ipc_request_t *req)
{
    char        *text;
    size_t       len;
    ngx_int_t    rc;
    ngx_msec_t   left;

    left = req->deadline - ngx_current_msec;

    if ((ngx_msec_int_t) left < 1) {
        left = 1;
    }

    if (json_object_set_new(req->message, "timeout", json_integer(left))
        == -1)
    {
        return NGX_ERROR;
    }

    text = json_dumps(req->message, JSON_COMPACT);
    if (text == NULL) {
        return NGX_ERROR;
    }

    len = ngx_strlen(text);

    if (len > SFU_IPC_MESSAGE_MAX) {
        ngx_log_error(NGX_LOG_ERR, req->log, 0,
                      "sfu: worker \"%V\": message of %uz bytes is too large",
                      &peer->address, len);
        free(text);
        return NGX_ERROR;
    }

    req->node.key = ngx_sfu_ipc_next_id(peer->ipc);

    rc = ngx_sfu_ipc_socket_send(&peer->socket, req->node.key,
                                 (u_char *) text, len, req->log);
    free(text);

    if (rc != NGX_OK) {
        return rc;
    }

    req->to = peer;
    req->sent = 1;
    req->epoch = ngx_sfu_ipc_socket_epoch(&peer->socket);

    ngx_rbtree_insert(&peer->ipc->sent, &req->node);
    ngx_queue_insert_tail(&peer->sent, &req->queue);
    req->queued = 1;

    return NGX_OK;
}


static uint32_t
ngx_sfu_ipc_next_id(ngx_sfu_ipc_t *ipc)
{
    do {
        ipc->last_id = (ipc->last_id + 1) & NGX_SFU_IPC_ID_MASK;
    } while (ngx_sfu_ipc_find(ipc, ipc->last_id) != NULL);

    return ipc->last_id;
}


static ngx_sfu_ipc_request_t *
ngx_sfu_ipc_find(ngx_sfu_ipc_t *ipc, ngx_rbtree_key_t id)
{
    ngx_rbtree_node_t  *node;

    node = ipc->sent.root;

    while (node != &ipc->sentinel) {

        if (id == node->key) {
            return ngx_rbtree_data(node, ngx_sfu_ipc_request_t, node);
        }

        node = (id < node->key) ? node->left : node->right;
    }

    return NULL;
}


void
ngx_sfu_ipc_receive(ngx_sfu_ipc_peer_t *peer, ngx_sfu_ipc_message_t *message)
{
    json_t                 *reply, *error;
    ngx_sfu_ipc_t          *ipc;
    ngx_sfu_ipc_request_t  *req;

    ipc = peer->ipc;

    reply = ngx_sfu_ipc_parse(peer, message);
    if (reply == NULL) {
        return;
    }

    req = ngx_sfu_ipc_find(ipc, message->id);

    /* what another worker was asked is not for this one to answer */

    if (req == NULL || req->to != peer) {
        ngx_log_error(NGX_LOG_INFO, ipc->log, 0,
                      "sfu: worker \"%V\": late reply %uD dropped",
                      &peer->address, message->id);
        json_decref(reply);

        if (peer->state == NGX_SFU_IPC_PEER_DOWN) {
            ngx_sfu_ipc_peer_hello(peer);
        }

        return;
    }

    ngx_sfu_ipc_peer_seen(peer,
                          json_string_value(json_object_get(reply, "worker")));

    error = json_object_get(reply, "error");

    if (req->peer == NULL && req->session.len == 0 && req->home.len == 0
        && json_is_string(error)
        && ngx_strcmp(json_string_value(error), SFU_IPC_ERR_DRAINING) == 0)
    {
        peer->draining = 1;

        ngx_queue_remove(&req->queue);
        ngx_rbtree_delete(&ipc->sent, &req->node);
        req->queued = 0;
        req->sent = 0;

        ngx_sfu_ipc_route(ipc, req);

    } else {
        ngx_sfu_ipc_finish(req, NGX_SFU_IPC_REPLIED, reply);
    }

    json_decref(reply);
}


static json_t *
ngx_sfu_ipc_parse(ngx_sfu_ipc_peer_t *peer, ngx_sfu_ipc_message_t *message)
{
    json_t        *reply;
    size_t         len;
    const char    *worker;
    json_error_t   error;

    reply = json_loadb((char *) message->data, message->len,
                       JSON_REJECT_DUPLICATES, &error);

    if (reply == NULL) {
        ngx_log_error(NGX_LOG_ERR, peer->ipc->log, 0,
                      "sfu: worker \"%V\": reply %uD dropped: "
                      "%uz bytes that are not JSON",
                      &peer->address, message->id, message->len);
        return NULL;
    }

    worker = json_string_value(json_object_get(reply, "worker"));

    if (worker != NULL) {
        len = strspn(worker, "0123456789abcdef");

        if (len == SFU_IPC_WORKER_ID_LEN && worker[len] == '\0') {
            return reply;
        }
    }

    ngx_log_error(NGX_LOG_ERR, peer->ipc->log, 0,
                  "sfu: worker \"%V\": reply %uD dropped: "
                  "it does not name its worker", &peer->address, message->id);

    json_decref(reply);

    return NULL;
}


void
ngx_sfu_ipc_finish(ngx_sfu_ipc_request_t *req, ngx_sfu_ipc_result_e result,
    json_t *reply)
{
    if (req->deferred) {

        /* nobody expects an answer while he still asks */

        req->result = result;
        ngx_post_event(&req->timer, &ngx_posted_events);
        return;
    }

    ngx_sfu_ipc_detach(req);

    req->handler(req, result, reply);
}


static void
ngx_sfu_ipc_detach(ngx_sfu_ipc_request_t *req)
{
    if (req->sent) {
        ngx_rbtree_delete(&req->ipc->sent, &req->node);
        req->sent = 0;
    }

    if (req->queued) {
        ngx_queue_remove(&req->queue);
        req->queued = 0;
    }

    if (req->timer.timer_set) {
        ngx_del_timer(&req->timer);
    }

    if (req->timer.posted) {
        ngx_delete_posted_event(&req->timer);
    }

    if (req->counted) {
        req->counted = 0;
        *req->ipc->pending = --req->ipc->npending;
    }

    json_decref(req->message);

    req->message = NULL;
    req->active = 0;
}


static void
ngx_sfu_ipc_timer_handler(ngx_event_t *ev)
{
    ngx_sfu_ipc_request_t  *req = ev->data;

    ngx_sfu_ipc_finish(req, req->result, NULL);
}
