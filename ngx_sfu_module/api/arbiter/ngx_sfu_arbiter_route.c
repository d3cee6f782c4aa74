
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * "identify" and "handshake" (4.2, 4.3).  Requests of a connection reach the
 * worker in the order of its messages, so none has to wait for the answer to
 * the one before.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


/* requests of a client at the worker; its next message waits for them */
#define NGX_SFU_ARBITER_ASKED_MAX  16


#define NGX_SFU_ARBITER_OK         "OK"
#define NGX_SFU_ARBITER_NO_TYPE    "Missing valid type property"
#define NGX_SFU_ARBITER_NO_ID      "Missing valid id property"
#define NGX_SFU_ARBITER_STRANGER   "WebSOcket Connection Not Found"
#define NGX_SFU_ARBITER_FAILED     "Internal Server Error"
#define NGX_SFU_ARBITER_FORBIDDEN  "Forbidden"


static void ngx_sfu_arbiter_identify(ngx_sfu_arbiter_client_t *client,
    json_t *data);
static ngx_int_t ngx_sfu_arbiter_enter(ngx_sfu_arbiter_client_t *client,
    ngx_sfu_feed_reply_pt handler);
static void ngx_sfu_arbiter_identify_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_arbiter_again_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_arbiter_handshake(ngx_sfu_arbiter_client_t *client,
    ngx_sfu_arbiter_message_t *message);
static json_t *ngx_sfu_arbiter_client_message(json_t *data);
static json_t *ngx_sfu_arbiter_candidate(json_t *candidate);
static void ngx_sfu_arbiter_handshake_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static ngx_int_t ngx_sfu_arbiter_ask(ngx_sfu_arbiter_client_t *client,
    json_t *message, ngx_sfu_feed_reply_pt handler);
static void ngx_sfu_arbiter_silent_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_arbiter_answered(ngx_sfu_arbiter_client_t *client);
static const char *ngx_sfu_arbiter_error(ngx_sfu_ipc_result_e result,
    json_t *reply);


void
ngx_sfu_arbiter_route(ngx_sfu_arbiter_client_t *client,
    ngx_sfu_arbiter_message_t *message)
{
    if (message->action != NULL
        && ngx_strcmp(message->action, "identify") == 0)
    {
        ngx_sfu_arbiter_identify(client, message->data);
        return;
    }

    if (message->action != NULL
        && ngx_strcmp(message->action, "handshake") == 0)
    {
        ngx_sfu_arbiter_handshake(client, message);
        return;
    }

    ngx_sfu_arbiter_tell_status(client, message->action, 403,
                                NGX_SFU_ARBITER_FORBIDDEN);
}


static void
ngx_sfu_arbiter_identify(ngx_sfu_arbiter_client_t *client, json_t *data)
{
    json_t                  *id;
    const char              *name;
    ngx_sfu_arbiter_type_e   type;

    name = json_string_value(json_object_get(data, "type"));

    if (name != NULL && ngx_strcmp(name, "client") == 0) {
        type = NGX_SFU_ARBITER_CLIENT;

    } else if (name != NULL && ngx_strcmp(name, "sfu") == 0) {
        type = NGX_SFU_ARBITER_SFU;

    } else {
        ngx_sfu_arbiter_tell_status(client, "identify", 400,
                                    NGX_SFU_ARBITER_NO_TYPE);
        return;
    }

    id = ngx_sfu_arbiter_id(data, "id");

    if (id == NULL || json_string_length(id) > SFU_IPC_PARTICIPANT_ID_MAX) {
        json_decref(id);
        ngx_sfu_arbiter_tell_status(client, "identify", 400,
                                    NGX_SFU_ARBITER_NO_ID);
        return;
    }

    ngx_sfu_arbiter_forget(client);

    client->type = type;
    client->id = id;
    client->numeric = json_is_integer(json_object_get(data, "id"));

    if (type == NGX_SFU_ARBITER_CLIENT) {
        client->room = ngx_sfu_arbiter_id(data, "roomId");
    }

    if (client->member.feed == NULL
        && ngx_sfu_feed_join(client->ipc, &client->conf->app, &client->member)
           != NGX_OK)
    {
        ngx_sfu_arbiter_forget(client);
        ngx_sfu_arbiter_tell_status(client, "identify", 500,
                                    NGX_SFU_ARBITER_FAILED);
        return;
    }

    if (ngx_sfu_arbiter_enter(client, ngx_sfu_arbiter_identify_handler)
        != NGX_OK)
    {
        ngx_sfu_arbiter_tell_status(client, "identify", 500,
                                    NGX_SFU_ARBITER_FAILED);
    }
}


