
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * One worker as this nginx process sees it: its socket as nginx events, and
 * the hello that tells whether it lives, who it is and how busy.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_sfu_ipc.h>
#include <ngx_sfu_feed.h>


#define NGX_SFU_IPC_HELLO_INTERVAL  5000

/* a local socket connects in less, or nobody listens there */
#define NGX_SFU_IPC_FIRST_LOOK      500

#define NGX_SFU_IPC_MISSED_MAX      2

/* replies read before the other events of the process have their turn */
#define NGX_SFU_IPC_BURST           64


static ngx_connection_t *ngx_sfu_ipc_peer_connection(ngx_sfu_ipc_peer_t *peer,
    int fd, ngx_event_handler_pt handler, ngx_log_t *log);
static void ngx_sfu_ipc_peer_release(ngx_connection_t *c);
static void ngx_sfu_ipc_peer_recv_handler(ngx_event_t *rev);
static void ngx_sfu_ipc_peer_send_handler(ngx_event_t *rev);
static void ngx_sfu_ipc_peer_timer_handler(ngx_event_t *ev);
static void ngx_sfu_ipc_peer_block(ngx_sfu_ipc_peer_t *peer);
static void ngx_sfu_ipc_peer_lost(ngx_sfu_ipc_peer_t *peer);
static void ngx_sfu_ipc_peer_hello_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_ipc_peer_incompatible(ngx_sfu_ipc_peer_t *peer,
    json_int_t version);
static void ngx_sfu_ipc_peer_up(ngx_sfu_ipc_peer_t *peer);
static void ngx_sfu_ipc_peer_down(ngx_sfu_ipc_peer_t *peer, const char *why);


