
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * A WebSocket of a client, or of a foreign SFU: messages in their order, and
 * what they are answered with (3, 4).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


/* of a client's, in a log line */
#define NGX_SFU_ARBITER_WORDS_MAX  64


static void ngx_sfu_arbiter_message_handler(ngx_sfu_ws_t *ws, u_char *data,
    size_t len, ngx_uint_t binary);
static void ngx_sfu_arbiter_closed_handler(ngx_sfu_ws_t *ws,
    ngx_uint_t code);
static void ngx_sfu_arbiter_lost_handler(ngx_sfu_feed_member_t *member);


static const ngx_sfu_ws_handlers_t  ngx_sfu_arbiter_handlers = {
    ngx_sfu_arbiter_message_handler,
    NULL,
    ngx_sfu_arbiter_closed_handler
};


ngx_int_t
ngx_sfu_arbiter_connect(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    ngx_uint_t                   i, status;
    ngx_sfu_arbiter_client_t    *client;
    ngx_http_sfu_main_conf_t    *smcf;
    ngx_sfu_arbiter_loc_conf_t  *alcf;

    status = ngx_sfu_ws_check(r);

    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                        ngx_http_sfu_status_failure(ngx_sfu_arbiter_failures,
                                                    status),
                        NULL);
    }

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    client = ngx_pcalloc(r->pool, sizeof(ngx_sfu_arbiter_client_t));

    if (client == NULL || smcf->ipc == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    client->conf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);
    client->ipc = smcf->ipc;

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_arbiter_module);
    client->status = alcf->status;

    for (i = 0; i < sizeof(client->name); i++) {
        client->name[i] = (u_char)
                            "0123456789abcdef"[(ngx_random() >> 8) & 15];
    }

    client->member.event = ngx_sfu_arbiter_event;
    client->member.lost = ngx_sfu_arbiter_lost_handler;
    client->member.data = client;
    client->member.id = ctx->id;
    client->member.log = r->connection->log;

    return ngx_sfu_ws_accept(r, &client->conf->ws, &ngx_sfu_arbiter_handlers,
                             client, &client->ws);
}


/* binary frames are read as text: whether it is JSON is seen then */

static void
ngx_sfu_arbiter_message_handler(ngx_sfu_ws_t *ws, u_char *data, size_t len,
    ngx_uint_t binary)
{
    json_t                     *document;
    ngx_sfu_arbiter_client_t   *client;
    ngx_sfu_arbiter_message_t   message;

    client = ngx_sfu_ws_data(ws);
    client->requests++;

    document = ngx_sfu_arbiter_parse(&message, data, len);

    ngx_sfu_arbiter_route(client, &message);

    json_decref(document);
}


static void
ngx_sfu_arbiter_closed_handler(ngx_sfu_ws_t *ws, ngx_uint_t code)
{
    ngx_sfu_arbiter_client_t  *client;

    client = ngx_sfu_ws_data(ws);

    ngx_sfu_feed_leave(&client->member, SFU_IPC_REQ_ROOM_LEAVE);
    ngx_sfu_arbiter_forget(client);
}


void
ngx_sfu_arbiter_forget(ngx_sfu_arbiter_client_t *client)
{
    json_decref(client->id);
    json_decref(client->room);

    client->id = NULL;
    client->room = NULL;
    client->type = NGX_SFU_ARBITER_UNKNOWN;
}


/* the worker was restarted, for example */

static void
ngx_sfu_arbiter_lost_handler(ngx_sfu_feed_member_t *member)
{
    ngx_sfu_arbiter_enter_again(member->data);
}


void
ngx_sfu_arbiter_tell_status(ngx_sfu_arbiter_client_t *client,
    const char *action, ngx_uint_t status, const char *text)
{
    u_char      request[sizeof(client->name) + NGX_INT_T_LEN + 1], *last;
    u_char      words[NGX_SFU_ARBITER_WORDS_MAX];
    ngx_uint_t  wanted;

    wanted = client->status;

    if (status != 200) {
        ngx_log_error(NGX_LOG_INFO, client->member.log, 0,
                      "sfu: arbiter \"%V\" %s: %ui %s", &client->member.id,
                      ngx_http_sfu_log_copy(words, sizeof(words),
                                            action ? action : "-"),
                      status, text);
    }

    if (wanted == NGX_SFU_ARBITER_STATUS_OFF
        || (wanted == NGX_SFU_ARBITER_STATUS_ERRORS && status == 200))
    {
        return;
    }

    last = ngx_cpymem(request, client->name, sizeof(client->name));
    last = ngx_sprintf(last, "-%ui", client->requests);

    ngx_http_sfu_send(client->ws,
                      json_pack("{s:i, s:s, s:s*, s:s%, s:s%}",
                                "statusCode", (int) status,
                                "message", text,
                                "action", action,
                                "connectionId", client->name,
                                sizeof(client->name),
                                "requestId", request,
                                (size_t) (last - request)));
}
