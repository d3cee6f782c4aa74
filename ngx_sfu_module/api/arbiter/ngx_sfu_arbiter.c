
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The HTTP gateway (2), and the way to the other one.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


static ngx_int_t ngx_sfu_arbiter_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_sfu_arbiter_call(ngx_http_request_t *r,
    ngx_str_t *path);
static ngx_uint_t ngx_sfu_arbiter_is(ngx_str_t *s, const char *word);
static ngx_int_t ngx_sfu_arbiter_get(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_arbiter_claim(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);
static ngx_int_t ngx_sfu_arbiter_ask_room(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, const char *type, json_t *path);
static ngx_int_t ngx_sfu_arbiter_reply(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply);
static json_t *ngx_sfu_arbiter_room(json_t *reply);
static json_t *ngx_sfu_arbiter_query(ngx_http_request_t *r);


/* in the order of ngx_sfu_arbiter_call_e */

static ngx_str_t  ngx_sfu_arbiter_names[] = {
    ngx_string("-"),
    ngx_string("preflight"),
    ngx_string("getRoomId"),
    ngx_string("claimRoom"),
    ngx_string("createRoom"),
    ngx_string("connect")
};


/* 3: no maximum life, and pings, because neither side sends any */

static const ngx_sfu_ws_settings_t  ngx_sfu_arbiter_ws = {
    128 * 1024,
    1024 * 1024,
    0,
    0,
    0,
    30 * 1000
};


ngx_http_sfu_api_t  ngx_sfu_arbiter_api = {
    ngx_string("arbiter"),
    ngx_sfu_arbiter_names,
    sizeof(ngx_sfu_arbiter_names) / sizeof(ngx_str_t),
    ngx_sfu_arbiter_handler,
    ngx_sfu_arbiter_failures,
    ngx_sfu_arbiter_document,
    ngx_null_string,
    NULL,
    NULL,
    1,
    NGX_HTTP_SFU_NEEDS_APPS,
    &ngx_sfu_arbiter_ws
};


static ngx_int_t
ngx_sfu_arbiter_handler(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_str_t                 path;
    ngx_http_sfu_ctx_t       *ctx;
    ngx_http_sfu_loc_conf_t  *slcf;

    ctx = ngx_http_sfu_create_ctx(r, &ngx_sfu_arbiter_api);

    if (ctx == NULL || ngx_http_sfu_path(r, &path) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    /* rooms of an app, and all who are in them, are at one worker */

    ctx->app = slcf->app;
    ctx->home = slcf->app;
    ctx->call = ngx_sfu_arbiter_call(r, &path);

    switch (ctx->call) {

    case NGX_SFU_ARBITER_PREFLIGHT:
        return ngx_http_sfu_preflight(r, ctx);

    case NGX_SFU_ARBITER_CONNECT:
        rc = ngx_sfu_arbiter_connect(r, ctx);
        break;

    case NGX_SFU_ARBITER_GET:
        rc = ngx_sfu_arbiter_get(r, ctx);
        break;

    case NGX_SFU_ARBITER_CLAIM:
        return ngx_http_sfu_read_body(r, ctx, ngx_sfu_arbiter_claim);

    case NGX_SFU_ARBITER_CREATE:
        rc = ngx_sfu_arbiter_ask_room(r, ctx, SFU_IPC_REQ_ROOM_CREATE, NULL);
        break;

    default: /* NGX_SFU_ARBITER_NONE */
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_arbiter_not_found, NULL);
    }

    if (rc == NGX_DONE) {
        r->main->count++;
    }

    return rc;
}


/* 2.5: another method is another route, which there is not */

static ngx_uint_t
ngx_sfu_arbiter_call(ngx_http_request_t *r, ngx_str_t *path)
{
    /* 3: the WebSocket is wherever the client has been told */

    if (r->method == NGX_HTTP_GET && ngx_sfu_ws_is_asked(r)) {
        return NGX_SFU_ARBITER_CONNECT;
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        return NGX_SFU_ARBITER_PREFLIGHT;
    }

    if (ngx_sfu_arbiter_is(path, "getRoomId")
        && (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)))
    {
        return NGX_SFU_ARBITER_GET;
    }

    if (ngx_sfu_arbiter_is(path, "claimRoom") && r->method == NGX_HTTP_PATCH) {
        return NGX_SFU_ARBITER_CLAIM;
    }

    if (ngx_sfu_arbiter_is(path, "createRoom")
        && (r->method & (NGX_HTTP_PUT|NGX_HTTP_POST)))
    {
        return NGX_SFU_ARBITER_CREATE;
    }

    return NGX_SFU_ARBITER_NONE;
}