static ngx_int_t
ngx_sfu_arbiter_enter(ngx_sfu_arbiter_client_t *client,
    ngx_sfu_feed_reply_pt handler)
{
    json_t     *message;
    ngx_str_t  *app;

    app = &client->conf->app;

    if (client->type == NGX_SFU_ARBITER_SFU) {
        message = json_pack("{s:s, s:s%, s:O, s:b, s:b}",
                            "type", SFU_IPC_REQ_ROOM_ENTER,
                            "app", app->data, app->len,
                            "room", client->id,
                            "numeric", (int) client->numeric,
                            "serves", 1);

    } else {
        message = json_pack("{s:s, s:s%, s:O*, s:O}",
                            "type", SFU_IPC_REQ_ROOM_ENTER,
                            "app", app->data, app->len,
                            "room", client->room,
                            "participant", client->id);
    }

    return ngx_sfu_arbiter_ask(client, message, handler);
}


static void
ngx_sfu_arbiter_identify_handler(ngx_sfu_feed_member_t *member, void *data,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    ngx_sfu_arbiter_client_t *client = member->data;

    ngx_sfu_arbiter_answered(client);

    if (ngx_sfu_arbiter_error(result, reply) == NULL) {
        ngx_sfu_arbiter_tell_status(client, "identify", 200,
                                    NGX_SFU_ARBITER_OK);
        return;
    }

    ngx_sfu_arbiter_tell_status(client, "identify", 500,
                                NGX_SFU_ARBITER_FAILED);
}


void
ngx_sfu_arbiter_enter_again(ngx_sfu_arbiter_client_t *client)
{
    if (client->type == NGX_SFU_ARBITER_UNKNOWN) {
        return;
    }

    if (ngx_sfu_arbiter_enter(client, ngx_sfu_arbiter_again_handler)
        != NGX_OK)
    {
        ngx_sfu_feed_retry(&client->member);
    }
}


static void
ngx_sfu_arbiter_again_handler(ngx_sfu_feed_member_t *member, void *data,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    const char  *error;

    ngx_sfu_arbiter_answered(member->data);

    if (result != NGX_SFU_IPC_REPLIED) {
        ngx_sfu_feed_retry(member);
        return;
    }

    error = ngx_sfu_arbiter_error(result, reply);

    if (error != NULL) {
        ngx_log_error(NGX_LOG_ERR, member->log, 0,
                      "sfu: arbiter \"%V\" is not let in again: %s",
                      &member->id, error);
    }
}


static void
ngx_sfu_arbiter_handshake(ngx_sfu_arbiter_client_t *client,
    ngx_sfu_arbiter_message_t *message)
{
    json_t  *request, *to;

    if (client->type == NGX_SFU_ARBITER_UNKNOWN) {
        ngx_sfu_arbiter_tell_status(client, "handshake", 400,
                                    NGX_SFU_ARBITER_STRANGER);
        return;
    }

    request = NULL;

    if (client->type == NGX_SFU_ARBITER_CLIENT && message->data != NULL) {
        request = ngx_sfu_arbiter_client_message(message->data);

    } else if (client->type == NGX_SFU_ARBITER_SFU) {
        to = ngx_sfu_arbiter_id(message->data, "receiver");
        request = to ? json_pack("{s:o}", "to", to) : NULL;
    }

    if (request == NULL
        || json_object_set_new(request, "type",
                               json_string(SFU_IPC_REQ_ROOM_SEND))
           == -1
        || json_object_set_new(request, "text",
                               json_stringn((char *) message->text.data,
                                            message->text.len))
           == -1)
    {
        json_decref(request);
        ngx_sfu_arbiter_tell_status(client, "handshake", 500,
                                    NGX_SFU_ARBITER_FAILED);
        return;
    }

    if (ngx_sfu_arbiter_ask(client, request,
                            ngx_sfu_arbiter_handshake_handler)
        != NGX_OK)
    {
        ngx_sfu_arbiter_tell_status(client, "handshake", 500,
                                    NGX_SFU_ARBITER_FAILED);
    }
}


/* 5.1, 5.2: what our own SFU needs of it; a foreign one gets the text */

