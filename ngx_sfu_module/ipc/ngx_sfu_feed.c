
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_sfu_feed.h>
#include <ngx_sfu_feed_priv.h>


/*
 * How long a request for events waits at the worker, and is waited for.  When
 * its reply is lost, the next one has to come before the worker forgets the
 * feed, five seconds after that reply; so this and NGX_SFU_FEED_RETRY are less.
 */
#define NGX_SFU_FEED_WAIT     2000
#define NGX_SFU_FEED_TIMEOUT  3500


static void ngx_sfu_feed_name(ngx_sfu_feed_t *feed);
static void ngx_sfu_feed_next(ngx_sfu_feed_t *feed);
static void ngx_sfu_feed_next_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_feed_deliver(ngx_sfu_feed_t *feed, json_t *events);
static ngx_sfu_feed_member_t *ngx_sfu_feed_find(ngx_sfu_feed_t *feed,
    ngx_rbtree_key_t number);
static void ngx_sfu_feed_timer_handler(ngx_event_t *ev);
static void ngx_sfu_feed_tell_lost(ngx_sfu_feed_t *feed);


ngx_int_t
ngx_sfu_feed_create(ngx_sfu_ipc_t *ipc, ngx_pool_t *pool)
{
    ngx_uint_t           i;
    ngx_sfu_feed_t      *feed;
    ngx_sfu_ipc_peer_t  *peer;

    peer = ipc->peers.elts;

    for (i = 0; i < ipc->peers.nelts; i++) {

        feed = ngx_pcalloc(pool, sizeof(ngx_sfu_feed_t));
        if (feed == NULL) {
            return NGX_ERROR;
        }

        feed->ipc = ipc;
        feed->peer = &peer[i];

        ngx_sfu_feed_name(feed);

        ngx_rbtree_init(&feed->members, &feed->sentinel,
                        ngx_rbtree_insert_value);
        ngx_queue_init(&feed->all);
        ngx_queue_init(&feed->lost);

        feed->timer.data = feed;
        feed->timer.handler = ngx_sfu_feed_timer_handler;
        feed->timer.log = ipc->log;
        feed->timer.cancelable = 1;

        peer[i].feed = feed;
    }

    return NGX_OK;
}


static void
ngx_sfu_feed_name(ngx_sfu_feed_t *feed)
{
    ngx_uint_t  i;

    for (i = 0; i < SFU_IPC_FEED_ID_LEN; i++) {
        feed->id[i] = (u_char) "0123456789abcdef"[(ngx_random() >> 8) & 15];
    }
}


void
ngx_sfu_feed_destroy(ngx_sfu_ipc_t *ipc)
{
    char                *text;
    json_t              *message;
    ngx_uint_t           i, sent;
    ngx_sfu_feed_t      *feed;
    ngx_sfu_ipc_peer_t  *peer;

    sent = 0;
    peer = ipc->peers.elts;

    for (i = 0; i < ipc->peers.nelts; i++) {

        feed = peer[i].feed;

        if (feed == NULL) {
            continue;
        }

        if (feed->timer.timer_set) {
            ngx_del_timer(&feed->timer);
        }

        ngx_sfu_ipc_cancel(&feed->next);

        if (ngx_queue_empty(&feed->all) && ngx_queue_empty(&feed->lost)) {
            continue;
        }

        message = json_pack("{s:s, s:s, s:s%, s:i}",
                            "type", SFU_IPC_REQ_EVENTS_END,
                            "request", "events",
                            "feed", feed->id, (size_t) SFU_IPC_FEED_ID_LEN,
                            "timeout", 1);
        text = json_dumps(message, JSON_COMPACT);
        json_decref(message);

        if (text != NULL
            && ngx_sfu_ipc_socket_send(&peer[i].socket, ipc->last_id,
                                       (u_char *) text, ngx_strlen(text),
                                       ipc->log)
               == NGX_OK)
        {
            sent = 1;
        }

        free(text);
    }

    /* nanomsg drops what its thread has not written when it is closed */

    if (sent) {
        ngx_msleep(10);
    }
}