ngx_int_t
ngx_sfu_ipc_peer_open(ngx_sfu_ipc_peer_t *peer, ngx_log_t *log)
{
    ngx_queue_init(&peer->sent);
    ngx_queue_init(&peer->waiting);

    peer->socket.socket = -1;

    if (ngx_sfu_ipc_socket_open(&peer->socket, (char *) peer->address.data,
                                log)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    peer->recv = ngx_sfu_ipc_peer_connection(peer, peer->socket.recv_fd,
                                             ngx_sfu_ipc_peer_recv_handler,
                                             log);
    if (peer->recv == NULL) {
        return NGX_ERROR;
    }

    peer->send = ngx_sfu_ipc_peer_connection(peer, peer->socket.send_fd,
                                             ngx_sfu_ipc_peer_send_handler,
                                             log);
    if (peer->send == NULL) {
        return NGX_ERROR;
    }

    /*
     * Level-triggered, whatever the event method prefers: nanomsg says EAGAIN
     * for a malformed message, too, although others may wait behind it, and
     * an edge would then never come.
     */
    if (ngx_add_event(peer->recv->read, NGX_READ_EVENT, NGX_LEVEL_EVENT)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    peer->timer.data = peer;
    peer->timer.handler = ngx_sfu_ipc_peer_timer_handler;
    peer->timer.log = log;
    peer->timer.cancelable = 1;

    ngx_add_timer(&peer->timer, NGX_SFU_IPC_FIRST_LOOK);

    /* the hello goes out as soon as there is a connection */
    ngx_sfu_ipc_peer_block(peer);

    return NGX_OK;
}


static ngx_connection_t *
ngx_sfu_ipc_peer_connection(ngx_sfu_ipc_peer_t *peer, int fd,
    ngx_event_handler_pt handler, ngx_log_t *log)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(fd, log);
    if (c == NULL) {
        return NULL;
    }

    c->data = peer;
    c->log = log;

    c->read->handler = handler;
    c->read->log = log;
    c->write->log = log;

    return c;
}


void
ngx_sfu_ipc_peer_close(ngx_sfu_ipc_peer_t *peer)
{
    if (peer->timer.timer_set) {
        ngx_del_timer(&peer->timer);
    }

    ngx_sfu_ipc_cancel(&peer->hello);

    if (peer->recv != NULL) {
        ngx_sfu_ipc_peer_release(peer->recv);
        peer->recv = NULL;
    }

    if (peer->send != NULL) {
        ngx_sfu_ipc_peer_release(peer->send);
        peer->send = NULL;
    }

    ngx_sfu_ipc_socket_close(&peer->socket);
}


/* the descriptor is nanomsg's to close */

static void
ngx_sfu_ipc_peer_release(ngx_connection_t *c)
{
    if (c->read->active) {
        (void) ngx_del_event(c->read, NGX_READ_EVENT, 0);
    }

    ngx_free_connection(c);

    c->fd = (ngx_socket_t) -1;
}


static void
ngx_sfu_ipc_peer_recv_handler(ngx_event_t *rev)
{
    ngx_int_t               rc;
    ngx_uint_t              n;
    ngx_connection_t       *c;
    ngx_sfu_ipc_peer_t     *peer;
    ngx_sfu_ipc_message_t   message;

    c = rev->data;
    peer = c->data;

    for (n = 0; n < NGX_SFU_IPC_BURST; n++) {

        rc = ngx_sfu_ipc_socket_recv(&peer->socket, &message, rev->log);

        if (rc == NGX_AGAIN || rc == NGX_ERROR) {
            return;
        }

        if (rc == NGX_OK) {
            ngx_sfu_ipc_receive(peer, &message);
            ngx_sfu_ipc_socket_free(&message);
        }
    }
}


void
ngx_sfu_ipc_peer_send(ngx_sfu_ipc_peer_t *peer, ngx_sfu_ipc_request_t *req)
{
    ngx_int_t  rc;

    rc = NGX_AGAIN;

    /* in the order they came: mutations of a session depend on it */

    if (ngx_queue_empty(&peer->waiting)) {
        rc = ngx_sfu_ipc_transmit(peer, req);
    }

    if (rc == NGX_OK) {
        return;
    }

    if (rc == NGX_ERROR) {
        ngx_sfu_ipc_finish(req, NGX_SFU_IPC_FAILED, NULL);
        return;
    }

    ngx_sfu_ipc_peer_block(peer);

    if (ngx_sfu_ipc_socket_connected(&peer->socket)) {

        /* it is slow or stopped; the deadline is the limit */

        req->to = peer;
        req->queued = 1;
        ngx_queue_insert_tail(&peer->waiting, &req->queue);
        return;
    }

    ngx_sfu_ipc_peer_lost(peer);

    if (peer->state == NGX_SFU_IPC_PEER_UP) {
        (void) ngx_sfu_ipc_socket_renew(&peer->socket, peer->ipc->log);
        ngx_sfu_ipc_peer_down(peer, "connection is lost");
    }

    /* for this request there may be another worker, or something to wait for */
    ngx_sfu_ipc_route(peer->ipc, req);
}


/* asks to be told when something can be sent: on connection, for example */

static void
ngx_sfu_ipc_peer_block(ngx_sfu_ipc_peer_t *peer)
{
    if (peer->blocked) {
        return;
    }

    if (ngx_add_event(peer->send->read, NGX_READ_EVENT, NGX_LEVEL_EVENT)
        == NGX_OK)
    {
        peer->blocked = 1;
    }
}


static void
ngx_sfu_ipc_peer_send_handler(ngx_event_t *rev)
{
    ngx_int_t               rc;
    ngx_queue_t            *q;
    ngx_connection_t       *c;
    ngx_sfu_ipc_peer_t     *peer;
    ngx_sfu_ipc_request_t  *req;

    c = rev->data;
    peer = c->data;

    /* "worker_shutdown_timeout" calls the handlers of all connections */

    if (!peer->blocked) {
        return;
    }

    ngx_sfu_ipc_peer_lost(peer);

    if (peer->hello.active && !peer->hello.sent) {
        ngx_sfu_ipc_cancel(&peer->hello);
        ngx_sfu_ipc_peer_hello(peer);

    } else if (peer->state != NGX_SFU_IPC_PEER_UP) {
        ngx_sfu_ipc_peer_hello(peer);
    }

    while (!ngx_queue_empty(&peer->waiting)) {

        q = ngx_queue_head(&peer->waiting);
        req = ngx_queue_data(q, ngx_sfu_ipc_request_t, queue);

        ngx_queue_remove(q);
        req->queued = 0;

        rc = ngx_sfu_ipc_transmit(peer, req);

        if (rc == NGX_AGAIN) {
            ngx_queue_insert_head(&peer->waiting, q);
            req->queued = 1;
            return;
        }

        if (rc == NGX_ERROR) {
            ngx_sfu_ipc_finish(req, NGX_SFU_IPC_FAILED, NULL);
        }
    }

    if (ngx_del_event(rev, NGX_READ_EVENT, 0) == NGX_OK) {
        peer->blocked = 0;
    }
}


static void
ngx_sfu_ipc_peer_timer_handler(ngx_event_t *ev)
{
    ngx_sfu_ipc_peer_t *peer = ev->data;

    ngx_add_timer(ev, NGX_SFU_IPC_HELLO_INTERVAL);

    ngx_sfu_ipc_peer_lost(peer);

    if (!ngx_sfu_ipc_socket_connected(&peer->socket)) {
        ngx_sfu_ipc_cancel(&peer->hello);
        ngx_sfu_ipc_peer_block(peer);
        (void) ngx_sfu_ipc_socket_renew(&peer->socket, peer->ipc->log);
        ngx_sfu_ipc_peer_down(peer, "no connection");
        return;
    }

    if (peer->hello.active) {

        if (++peer->missed >= NGX_SFU_IPC_MISSED_MAX) {
            ngx_sfu_ipc_peer_down(peer, "no answer to hello");
        }

        ngx_sfu_ipc_cancel(&peer->hello);
    }

    ngx_sfu_ipc_peer_hello(peer);
}


/*
 * What was sent over a connection that is gone will not be answered, so
 * nobody needs to wait for the deadline.
 */

static void
ngx_sfu_ipc_peer_lost(ngx_sfu_ipc_peer_t *peer)
{
    uint64_t                epoch;
    ngx_queue_t            *q, lost;
    ngx_uint_t              connected;
    ngx_sfu_ipc_request_t  *req;

    connected = ngx_sfu_ipc_socket_connected(&peer->socket);
    epoch = ngx_sfu_ipc_socket_epoch(&peer->socket);

    ngx_queue_init(&lost);

    while (!ngx_queue_empty(&peer->sent)) {

        q = ngx_queue_head(&peer->sent);
        req = ngx_queue_data(q, ngx_sfu_ipc_request_t, queue);

        if (connected && req->epoch == epoch) {
            break;
        }

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&lost, q);
    }

    while (!ngx_queue_empty(&lost)) {

        q = ngx_queue_head(&lost);
        req = ngx_queue_data(q, ngx_sfu_ipc_request_t, queue);

        if (req == &peer->hello) {
            ngx_sfu_ipc_cancel(req);

        } else {
            ngx_sfu_ipc_finish(req, NGX_SFU_IPC_UNAVAILABLE, NULL);
        }
    }
}