static json_t *
ngx_sfu_arbiter_client_message(json_t *data)
{
    json_t      *request, *description;
    const char  *type, *kind;

    request = json_pack("{s:o*, s:o*}",
                        "room", ngx_sfu_arbiter_id(data, "roomId"),
                        "sender", ngx_sfu_arbiter_id(data, "sender"));

    type = json_string_value(json_object_get(data, "type"));

    if (request == NULL || type == NULL) {
        return request;
    }

    description = json_object_get(data, "description");
    kind = json_string_value(json_object_get(description, "type"));

    if (ngx_strcmp(type, "consumer") == 0) {
        (void) json_object_set_new(request, "about",
                                   ngx_sfu_arbiter_id(data, "remotePeerId"));

    } else if (kind != NULL && ngx_strcmp(kind, "offer") == 0) {
        (void) json_object_set_new(request, "channels",
                                   json_pack("[{s:s, s:i, s:s}, "
                                             "{s:s, s:i, s:s}]",
                                             "name", "chat",
                                             "id", NGX_SFU_ARBITER_CHAT,
                                             "use", "share",
                                             "name", "features",
                                             "id", NGX_SFU_ARBITER_FEATURES,
                                             "use", "tell"));
    }

    if (kind != NULL && (ngx_strcmp(kind, "offer") == 0
                         || ngx_strcmp(kind, "answer") == 0))
    {
        (void) json_object_set(request, kind,
                               json_object_get(description, "sdp"));
    }

    (void) json_object_set_new(request, "candidate",
               ngx_sfu_arbiter_candidate(json_object_get(data, "candidate")));

    return request;
}


/* 5.3: NULL and the empty one say that there are no more */

static json_t *
ngx_sfu_arbiter_candidate(json_t *candidate)
{
    json_t  *text;

    text = json_object_get(candidate, "candidate");

    if (json_string_length(text) == 0) {
        return NULL;
    }

    return json_pack("{s:O, s:O*, s:O*, s:O*}",
                     "candidate", text,
                     "mid", json_object_get(candidate, "sdpMid"),
                     "index", json_object_get(candidate, "sdpMLineIndex"),
                     "ufrag", json_object_get(candidate, "usernameFragment"));
}


static void
ngx_sfu_arbiter_handshake_handler(ngx_sfu_feed_member_t *member, void *data,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    const char                *error;
    ngx_sfu_arbiter_client_t  *client = member->data;

    ngx_sfu_arbiter_answered(client);

    error = ngx_sfu_arbiter_error(result, reply);

    if (error == NULL) {
        ngx_sfu_arbiter_tell_status(client, "handshake", 200,
                                    NGX_SFU_ARBITER_OK);

    } else if (ngx_strcmp(error, SFU_IPC_ERR_NOT_CONNECTED) == 0) {
        ngx_sfu_arbiter_tell_status(client, "handshake", 400,
                                    NGX_SFU_ARBITER_STRANGER);

    } else {
        ngx_sfu_arbiter_tell_status(client, "handshake", 500,
                                    NGX_SFU_ARBITER_FAILED);
    }
}


static ngx_int_t
ngx_sfu_arbiter_ask(ngx_sfu_arbiter_client_t *client, json_t *message,
    ngx_sfu_feed_reply_pt handler)
{
    if (ngx_sfu_feed_ask(&client->member, message, client->conf->timeout,
                         handler, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (client->member.nasked >= NGX_SFU_ARBITER_ASKED_MAX) {
        ngx_sfu_ws_hold(client->ws);
    }

    return NGX_OK;
}


/* data channels have no answers, so nobody would be told of a failure */

void
ngx_sfu_arbiter_ask_silently(ngx_sfu_arbiter_client_t *client,
    json_t *message)
{
    (void) ngx_sfu_arbiter_ask(client, message,
                               ngx_sfu_arbiter_silent_handler);
}


static void
ngx_sfu_arbiter_silent_handler(ngx_sfu_feed_member_t *member, void *data,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    ngx_sfu_arbiter_answered(member->data);
}


/* whatever it was: its next messages may wait for nothing else */

static void
ngx_sfu_arbiter_answered(ngx_sfu_arbiter_client_t *client)
{
    if (client->member.nasked < NGX_SFU_ARBITER_ASKED_MAX / 2) {
        ngx_sfu_ws_resume(client->ws);
    }
}


/* NULL: all is well */

static const char *
ngx_sfu_arbiter_error(ngx_sfu_ipc_result_e result, json_t *reply)
{
    if (result != NGX_SFU_IPC_REPLIED) {
        return "the worker does not answer";
    }

    return json_string_value(json_object_get(reply, "error"));
}