ngx_int_t
ngx_sfu_feed_join(ngx_sfu_ipc_t *ipc, ngx_str_t *home,
    ngx_sfu_feed_member_t *member)
{
    ngx_time_t          *tp;
    ngx_sfu_ipc_peer_t  *peer;

    peer = ngx_sfu_ipc_home(ipc, home);

    if (peer->state == NGX_SFU_IPC_PEER_DOWN) {
        return NGX_DECLINED;
    }

    tp = ngx_timeofday();

    member->born = (uint64_t) tp->sec * 1000 + tp->msec;
    member->feed = peer->feed;
    member->nasked = 0;
    member->node.key = ++peer->feed->last_number;

    ngx_queue_init(&member->asked);
    ngx_queue_insert_tail(&peer->feed->all, &member->queue);
    ngx_rbtree_insert(&peer->feed->members, &member->node);

    ngx_sfu_feed_next(peer->feed);

    return NGX_OK;
}


void
ngx_sfu_feed_leave(ngx_sfu_feed_member_t *member, const char *type)
{
    ngx_sfu_feed_t  *feed;

    feed = member->feed;

    if (feed == NULL) {
        return;
    }

    ngx_sfu_feed_part(member, type);

    ngx_queue_remove(&member->queue);
    ngx_rbtree_delete(&feed->members, &member->node);

    member->feed = NULL;

    if (ngx_queue_empty(&feed->all) && ngx_queue_empty(&feed->lost)) {
        ngx_sfu_ipc_cancel(&feed->next);

        /* the worker forgets it soon, and then it begins anew */
        feed->epoch = 0;
        feed->since = 0;
    }
}


void
ngx_sfu_feed_retry(ngx_sfu_feed_member_t *member)
{
    ngx_queue_remove(&member->queue);
    ngx_queue_insert_tail(&member->feed->lost, &member->queue);

    ngx_sfu_feed_wake(member->feed, NGX_SFU_FEED_RETRY);
}


void
ngx_sfu_feed_restarted(ngx_sfu_ipc_peer_t *peer)
{
    if (peer->feed == NULL) {
        return;
    }

    /* later: this may be the reply to one of our requests */

    peer->feed->restarted = 1;

    ngx_sfu_feed_wake(peer->feed, 1);
}


static void
ngx_sfu_feed_next(ngx_sfu_feed_t *feed)
{
    ngx_sfu_ipc_request_t  *req;

    req = &feed->next;

    if (req->active
        || (ngx_queue_empty(&feed->all) && ngx_queue_empty(&feed->lost)))
    {
        return;
    }

    ngx_memzero(req, sizeof(ngx_sfu_ipc_request_t));

    req->message = json_pack("{s:s, s:s, s:s%, s:I, s:i}",
                             "type", SFU_IPC_REQ_EVENTS_NEXT,
                             "request", "events",
                             "feed", feed->id, (size_t) SFU_IPC_FEED_ID_LEN,
                             "since", feed->since,
                             "wait", NGX_SFU_FEED_WAIT);

    if (req->message == NULL) {
        ngx_sfu_feed_wake(feed, NGX_SFU_FEED_RETRY);
        return;
    }

    req->peer = feed->peer;
    req->timeout = NGX_SFU_FEED_TIMEOUT;
    req->background = 1;
    req->handler = ngx_sfu_feed_next_handler;
    req->data = feed;
    req->log = feed->ipc->log;

    ngx_sfu_ipc_ask(feed->ipc, req);
}


