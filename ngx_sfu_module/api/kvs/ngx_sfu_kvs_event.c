
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What masters and viewers are sent (6): strings only, and no member more than
 * clients with fixed buffers expect.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs_client.h>


static void ngx_sfu_kvs_event_message(ngx_sfu_kvs_client_t *client,
    json_t *event);
static void ngx_sfu_kvs_event_description(ngx_sfu_kvs_client_t *client,
    const char *type, json_t *event);
static void ngx_sfu_kvs_event_send(ngx_sfu_kvs_client_t *client,
    const char *type, json_t *payload, json_t *from);
static void ngx_sfu_kvs_event_refused(ngx_sfu_kvs_client_t *client,
    json_t *event);
static void ngx_sfu_kvs_event_end(ngx_sfu_kvs_client_t *client,
    json_t *event);


void
ngx_sfu_kvs_event(ngx_sfu_feed_member_t *member, const char *name,
    json_t *event)
{
    ngx_sfu_kvs_client_t  *client;

    client = member->data;

    if (client->ws == NULL) {

        if (client->early == NULL) {
            client->early = json_array();
        }

        (void) json_array_append(client->early, event);
        return;
    }

    if (ngx_strcmp(name, SFU_IPC_EVENT_MESSAGE) == 0) {
        ngx_sfu_kvs_event_message(client, event);

    } else if (ngx_strcmp(name, SFU_IPC_EVENT_OFFER) == 0
               || ngx_strcmp(name, SFU_IPC_EVENT_ANSWER) == 0)
    {
        ngx_sfu_kvs_event_description(client, name, event);

    } else if (ngx_strcmp(name, SFU_IPC_EVENT_REFUSED) == 0) {
        ngx_sfu_kvs_event_refused(client, event);

    } else if (ngx_strcmp(name, SFU_IPC_EVENT_END) == 0) {
        ngx_sfu_kvs_event_end(client, event);
    }
}


void
ngx_sfu_kvs_event_flush(ngx_sfu_kvs_client_t *client)
{
    size_t       i;
    json_t      *early, *event;
    const char  *name;

    early = client->early;
    client->early = NULL;

    json_array_foreach(early, i, event) {
        name = json_string_value(json_object_get(event, "event"));

        if (name != NULL) {
            ngx_sfu_kvs_event(&client->member, name, event);
        }
    }

    json_decref(early);
}


static void
ngx_sfu_kvs_event_message(ngx_sfu_kvs_client_t *client, json_t *event)
{
    const char  *kind, *type;

    kind = json_string_value(json_object_get(event, "kind"));

    type = kind == NULL ? NULL
           : ngx_strcmp(kind, "offer") == 0 ? "SDP_OFFER"
           : ngx_strcmp(kind, "answer") == 0 ? "SDP_ANSWER"
           : ngx_strcmp(kind, "candidate") == 0 ? "ICE_CANDIDATE" : NULL;

    if (type != NULL) {
        ngx_sfu_kvs_event_send(client, type, json_object_get(event, "payload"),
                               json_object_get(event, "from"));
    }
}


static void
ngx_sfu_kvs_event_description(ngx_sfu_kvs_client_t *client, const char *type,
    json_t *event)
{
    json_t  *payload;

    /* this one may have connected before its channel had storage */

    if (ngx_strcmp(type, "offer") == 0
        && json_object_get(event, "from") == NULL)
    {
        client->served = 1;
        client->storage = 1;
    }

    payload = ngx_sfu_kvs_message_close(type, json_object_get(event, "sdp"));

    ngx_sfu_kvs_event_send(client, ngx_strcmp(type, "offer") == 0
                                   ? "SDP_OFFER" : "SDP_ANSWER",
                           payload, json_object_get(event, "from"));

    json_decref(payload);
}


/* from: NULL at viewers, who hold candidates back if it changes */

static void
ngx_sfu_kvs_event_send(ngx_sfu_kvs_client_t *client, const char *type,
    json_t *payload, json_t *from)
{
    json_t  *document;

    if (!json_is_string(payload)) {
        ngx_log_error(NGX_LOG_ERR, client->member.log, 0,
                      "sfu: kvs \"%V\": the worker's event makes no sense",
                      &client->member.id);
        return;
    }

    document = json_pack("{s:s, s:O}", "messageType", type,
                         "messagePayload", payload);

    if (document != NULL && json_is_string(from)) {
        (void) json_object_set(document, "senderClientId", from);
    }

    ngx_http_sfu_send(client->ws, document);
}


static void
ngx_sfu_kvs_event_refused(ngx_sfu_kvs_client_t *client, json_t *event)
{
    ngx_str_t  correlation;

    correlation.data = (u_char *) json_string_value(client->correlation);
    correlation.len = json_string_length(client->correlation);

    ngx_sfu_kvs_relay_refuse(client, &correlation, &ngx_sfu_kvs_invalid,
                         json_string_value(json_object_get(event, "detail")));
}


static void
ngx_sfu_kvs_event_end(ngx_sfu_kvs_client_t *client, json_t *event)
{
    const char  *reason;

    reason = json_string_value(json_object_get(event, "reason"));

    ngx_sfu_feed_leave(&client->member, NULL);

    client->orphan = 1;

    if (reason != NULL && ngx_strcmp(reason, "replaced") == 0) {
        ngx_sfu_kvs_client_orphan(client);

        /* no reply will come that resumes it */
        ngx_sfu_ws_resume(client->ws);

    } else {
        ngx_sfu_ws_close(client->ws,
                         reason != NULL && ngx_strcmp(reason, "deleted") == 0
                         ? NGX_SFU_WS_NORMAL : NGX_SFU_WS_INTERNAL, NULL);
    }
}
