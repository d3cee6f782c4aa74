
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What members of a feed ask the worker.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_sfu_feed.h>
#include <ngx_sfu_feed_priv.h>


#define NGX_SFU_FEED_LEAVE_TIMEOUT  10000


typedef struct {
    ngx_sfu_ipc_request_t    ipc;
    ngx_queue_t              queue;
    ngx_sfu_feed_t          *feed;
    ngx_sfu_feed_member_t   *member;       /* NULL: it left */
    ngx_sfu_feed_reply_pt    handler;
    void                    *data;
} ngx_sfu_feed_ask_t;


static ngx_sfu_feed_ask_t *ngx_sfu_feed_message(ngx_sfu_feed_member_t *member,
    json_t *message);
static void ngx_sfu_feed_ask_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply);


ngx_int_t
ngx_sfu_feed_ask(ngx_sfu_feed_member_t *member, json_t *message,
    ngx_msec_t timeout, ngx_sfu_feed_reply_pt handler, void *data)
{
    ngx_sfu_feed_ask_t  *ask;

    ask = ngx_sfu_feed_message(member, message);
    if (ask == NULL) {
        return NGX_ERROR;
    }

    ask->ipc.timeout = timeout;
    ask->handler = handler;
    ask->data = data;

    ngx_queue_insert_tail(&member->asked, &ask->queue);
    member->nasked++;

    ngx_sfu_ipc_ask(member->feed->ipc, &ask->ipc);

    return NGX_OK;
}


/* its requests are cancelled, and the worker is asked to forget it */

void
ngx_sfu_feed_part(ngx_sfu_feed_member_t *member, const char *type)
{
    ngx_queue_t         *q;
    ngx_sfu_feed_t      *feed;
    ngx_sfu_feed_ask_t  *ask;

    feed = member->feed;

    while (!ngx_queue_empty(&member->asked)) {

        q = ngx_queue_head(&member->asked);
        ask = ngx_queue_data(q, ngx_sfu_feed_ask_t, queue);

        ngx_queue_remove(q);
        ngx_sfu_ipc_cancel(&ask->ipc);
        ngx_free(ask);
    }

    /* an old process does not end before the worker knows */

    if (type != NULL) {
        ask = ngx_sfu_feed_message(member, json_pack("{s:s}", "type", type));

        if (ask != NULL) {
            ask->member = NULL;
            ask->ipc.log = feed->ipc->log;
            ask->ipc.timeout = NGX_SFU_FEED_LEAVE_TIMEOUT;

            ngx_sfu_ipc_ask(feed->ipc, &ask->ipc);

        } else {
            feed->restarted = 1;
            ngx_sfu_feed_wake(feed, NGX_SFU_FEED_RETRY);
        }
    }
}


/* takes the message over */

static ngx_sfu_feed_ask_t *
ngx_sfu_feed_message(ngx_sfu_feed_member_t *member, json_t *message)
{
    ngx_sfu_feed_t      *feed;
    ngx_sfu_feed_ask_t  *ask;

    feed = member->feed;

    ask = ngx_calloc(sizeof(ngx_sfu_feed_ask_t), feed->ipc->log);

    if (ask == NULL || message == NULL
        || json_object_set_new(message, "feed",
                               json_stringn((char *) feed->id,
                                            SFU_IPC_FEED_ID_LEN))
           == -1
        || json_object_set_new(message, "connection",
                               json_integer(member->node.key))
           == -1
        || json_object_set_new(message, "born", json_integer(member->born))
           == -1
        || json_object_set_new(message, "request",
                               json_stringn(member->id.len
                                            ? (char *) member->id.data : "-",
                                            member->id.len
                                            ? member->id.len : 1))
           == -1)
    {
        json_decref(message);
        ngx_free(ask);
        return NULL;
    }

    ask->ipc.message = message;
    ask->ipc.peer = feed->peer;
    ask->ipc.handler = ngx_sfu_feed_ask_handler;
    ask->ipc.data = ask;
    ask->ipc.log = member->log;

    ask->feed = feed;
    ask->member = member;

    return ask;
}


static void
ngx_sfu_feed_ask_handler(ngx_sfu_ipc_request_t *req,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    void                   *data;
    ngx_sfu_feed_t         *feed;
    ngx_sfu_feed_ask_t     *ask;
    ngx_sfu_feed_reply_pt   handler;
    ngx_sfu_feed_member_t  *member;

    ask = req->data;
    feed = ask->feed;
    member = ask->member;
    handler = ask->handler;
    data = ask->data;

    if (member != NULL) {
        ngx_queue_remove(&ask->queue);
        member->nasked--;
    }

    ngx_free(ask);

    if (member == NULL) {

        /* the worker may still have it, so the others come again without it */

        if (result != NGX_SFU_IPC_REPLIED) {
            feed->restarted = 1;
            ngx_sfu_feed_wake(feed, NGX_SFU_FEED_RETRY);
        }

        return;
    }

    if (handler != NULL) {
        handler(member, data, result, reply);
    }
}