void
ngx_sfu_ipc_peer_hello(ngx_sfu_ipc_peer_t *peer)
{
    char                    name[64];
    ngx_int_t               rc;
    ngx_sfu_ipc_request_t  *req;

    req = &peer->hello;

    if (req->active) {
        return;
    }

    ngx_memzero(req, sizeof(ngx_sfu_ipc_request_t));

    (void) ngx_snprintf((u_char *) name, sizeof(name), "%s #%P%Z",
                        NGINX_VER, ngx_pid);

    req->message = json_pack("{s:s, s:s, s:i, s:s}",
                             "type", SFU_IPC_REQ_HELLO, "request", "hello",
                             "version", SFU_IPC_VERSION, "peer", name);
    if (req->message == NULL) {
        return;
    }

    req->ipc = peer->ipc;
    req->peer = peer;
    req->asked = peer->ipc->tick;
    req->deadline = ngx_current_msec + NGX_SFU_IPC_HELLO_INTERVAL;
    req->handler = ngx_sfu_ipc_peer_hello_handler;
    req->log = peer->ipc->log;
    req->active = 1;

    rc = ngx_sfu_ipc_transmit(peer, req);

    if (rc == NGX_OK) {
        return;
    }

    if (rc == NGX_AGAIN) {
        ngx_sfu_ipc_peer_block(peer);

        if (ngx_sfu_ipc_socket_connected(&peer->socket)) {
            /* it does not read: counts as sent, and will count as missed */
            return;
        }
    }

    ngx_sfu_ipc_cancel(req);
}


