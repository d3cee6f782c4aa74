
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What the worker says of a room, as clients know it (5, 6).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


typedef void (*ngx_sfu_arbiter_event_pt)(ngx_sfu_arbiter_client_t *client,
    json_t *event);


typedef struct {
    const char                *name;
    ngx_sfu_arbiter_event_pt   handler;
} ngx_sfu_arbiter_event_t;


static void ngx_sfu_arbiter_text(ngx_sfu_arbiter_client_t *client,
    json_t *event);
static void ngx_sfu_arbiter_offer(ngx_sfu_arbiter_client_t *client,
    json_t *event);
static void ngx_sfu_arbiter_answer(ngx_sfu_arbiter_client_t *client,
    json_t *event);
static void ngx_sfu_arbiter_left(ngx_sfu_arbiter_client_t *client,
    json_t *event);
static void ngx_sfu_arbiter_unserved(ngx_sfu_arbiter_client_t *client,
    json_t *event);
static void ngx_sfu_arbiter_state(ngx_sfu_arbiter_client_t *client,
    json_t *event);
static void ngx_sfu_arbiter_told(ngx_sfu_arbiter_client_t *client,
    json_t *event);
static void ngx_sfu_arbiter_end(ngx_sfu_arbiter_client_t *client,
    json_t *event);


static const ngx_sfu_arbiter_event_t  ngx_sfu_arbiter_events[] = {
    { SFU_IPC_EVENT_TEXT, ngx_sfu_arbiter_text },
    { SFU_IPC_EVENT_OFFER, ngx_sfu_arbiter_offer },
    { SFU_IPC_EVENT_ANSWER, ngx_sfu_arbiter_answer },
    { SFU_IPC_EVENT_LEFT, ngx_sfu_arbiter_left },
    { SFU_IPC_EVENT_UNSERVED, ngx_sfu_arbiter_unserved },
    { SFU_IPC_EVENT_STATE, ngx_sfu_arbiter_state },
    { SFU_IPC_EVENT_TOLD, ngx_sfu_arbiter_told },
    { SFU_IPC_EVENT_END, ngx_sfu_arbiter_end },
    { NULL, NULL }
};


void
ngx_sfu_arbiter_event(ngx_sfu_feed_member_t *member, const char *name,
    json_t *event)
{
    const ngx_sfu_arbiter_event_t  *e;

    for (e = ngx_sfu_arbiter_events; e->name; e++) {

        if (ngx_strcmp(e->name, name) == 0) {
            e->handler(member->data, event);
            return;
        }
    }
}


/* 4.3: unchanged, and not wrapped */

static void
ngx_sfu_arbiter_text(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    json_t  *text;

    text = json_object_get(event, "text");

    if (json_is_string(text)) {
        (void) ngx_sfu_ws_send(client->ws,
                               (u_char *) json_string_value(text),
                               json_string_length(text));
    }
}


/* 5.2: "type" tells which of its connections it is for */

static void
ngx_sfu_arbiter_offer(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    ngx_http_sfu_send(client->ws,
                      json_pack("{s:s, s:O, s:O, s:O, s:{s:s, s:O}}",
                                "type", "consumer",
                                "sender", json_object_get(event, "room"),
                                "receiver", json_object_get(event, "to"),
                                "remotePeerId",
                                json_object_get(event, "about"),
                                "description", "type", "offer",
                                "sdp", json_object_get(event, "sdp")));
}


static void
ngx_sfu_arbiter_answer(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    ngx_http_sfu_send(client->ws,
                      json_pack("{s:s, s:O, s:O, s:{s:s, s:O}}",
                                "type", "producer",
                                "sender", json_object_get(event, "room"),
                                "receiver", json_object_get(event, "to"),
                                "description", "type", "answer",
                                "sdp", json_object_get(event, "sdp")));
}


static void
ngx_sfu_arbiter_left(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    ngx_http_sfu_send(client->ws,
                      json_pack("{s:s, s:O}",
                                "type", "clientDisconnect",
                                "clientId",
                                json_object_get(event, "participant")));
}


static void
ngx_sfu_arbiter_unserved(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    ngx_http_sfu_send(client->ws, json_pack("{s:s}", "type", "sfuDisconnect"));
}


/* 5.4: a client shows no picture of whom it was not told that there is one */

static void
ngx_sfu_arbiter_state(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    char    *text;
    json_t  *document, *participant;

    participant = json_object_get(event, "participant");

    document = json_pack("{s:O, s:{s:O, s:O}}",
                         "id", participant,
                         "features",
                         "audio", json_object_get(event, "audio"),
                         "video", json_object_get(event, "video"));

    text = json_dumps(document, JSON_COMPACT);
    json_decref(document);

    if (text == NULL) {
        return;
    }

    ngx_sfu_arbiter_ask_silently(client,
                                 json_pack("{s:s, s:i, s:s, s:O}",
                                           "type", SFU_IPC_REQ_ROOM_TELL,
                                           "id", NGX_SFU_ARBITER_FEATURES,
                                           "text", text,
                                           "about", participant));
    free(text);
}


/* 5.4: its own features, which count from now on */

static void
ngx_sfu_arbiter_told(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    json_t        *text, *document, *features, *audio, *video, *initial;
    json_error_t   error;

    text = json_object_get(event, "text");

    if (json_integer_value(json_object_get(event, "id"))
        != NGX_SFU_ARBITER_FEATURES || !json_is_string(text))
    {
        return;
    }

    document = json_loadb(json_string_value(text), json_string_length(text),
                          JSON_REJECT_DUPLICATES, &error);

    features = json_object_get(document, "features");
    audio = json_object_get(features, "audio");
    video = json_object_get(features, "video");
    initial = json_object_get(document, "initialConnect");

    if (json_is_boolean(audio) && json_is_boolean(video)) {
        ngx_sfu_arbiter_ask_silently(client,
                                     json_pack("{s:s, s:O, s:O, s:b}",
                                               "type", SFU_IPC_REQ_ROOM_STATE,
                                               "audio", audio,
                                               "video", video,
                                               "introduce",
                                               json_is_true(initial)));

    } else {
        ngx_log_error(NGX_LOG_INFO, client->member.log, 0,
                      "sfu: arbiter \"%V\" has sent features "
                      "that are none", &client->member.id);
    }

    json_decref(document);
}


/* 4.2: another one came with its id; it is forgotten without a notice */

static void
ngx_sfu_arbiter_end(ngx_sfu_arbiter_client_t *client, json_t *event)
{
    const char  *reason;

    reason = json_string_value(json_object_get(event, "reason"));

    ngx_sfu_feed_leave(&client->member, NULL);
    ngx_sfu_arbiter_forget(client);
    ngx_sfu_ws_resume(client->ws);

    if (reason == NULL || ngx_strcmp(reason, "replaced") != 0) {
        ngx_sfu_ws_close(client->ws, NGX_SFU_WS_INTERNAL, reason);
    }
}
