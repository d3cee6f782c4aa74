
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What a master or a viewer sends (5), and whom it is for.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs_client.h>


static const char *ngx_sfu_kvs_relay_recipient(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message);
static void ngx_sfu_kvs_relay_send(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message);
static json_t *ngx_sfu_kvs_relay_request(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message);
static ngx_int_t ngx_sfu_kvs_relay_open(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message, json_t *request);
static void ngx_sfu_kvs_relay_relayed(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);


/* in the order of ngx_sfu_kvs_kind_e */

static const char  *ngx_sfu_kvs_kinds[] = { "offer", "answer", "candidate" };


void
ngx_sfu_kvs_relay_message(ngx_sfu_ws_t *ws, u_char *data, size_t len,
    ngx_uint_t binary)
{
    json_t                 *document;
    ngx_uint_t              kind;
    ngx_sfu_kvs_client_t   *client;
    ngx_sfu_kvs_message_t   message;

    client = ngx_sfu_ws_data(ws);

    document = ngx_sfu_kvs_message_parse(&message, data, len,
                                         client->conf->payload_max);

    if (document == NULL) {
        ngx_log_error(NGX_LOG_INFO, client->member.log, 0,
                      "sfu: kvs \"%V\": a message that is no JSON object",
                      &client->member.id);
        return;
    }

    if (message.error == NULL) {
        message.error = ngx_sfu_kvs_relay_recipient(client, &message);
    }

    kind = message.kind;

    if (client->orphan) {
        ngx_sfu_kvs_relay_refuse(client, &message.correlation,
                                 &ngx_sfu_kvs_invalid,
                                 "another client has connected since");

    } else if (message.error != NULL) {
        ngx_sfu_kvs_relay_refuse(client, &message.correlation,
                                 &ngx_sfu_kvs_invalid, message.error);

    } else if (ngx_sfu_kvs_bucket_take(&client->buckets[kind],
                       &client->conf->rates[NGX_SFU_KVS_RATE_OFFER + kind],
                                       ngx_current_msec)
               != NGX_OK)
    {
        ngx_sfu_kvs_relay_refuse(client, &message.correlation,
                                 &ngx_sfu_kvs_limit, NULL);

    } else {
        ngx_sfu_kvs_relay_send(client, &message);
    }

    json_decref(document);
}


/* a viewer's is the master, whatever it says; the storage peer has no name */

static const char *
ngx_sfu_kvs_relay_recipient(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message)
{
    if (client->id.len != 0) {
        ngx_str_null(&message->recipient);
        return NULL;
    }

    if (message->recipient.len == 0) {
        return client->storage ? NULL : "recipientClientId is required";
    }

    return ngx_sfu_kvs_is_name(&message->recipient)
           ? NULL : "recipientClientId is not a client's id";
}


static void
ngx_sfu_kvs_relay_send(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message)
{
    json_t                 *request;
    ngx_sfu_kvs_waiting_t  *waiting;

    waiting = NULL;

    request = ngx_sfu_kvs_relay_request(client, message);

    if (request == NULL) {
        ngx_sfu_kvs_relay_refuse(client, &message->correlation,
                                 message->error ? &ngx_sfu_kvs_invalid
                                                : &ngx_sfu_kvs_internal,
                                 message->error);
        return;
    }

    if (message->correlation.len != 0) {
        waiting = ngx_alloc(sizeof(ngx_sfu_kvs_waiting_t)
                            + message->correlation.len, client->member.log);

        if (waiting != NULL) {
            waiting->len = message->correlation.len;
            ngx_memcpy(waiting->correlation, message->correlation.data,
                       waiting->len);
            ngx_queue_insert_tail(&client->waiting, &waiting->queue);
        }
    }

    if (ngx_sfu_feed_ask(&client->member, request, client->common->timeout,
                         ngx_sfu_kvs_relay_relayed, waiting)
        != NGX_OK)
    {
        if (waiting != NULL) {
            ngx_queue_remove(&waiting->queue);
            ngx_free(waiting);
        }

        ngx_sfu_kvs_relay_refuse(client, &message->correlation,
                                 &ngx_sfu_kvs_internal, NULL);
        return;
    }

    if (client->member.nasked >= NGX_SFU_KVS_ASKED_MAX) {
        ngx_sfu_ws_hold(client->ws);
    }
}


/* NULL: message->error, or no memory */

static json_t *
ngx_sfu_kvs_relay_request(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message)
{
    json_t  *request;

    request = json_pack("{s:s, s:s, s:s%}",
                        "type", SFU_IPC_REQ_CHANNEL_SEND,
                        "kind", ngx_sfu_kvs_kinds[message->kind],
                        "payload", message->payload.data,
                        message->payload.len);

    if (request == NULL
        || (message->recipient.len != 0
            && ngx_sfu_kvs_set_text(request, "to", &message->recipient)
               != NGX_OK)
        || (client->served
            && ngx_sfu_kvs_relay_open(client, message, request) != NGX_OK))
    {
        json_decref(request);
        return NULL;
    }

    return request;
}