static ngx_uint_t
ngx_sfu_arbiter_is(ngx_str_t *s, const char *word)
{
    return s->len == ngx_strlen(word)
           && ngx_memcmp(s->data, word, s->len) == 0;
}


static ngx_int_t
ngx_sfu_arbiter_get(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    return ngx_sfu_arbiter_ask_room(r, ctx, SFU_IPC_REQ_ROOM_FIND,
                                    ngx_sfu_arbiter_query(r));
}


static ngx_int_t
ngx_sfu_arbiter_claim(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_int_t status)
{
    json_t        *path;
    json_error_t   error;

    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                        ngx_http_sfu_status_failure(ngx_sfu_arbiter_failures,
                                                    status),
                        NULL);
    }

    /* 2.3: whatever is wrong with it, the path is what is missing */

    ctx->document = json_loadb((char *) ctx->body.data, ctx->body.len,
                               JSON_REJECT_DUPLICATES, &error);

    path = json_object_get(ctx->document, "urlPath");

    return ngx_sfu_arbiter_ask_room(r, ctx, SFU_IPC_REQ_ROOM_CLAIM,
                                    json_is_string(path) ? json_incref(path)
                                                         : NULL);
}


/* the path is taken over; rooms are created without one */

static ngx_int_t
ngx_sfu_arbiter_ask_room(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const char *type, json_t *path)
{
    json_t                      *message;
    ngx_sfu_arbiter_loc_conf_t  *alcf;

    if (ctx->call != NGX_SFU_ARBITER_CREATE
        && (json_string_length(path) == 0
            || json_string_length(path) > SFU_IPC_ROOM_PATH_MAX))
    {
        json_decref(path);
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_arbiter_missing_path, NULL);
    }

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_arbiter_module);

    message = json_pack("{s:s, s:s%, s:s%, s:o*, s:I, s:I}",
                        "type", type,
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len,
                        "path", path,
                        "ready", (json_int_t) alcf->idle_rooms,
                        "max", (json_int_t) alcf->max_rooms);

    return ngx_http_sfu_ask(r, ctx, message, ngx_sfu_arbiter_reply);
}


static ngx_int_t
ngx_sfu_arbiter_reply(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    json_t                      *document;
    const char                  *detail;
    const ngx_http_sfu_error_t  *error;

    error = ngx_http_sfu_outcome(r, ctx,
                                 ctx->call == NGX_SFU_ARBITER_CREATE
                                 ? ngx_sfu_arbiter_create_failures
                                 : ngx_sfu_arbiter_failures,
                                 result, reply, &detail);
    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    document = ctx->call == NGX_SFU_ARBITER_CREATE
               ? json_pack("{s:s}", "message", "Task started successfully!")
               : ngx_sfu_arbiter_room(reply);

    if (document == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "sfu: request \"%V\": the worker's reply "
                      "makes no sense", &ctx->id);

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_arbiter_broken, NULL);
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, document);
}


/*
 * 2.2: "roomId" is what is published, "id" what clients read; the rest is a row
 * of the original's table.  Rooms of ours have no connection.
 */

static json_t *
ngx_sfu_arbiter_room(json_t *reply)
{
    json_t  *room, *path, *id;

    room = json_object_get(reply, "room");
    path = json_object_get(reply, "path");

    if (!json_is_string(room) || !json_is_string(path)) {
        return NULL;
    }

    /* an SFU that calls itself by a number wants to be called so */

    if (json_is_true(json_object_get(reply, "numeric"))) {
        id = json_integer(strtoll(json_string_value(room), NULL, 10));

    } else {
        id = json_incref(room);
    }

    return json_pack("{s:O, s:o, s:O, s:O, s:s, s:s}",
                     "roomId", id,
                     "id", id,
                     "urlPath", path,
                     "connectionId", room,
                     "connectionType", "sfu",
                     "connectionStatus", "CLAIMED");
}


/*
 * 2.2: decoded, and then it is what it is: slashes are not normalised.  NULL:
 * there is none, or not in UTF-8.
 */

static json_t *
ngx_sfu_arbiter_query(ngx_http_request_t *r)
{
    u_char     *dst, *src;
    ngx_str_t   value;

    if (ngx_http_arg(r, (u_char *) "urlPath", sizeof("urlPath") - 1, &value)
        != NGX_OK)
    {
        return NULL;
    }

    src = value.data;

    dst = ngx_pnalloc(r->pool, value.len);
    if (dst == NULL) {
        return NULL;
    }

    value.data = dst;

    ngx_unescape_uri(&dst, &src, value.len, 0);

    value.len = dst - value.data;

    if (ngx_strlchr(value.data, dst, '\0') != NULL) {
        return NULL;
    }

    return json_stringn((char *) value.data, value.len);
}
