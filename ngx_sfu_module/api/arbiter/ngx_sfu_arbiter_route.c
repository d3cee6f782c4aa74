
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Which route a message takes, and "identify" (4, 4.2).  Requests of a
 * connection reach the worker in the order of its messages, so none has to wait
 * for the answer to the one before.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


/* requests of a client at the worker; its next message waits for them */
#define NGX_SFU_ARBITER_ASKED_MAX  16


static void ngx_sfu_arbiter_identify(ngx_sfu_arbiter_client_t *client,
    json_t *data);
static ngx_int_t ngx_sfu_arbiter_enter(ngx_sfu_arbiter_client_t *client,
    ngx_uint_t again, ngx_sfu_feed_reply_pt handler);
static void ngx_sfu_arbiter_identify_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_arbiter_again_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);
static void ngx_sfu_arbiter_silent_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);


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

    if (ngx_sfu_arbiter_enter(client, 0, ngx_sfu_arbiter_identify_handler)
        != NGX_OK)
    {
        ngx_sfu_arbiter_tell_status(client, "identify", 500,
                                    NGX_SFU_ARBITER_FAILED);
    }
}


static ngx_int_t
ngx_sfu_arbiter_enter(ngx_sfu_arbiter_client_t *client, ngx_uint_t again,
    ngx_sfu_feed_reply_pt handler)
{
    json_t     *message;
    ngx_str_t  *app;

    app = &client->conf->app;

    if (client->type == NGX_SFU_ARBITER_SFU) {
        message = json_pack("{s:s, s:s%, s:O, s:b, s:b, s:b}",
                            "type", SFU_IPC_REQ_ROOM_ENTER,
                            "app", app->data, app->len,
                            "room", client->id,
                            "numeric", (int) client->numeric,
                            "serves", 1,
                            "again", (int) again);

    } else {
        message = json_pack("{s:s, s:s%, s:O*, s:O, s:b}",
                            "type", SFU_IPC_REQ_ROOM_ENTER,
                            "app", app->data, app->len,
                            "room", client->room,
                            "participant", client->id,
                            "again", (int) again);
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

    if (ngx_sfu_arbiter_enter(client, 1, ngx_sfu_arbiter_again_handler)
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


ngx_int_t
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

void
ngx_sfu_arbiter_answered(ngx_sfu_arbiter_client_t *client)
{
    if (client->member.nasked < NGX_SFU_ARBITER_ASKED_MAX / 2) {
        ngx_sfu_ws_resume(client->ws);
    }
}


/* NULL: all is well */

const char *
ngx_sfu_arbiter_error(ngx_sfu_ipc_result_e result, json_t *reply)
{
    if (result != NGX_SFU_IPC_REPLIED) {
        return "the worker does not answer";
    }

    return json_string_value(json_object_get(reply, "error"));
}