/* the worker may be the one it is for, and does not look into payloads */

static ngx_int_t
ngx_sfu_kvs_relay_open(ngx_sfu_kvs_client_t *client,
    ngx_sfu_kvs_message_t *message, json_t *request)
{
    json_t  *opened;

    /* what a master says to somebody real is nobody's business */

    if (message->recipient.len != 0
        && !ngx_sfu_kvs_is_reserved(&message->recipient))
    {
        return NGX_OK;
    }

    opened = ngx_sfu_kvs_message_open(message);

    if (opened == NULL) {
        message->error = "messagePayload is not what it should be";
        return NGX_ERROR;
    }

    /* SFU_IPC_EVENT_REFUSED comes later, and names no message */

    if (message->kind != NGX_SFU_KVS_CANDIDATE) {
        json_decref(client->correlation);

        client->correlation = message->correlation.len
                         ? json_stringn((char *) message->correlation.data,
                                        message->correlation.len)
                         : NULL;
    }

    return json_object_set_new(request,
                               message->kind == NGX_SFU_KVS_CANDIDATE
                               ? "candidate" : "sdp", opened)
           == 0 ? NGX_OK : NGX_ERROR;
}


static void
ngx_sfu_kvs_relay_relayed(ngx_sfu_feed_member_t *member, void *data,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    ngx_sfu_kvs_waiting_t *waiting = data;

    ngx_str_t                    correlation;
    const char                  *code, *text;
    ngx_sfu_kvs_client_t        *client;
    const ngx_http_sfu_error_t  *error;

    client = member->data;

    if (member->nasked < NGX_SFU_KVS_ASKED_MAX / 2) {
        ngx_sfu_ws_resume(client->ws);
    }

    ngx_str_null(&correlation);

    if (waiting != NULL) {
        correlation.data = waiting->correlation;
        correlation.len = waiting->len;
    }

    code = json_string_value(json_object_get(reply, "error"));
    text = json_string_value(json_object_get(reply, "detail"));
    error = NULL;

    if (result != NGX_SFU_IPC_REPLIED) {
        error = &ngx_sfu_kvs_internal;

    } else if (code == NULL) {
        /* success is silent */

    } else if (ngx_strcmp(code, SFU_IPC_ERR_LIMIT) == 0) {
        error = &ngx_sfu_kvs_limit;

    } else if (ngx_strcmp(code, SFU_IPC_ERR_SDP_MALFORMED) == 0
               || ngx_strcmp(code, SFU_IPC_ERR_SDP_UNACCEPTABLE) == 0
               || ngx_strcmp(code, SFU_IPC_ERR_NO_OFFER) == 0
               || ngx_strcmp(code, SFU_IPC_ERR_INVALID) == 0)
    {
        error = &ngx_sfu_kvs_invalid;

    } else if (ngx_strcmp(code, SFU_IPC_ERR_NOT_CONNECTED) == 0) {
        error = &ngx_sfu_kvs_invalid;
        text = "another client has connected since";

    } else {
        error = &ngx_sfu_kvs_internal;
    }

    if (error != NULL) {
        ngx_sfu_kvs_relay_refuse(client, &correlation, error,
                                 error == &ngx_sfu_kvs_invalid ? text : NULL);
    }

    if (waiting != NULL) {
        ngx_queue_remove(&waiting->queue);
        ngx_free(waiting);
    }
}


/* 6.2 */

void
ngx_sfu_kvs_relay_refuse(ngx_sfu_kvs_client_t *client,
    ngx_str_t *correlation, const ngx_http_sfu_error_t *error,
    const char *text)
{
    json_t  *document;
    u_char   status[NGX_INT_T_LEN + 1];

    if (text == NULL) {
        text = error->text;
    }

    ngx_log_error(NGX_LOG_INFO, client->member.log, 0,
                  "sfu: kvs \"%V\": %s, %s", &client->member.id, error->code,
                  text);

    if (correlation->len == 0) {
        return;
    }

    (void) ngx_sprintf(status, "%ui%Z", error->status);

    document = json_pack("{s:s, s:{s:s%, s:s, s:s, s:s, s:b}}",
                         "messageType", "STATUS_RESPONSE",
                         "statusResponse",
                         "correlationId", correlation->data, correlation->len,
                         "errorType", error->code, "statusCode", status,
                         "description", text, "success", 0);

    ngx_http_sfu_send(client->ws, document);
}