static void
ngx_sfu_feed_next_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    json_int_t       epoch;
    const char      *error;
    ngx_sfu_feed_t  *feed;

    feed = req->data;

    if (result != NGX_SFU_IPC_REPLIED) {

        /* what it has said meanwhile it says again */

        ngx_sfu_feed_wake(feed, NGX_SFU_FEED_RETRY);
        return;
    }

    error = json_string_value(json_object_get(reply, "error"));
    epoch = json_integer_value(json_object_get(reply, "epoch"));

    if (error != NULL || epoch == 0) {
        ngx_log_error(NGX_LOG_ERR, feed->ipc->log, 0,
                      "sfu: worker \"%V\": no events: %s",
                      &feed->peer->address, error ? error : "no epoch");
        ngx_sfu_feed_wake(feed, NGX_SFU_FEED_RETRY);
        return;
    }

    if (feed->epoch == 0) {
        feed->epoch = epoch;
    }

    if (feed->epoch != epoch) {
        ngx_log_error(NGX_LOG_NOTICE, feed->ipc->log, 0,
                      "sfu: worker \"%V\": has forgotten our connections",
                      &feed->peer->address);

        feed->restarted = 1;
        ngx_sfu_feed_wake(feed, 1);
        return;
    }

    feed->since = json_integer_value(json_object_get(reply, "last"));

    ngx_sfu_feed_deliver(feed, json_object_get(reply, "events"));

    if (!feed->restarted) {
        ngx_sfu_feed_next(feed);
    }
}


static void
ngx_sfu_feed_deliver(ngx_sfu_feed_t *feed, json_t *events)
{
    json_t                 *event;
    size_t                  i;
    const char             *name;
    ngx_rbtree_key_t        number;
    ngx_sfu_feed_member_t  *member;

    json_array_foreach(events, i, event) {

        number = json_integer_value(json_object_get(event, "connection"));
        name = json_string_value(json_object_get(event, "event"));

        /* it may have left while this was on its way */

        member = ngx_sfu_feed_find(feed, number);

        if (member != NULL && name != NULL) {
            member->event(member, name, event);
        }
    }
}


static ngx_sfu_feed_member_t *
ngx_sfu_feed_find(ngx_sfu_feed_t *feed, ngx_rbtree_key_t number)
{
    ngx_rbtree_node_t  *node;

    node = feed->members.root;

    while (node != &feed->sentinel) {

        if (number == node->key) {
            return ngx_rbtree_data(node, ngx_sfu_feed_member_t, node);
        }

        node = (number < node->key) ? node->left : node->right;
    }

    return NULL;
}


void
ngx_sfu_feed_wake(ngx_sfu_feed_t *feed, ngx_msec_t wait)
{
    if (!feed->timer.timer_set) {
        ngx_add_timer(&feed->timer, wait);
    }
}


static void
ngx_sfu_feed_timer_handler(ngx_event_t *ev)
{
    ngx_queue_t     *q;
    ngx_sfu_feed_t  *feed = ev->data;

    if (feed->restarted) {

        feed->restarted = 0;
        feed->epoch = 0;
        feed->since = 0;

        /* of the one before the worker forgets what it may still know */

        ngx_sfu_feed_name(feed);
        ngx_sfu_ipc_cancel(&feed->next);

        while (!ngx_queue_empty(&feed->all)) {
            q = ngx_queue_head(&feed->all);
            ngx_queue_remove(q);
            ngx_queue_insert_tail(&feed->lost, q);
        }
    }

    if (!ngx_queue_empty(&feed->lost)) {

        if (feed->peer->state == NGX_SFU_IPC_PEER_UP) {
            ngx_sfu_feed_tell_lost(feed);

        } else {
            ngx_sfu_feed_wake(feed, NGX_SFU_FEED_RETRY);
        }
    }

    ngx_sfu_feed_next(feed);
}


/* a handler may leave, or retry, which puts it into the queue again */

static void
ngx_sfu_feed_tell_lost(ngx_sfu_feed_t *feed)
{
    ngx_queue_t            *q, lost;
    ngx_sfu_feed_member_t  *member;

    ngx_queue_init(&lost);
    ngx_queue_add(&lost, &feed->lost);
    ngx_queue_init(&feed->lost);

    while (!ngx_queue_empty(&lost)) {

        q = ngx_queue_head(&lost);
        member = ngx_queue_data(q, ngx_sfu_feed_member_t, queue);

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&feed->all, q);

        member->lost(member);
    }
}
