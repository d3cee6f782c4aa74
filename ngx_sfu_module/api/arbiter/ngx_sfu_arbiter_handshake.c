
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * "handshake" (4.3): a description, or a candidate, between a participant and
 * the SFU of its room.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


static json_t *ngx_sfu_arbiter_client_message(json_t *data);
static json_t *ngx_sfu_arbiter_candidate(json_t *candidate);
static void ngx_sfu_arbiter_handshake_handler(ngx_sfu_feed_member_t *member,
    void *data, ngx_sfu_ipc_result_e result, json_t *reply);


void
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