static void
ngx_sfu_ipc_peer_hello_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    json_t              *version, *sessions;
    const char          *error;
    ngx_sfu_ipc_peer_t  *peer;

    peer = req->peer;

    if (result != NGX_SFU_IPC_REPLIED) {
        return;
    }

    peer->missed = 0;
    peer->answered = req->asked;

    version = json_object_get(reply, "version");
    sessions = json_object_get(reply, "sessions");
    error = json_string_value(json_object_get(reply, "error"));

    if (error == NULL && json_integer_value(version) == SFU_IPC_VERSION) {

        peer->sessions = ngx_max(json_integer_value(sessions), 0);
        peer->draining = json_is_true(json_object_get(reply, "draining"));

        ngx_sfu_ipc_peer_up(peer);

    } else {
        ngx_sfu_ipc_peer_incompatible(peer, json_integer_value(version));
    }

    ngx_sfu_ipc_route_held(peer->ipc);
}


/* the sender of any reply: another id means another process */

void
ngx_sfu_ipc_peer_seen(ngx_sfu_ipc_peer_t *peer, const char *id)
{
    if (peer->known && ngx_memcmp(peer->id, id, SFU_IPC_WORKER_ID_LEN) == 0) {
        return;
    }

    ngx_memcpy(peer->id, id, SFU_IPC_WORKER_ID_LEN);

    if (peer->known) {
        ngx_log_error(NGX_LOG_NOTICE, peer->ipc->log, 0,
                      "sfu: worker \"%V\": has restarted, id %*s",
                      &peer->address, (size_t) SFU_IPC_WORKER_ID_LEN,
                      peer->id);

        ngx_sfu_feed_restarted(peer);
    }

    peer->known = 1;
    peer->incompatible = 0;

    /* how many sessions, which version? */
    ngx_sfu_ipc_peer_hello(peer);
}


static void
ngx_sfu_ipc_peer_incompatible(ngx_sfu_ipc_peer_t *peer, json_int_t version)
{
    if (!peer->incompatible) {
        ngx_log_error(NGX_LOG_ERR, peer->ipc->log, 0,
                      "sfu: worker \"%V\": speaks version %L of the protocol, "
                      "this nginx speaks %d", &peer->address,
                      (int64_t) version, SFU_IPC_VERSION);
        peer->incompatible = 1;
    }

    ngx_sfu_ipc_peer_down(peer, "other version");
}


static void
ngx_sfu_ipc_peer_up(ngx_sfu_ipc_peer_t *peer)
{
    peer->incompatible = 0;

    if (peer->state == NGX_SFU_IPC_PEER_UP) {
        return;
    }

    peer->state = NGX_SFU_IPC_PEER_UP;

    ngx_log_error(NGX_LOG_NOTICE, peer->ipc->log, 0,
                  "sfu: worker \"%V\": is up, id %*s, %ui sessions",
                  &peer->address, (size_t) SFU_IPC_WORKER_ID_LEN, peer->id,
                  peer->sessions);
}


static void
ngx_sfu_ipc_peer_down(ngx_sfu_ipc_peer_t *peer, const char *why)
{
    if (peer->state == NGX_SFU_IPC_PEER_DOWN) {
        return;
    }

    peer->state = NGX_SFU_IPC_PEER_DOWN;

    ngx_log_error(NGX_LOG_ERR, peer->ipc->log, 0,
                  "sfu: worker \"%V\": is down, %s", &peer->address, why);

    ngx_sfu_ipc_route_held(peer->ipc);
}
