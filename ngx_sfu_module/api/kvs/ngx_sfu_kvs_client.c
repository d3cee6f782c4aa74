
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * How long somebody is a master or a viewer (4.5, 10).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs_client.h>


/* the worker's client id at a master; clients cannot take it (4.2) */
#define NGX_SFU_KVS_OURSELVES  "AWS_SFU"


static void ngx_sfu_kvs_client_connected(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_kvs_client_leaving(ngx_sfu_ws_t *ws);
static void ngx_sfu_kvs_client_closed(ngx_sfu_ws_t *ws, ngx_uint_t code);
static void ngx_sfu_kvs_client_orphan_handler(ngx_event_t *ev);


const ngx_sfu_ws_handlers_t  ngx_sfu_kvs_handlers = {
    ngx_sfu_kvs_relay_message,
    ngx_sfu_kvs_client_leaving,
    ngx_sfu_kvs_client_closed
};


json_t *
ngx_sfu_kvs_client_connect(ngx_sfu_kvs_client_t *client, ngx_uint_t again)
{
    json_t                  *message;
    ngx_sfu_kvs_loc_conf_t  *conf;

    conf = client->conf;

    message = json_pack("{s:s, s:s%, s:s%, s:s%, s:I, s:s, s:b, s:i, s:i, "
                        "s:{s:i, s:I, s:i}, s:b, s:s}",
                        "type", SFU_IPC_REQ_CHANNEL_CONNECT,
                        "app", client->app.data, client->app.len,
                        "scope", client->scope.data, client->scope.len,
                        "name", client->name.data, client->name.len,
                        "created", (json_int_t) client->created,
                        "role", client->id.len ? "viewer" : "master",
                        "again", (int) again,
                        "viewers", (int) (client->fanout || client->storage
                                          ? conf->fanout_viewers
                                          : conf->viewers),
                        "rate", (int)
                                conf->rates[NGX_SFU_KVS_RATE_CONNECT].rate,
                        "queue", "messages", (int) conf->queue_messages,
                                 "bytes", (json_int_t) conf->queue_size,
                                 "clients", (int) conf->queue_clients,
                        "fanout", (int) client->fanout,
                        "as", NGX_SFU_KVS_OURSELVES);

    if (message != NULL && client->id.len != 0
        && ngx_sfu_kvs_set_text(message, "client", &client->id) != NGX_OK)
    {
        json_decref(message);
        return NULL;
    }

    return message;
}


void
ngx_sfu_kvs_client_mode(ngx_sfu_kvs_client_t *client, json_t *reply)
{
    const char  *mode;

    mode = json_string_value(json_object_get(reply, "mode"));

    client->served = mode != NULL && ngx_strcmp(mode, "relay") != 0;
    client->storage = mode != NULL && ngx_strcmp(mode, "storage") == 0;
}


/* the worker has forgotten it: it is connected anew, as old as it is */

void
ngx_sfu_kvs_client_lost(ngx_sfu_feed_member_t *member)
{
    ngx_sfu_kvs_client_t  *client;

    client = member->data;

    /*
     * Before the 101 it may fail with its request.  If it does not, that was
     * for a feed of which the worker will hear no more.
     */

    if (client->ws == NULL) {
        client->lost = 1;
        return;
    }

    if (ngx_sfu_feed_ask(member, ngx_sfu_kvs_client_connect(client, 1),
                         client->common->timeout,
                         ngx_sfu_kvs_client_connected, NULL)
        != NGX_OK)
    {
        ngx_sfu_ws_close(client->ws, NGX_SFU_WS_INTERNAL, NULL);
    }
}


static void
ngx_sfu_kvs_client_connected(ngx_sfu_feed_member_t *member, void *data,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    const char            *code;
    ngx_sfu_kvs_client_t  *client;

    client = member->data;
    code = json_string_value(json_object_get(reply, "error"));

    if (result != NGX_SFU_IPC_REPLIED) {
        ngx_sfu_feed_retry(member);
        return;
    }

    if (code == NULL) {
        ngx_sfu_kvs_client_mode(client, reply);
        return;
    }

    ngx_log_error(NGX_LOG_INFO, member->log, 0,
                  "sfu: kvs \"%V\": not connected again: %s", &member->id,
                  code);

    client->orphan = 1;

    ngx_sfu_feed_leave(member, NULL);
    ngx_sfu_ws_close(client->ws,
                     ngx_strcmp(code, SFU_IPC_ERR_CHANNEL_NOT_FOUND) == 0
                     ? NGX_SFU_WS_NORMAL : NGX_SFU_WS_INTERNAL, NULL);
}


void
ngx_sfu_kvs_client_orphan(ngx_sfu_kvs_client_t *client)
{
    if (client->conf->orphan == 0) {
        ngx_sfu_ws_close(client->ws, NGX_SFU_WS_NORMAL, NULL);
        return;
    }

    client->orphaned.handler = ngx_sfu_kvs_client_orphan_handler;
    client->orphaned.data = client;
    client->orphaned.log = client->member.log;
    client->orphaned.cancelable = 1;

    ngx_add_timer(&client->orphaned, client->conf->orphan);
}


static void
ngx_sfu_kvs_client_orphan_handler(ngx_event_t *ev)
{
    ngx_sfu_kvs_client_t *client = ev->data;

    ngx_sfu_ws_close(client->ws, NGX_SFU_WS_NORMAL, NULL);
}


/* 6.3; those that do not understand it are closed after the grace time */

static void
ngx_sfu_kvs_client_leaving(ngx_sfu_ws_t *ws)
{
    ngx_http_sfu_send(ws, json_pack("{s:s}", "messageType", "GO_AWAY"));
}


/* 8.5: what comes for it from now on waits for its next connection */

static void
ngx_sfu_kvs_client_closed(ngx_sfu_ws_t *ws, ngx_uint_t code)
{
    ngx_sfu_kvs_client_t  *client;

    client = ngx_sfu_ws_data(ws);

    ngx_sfu_feed_leave(&client->member, SFU_IPC_REQ_CHANNEL_DISCONNECT);
    ngx_sfu_kvs_client_free(client);
}


void
ngx_sfu_kvs_client_free(ngx_sfu_kvs_client_t *client)
{
    ngx_queue_t            *q;
    ngx_sfu_kvs_waiting_t  *waiting;

    while (!ngx_queue_empty(&client->waiting)) {
        q = ngx_queue_head(&client->waiting);
        waiting = ngx_queue_data(q, ngx_sfu_kvs_waiting_t, queue);

        ngx_queue_remove(q);
        ngx_free(waiting);
    }

    json_decref(client->early);
    json_decref(client->correlation);

    client->early = NULL;
    client->correlation = NULL;

    if (client->orphaned.timer_set) {
        ngx_del_timer(&client->orphaned);
    }
}
