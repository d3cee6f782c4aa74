
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The way of a request: path, method, app, secret, body, worker, response.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_cloudflare.h>


#define NGX_SFU_CLOUDFLARE_SESSION_MAX  128
#define NGX_SFU_CLOUDFLARE_LABEL_MAX    128


static ngx_int_t ngx_sfu_cloudflare_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_sfu_cloudflare_route(ngx_http_sfu_ctx_t *ctx,
    ngx_str_t *path);
static ngx_uint_t ngx_sfu_cloudflare_is_adapter(ngx_str_t *path);
static ngx_uint_t ngx_sfu_cloudflare_session_id(ngx_str_t *id);
static void ngx_sfu_cloudflare_label(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_cloudflare_body_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);
static json_t *ngx_sfu_cloudflare_parse(ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_cloudflare_check_t *check);
static ngx_int_t ngx_sfu_cloudflare_ask(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static json_t *ngx_sfu_cloudflare_message(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_cloudflare_reply_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply);


/* in the order of ngx_sfu_cloudflare_call_e */

static ngx_str_t  ngx_sfu_cloudflare_names[] = {
    ngx_string("-"),
    ngx_string("preflight"),
    ngx_string("sessions/new"),
    ngx_string("tracks/new"),
    ngx_string("renegotiate"),
    ngx_string("tracks/close"),
    ngx_string("datachannels/establish"),
    ngx_string("datachannels/new"),
    ngx_string("datachannels/update"),
    ngx_string("datachannels/close"),
    ngx_string("tracks/update"),
    ngx_string("session")
};


static ngx_sfu_cloudflare_call_t  ngx_sfu_cloudflare_calls[] = {

    { ngx_null_string, 0, NULL, 0, NULL, NULL },

    { ngx_null_string, 0, NULL, 0, NULL, NULL },

    { ngx_null_string, NGX_HTTP_POST, "POST, OPTIONS", NGX_HTTP_CREATED,
      ngx_sfu_cloudflare_new_request,
      ngx_sfu_cloudflare_new_response },

    { ngx_string("tracks/new"), NGX_HTTP_POST, "POST, OPTIONS", NGX_HTTP_OK,
      ngx_sfu_cloudflare_tracks_request,
      ngx_sfu_cloudflare_tracks_response },

    { ngx_string("renegotiate"), NGX_HTTP_PUT, "PUT, OPTIONS", NGX_HTTP_OK,
      ngx_sfu_cloudflare_renegotiate_request,
      ngx_sfu_cloudflare_renegotiate_response },

    { ngx_string("tracks/close"), NGX_HTTP_PUT, "PUT, OPTIONS", NGX_HTTP_OK,
      ngx_sfu_cloudflare_close_request,
      ngx_sfu_cloudflare_close_response },

    { ngx_string("datachannels/establish"), NGX_HTTP_POST, "POST, OPTIONS",
      NGX_HTTP_OK,
      ngx_sfu_cloudflare_establish_request,
      ngx_sfu_cloudflare_establish_response },

    { ngx_string("datachannels/new"), NGX_HTTP_POST, "POST, OPTIONS",
      NGX_HTTP_OK,
      ngx_sfu_cloudflare_channels_request,
      ngx_sfu_cloudflare_channels_response },

    { ngx_string("datachannels/update"), NGX_HTTP_PUT, "PUT, OPTIONS",
      NGX_HTTP_OK,
      ngx_sfu_cloudflare_channels_update_request,
      ngx_sfu_cloudflare_channels_response },

    { ngx_string("datachannels/close"), NGX_HTTP_PUT, "PUT, OPTIONS",
      NGX_HTTP_OK,
      ngx_sfu_cloudflare_channels_close_request,
      ngx_sfu_cloudflare_channels_response },
    { ngx_string("tracks/update"), NGX_HTTP_PUT, "PUT, OPTIONS", NGX_HTTP_OK,
      ngx_sfu_cloudflare_update_request,
      ngx_sfu_cloudflare_update_response },

    { ngx_null_string, NGX_HTTP_GET|NGX_HTTP_HEAD, "GET, HEAD, OPTIONS",
      NGX_HTTP_OK,
      ngx_sfu_cloudflare_get_request,
      ngx_sfu_cloudflare_get_response }
};


ngx_http_sfu_api_t  ngx_sfu_cloudflare_api = {
    ngx_string("cloudflare"),
    ngx_sfu_cloudflare_names,
    sizeof(ngx_sfu_cloudflare_names) / sizeof(ngx_str_t),
    ngx_sfu_cloudflare_handler,
    ngx_sfu_cloudflare_failures,
    ngx_sfu_cloudflare_document,
    ngx_null_string,
    NULL,
    NGX_HTTP_SFU_BEARER,
    0,
    NGX_HTTP_SFU_NEEDS_APPS,
    NULL
};


static ngx_int_t
ngx_sfu_cloudflare_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_str_t                   path, allow;
    ngx_uint_t                  valid;
    ngx_sfu_auth_app_t         *app;
    ngx_http_sfu_ctx_t         *ctx;
    ngx_sfu_cloudflare_call_t  *call;
    ngx_http_sfu_main_conf_t   *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    ctx = ngx_http_sfu_create_ctx(r, &ngx_sfu_cloudflare_api);
    if (ctx == NULL || ngx_http_sfu_path(r, &path) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* browsers send no credentials with it */

    if (r->method == NGX_HTTP_OPTIONS) {
        ctx->call = NGX_SFU_CLOUDFLARE_PREFLIGHT;
        return ngx_http_sfu_preflight(r, ctx);
    }

    ctx->call = ngx_sfu_cloudflare_route(ctx, &path);

    /* what is logged is known by then: the rest is the client's free text */

    valid = ngx_sfu_cloudflare_session_id(&ctx->session);
    app = ngx_sfu_auth_find_app(&smcf->apps, &ctx->app);

    if (app == NULL) {
        ngx_str_null(&ctx->app);
    }

    if (ctx->call == NGX_SFU_CLOUDFLARE_NONE) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_not_found,
                                 ngx_sfu_cloudflare_is_adapter(&path)
                                 ? "WebSocket adapters are not served"
                                 : "no such path");
    }

    call = &ngx_sfu_cloudflare_calls[ctx->call];

    if (!(r->method & call->method)) {
        allow.data = (u_char *) call->allow;
        allow.len = ngx_strlen(call->allow);

        if (ngx_http_sfu_add_header(r, "Allow", &allow) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_bad_method,
                                 NULL);
    }

    if (app == NULL) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_not_found,
                                 "no such app");
    }

    rc = ngx_sfu_auth_bearer(app, r->headers_in.authorization
                                  ? &r->headers_in.authorization->value
                                  : NULL);
    if (rc != NGX_OK) {
        return ngx_http_sfu_fail(r, ctx,
                                 &ngx_sfu_cloudflare_unauthorized, NULL);
    }

    if (ctx->call != NGX_SFU_CLOUDFLARE_SESSIONS_NEW && !valid) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_gone, NULL);
    }

    ngx_sfu_cloudflare_label(r, ctx);

    if (ctx->call != NGX_SFU_CLOUDFLARE_SESSION) {
        return ngx_http_sfu_read_body(r, ctx, ngx_sfu_cloudflare_body_handler);
    }

    rc = ngx_sfu_cloudflare_ask(r, ctx);

    if (rc == NGX_DONE) {
        r->main->count++;
    }

    return rc;
}


/* "{app}/sessions/..." */

static ngx_uint_t
ngx_sfu_cloudflare_route(ngx_http_sfu_ctx_t *ctx, ngx_str_t *path)
{
    ngx_str_t   rest, sessions;
    ngx_uint_t  i;

    rest = *path;

    ctx->app = ngx_http_sfu_segment(&rest);
    sessions = ngx_http_sfu_segment(&rest);

    if (sessions.len != sizeof("sessions") - 1
        || ngx_strncmp(sessions.data, "sessions", sizeof("sessions") - 1) != 0
        || rest.len == 0)
    {
        return NGX_SFU_CLOUDFLARE_NONE;
    }

    if (rest.len == sizeof("new") - 1
        && ngx_strncmp(rest.data, "new", sizeof("new") - 1) == 0)
    {
        return NGX_SFU_CLOUDFLARE_SESSIONS_NEW;
    }

    ctx->session = ngx_http_sfu_segment(&rest);

    if (ctx->session.data + ctx->session.len == path->data + path->len) {
        return NGX_SFU_CLOUDFLARE_SESSION;
    }

    for (i = NGX_SFU_CLOUDFLARE_TRACKS_NEW;
         i < NGX_SFU_CLOUDFLARE_SESSION;
         i++)
    {
        if (rest.len == ngx_sfu_cloudflare_calls[i].path.len
            && ngx_memcmp(rest.data, ngx_sfu_cloudflare_calls[i].path.data,
                          rest.len)
               == 0)
        {
            return i;
        }
    }

    return NGX_SFU_CLOUDFLARE_NONE;
}


/* 11: "{app}/adapters/..." */

static ngx_uint_t
ngx_sfu_cloudflare_is_adapter(ngx_str_t *path)
{
    ngx_str_t  rest, word;

    rest = *path;

    (void) ngx_http_sfu_segment(&rest);
    word = ngx_http_sfu_segment(&rest);

    return word.len == sizeof("adapters") - 1
           && ngx_strncmp(word.data, "adapters", sizeof("adapters") - 1) == 0;
}


static ngx_uint_t
ngx_sfu_cloudflare_session_id(ngx_str_t *id)
{
    u_char  ch, c;
    size_t  i;

    for (i = 0; i < id->len; i++) {
        ch = id->data[i];
        c = ch | 0x20;

        if ((c < 'a' || c > 'z') && (ch < '0' || ch > '9')
            && ch != '_' && ch != '-')
        {
            break;
        }
    }

    if (id->len == 0 || i != id->len
        || id->len > NGX_SFU_CLOUDFLARE_SESSION_MAX)
    {
        ngx_str_null(id);
        return 0;
    }

    return 1;
}


static void
ngx_sfu_cloudflare_label(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    ngx_str_t  value;

    if (ngx_http_arg(r, (u_char *) "correlationId",
                     sizeof("correlationId") - 1, &value)
        != NGX_OK)
    {
        return;
    }

    ctx->label = value;
    ctx->label.len = ngx_min(value.len, NGX_SFU_CLOUDFLARE_LABEL_MAX);
}


static ngx_int_t
ngx_sfu_cloudflare_body_handler(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_int_t status)
{
    ngx_sfu_cloudflare_check_t  check;

    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                     ngx_http_sfu_status_failure(ngx_sfu_cloudflare_failures,
                                           status),
                     NULL);
    }

    ngx_sfu_cloudflare_check_init(&check, r->pool);

    ctx->document = ngx_sfu_cloudflare_parse(ctx, &check);

    if (ctx->document == NULL) {
        return ngx_http_sfu_fail(r, ctx, check.error, check.detail);
    }

    return ngx_sfu_cloudflare_ask(r, ctx);
}


static json_t *
ngx_sfu_cloudflare_parse(ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_cloudflare_check_t *check)
{
    size_t  i;

    if (ctx->call == NGX_SFU_CLOUDFLARE_SESSIONS_NEW) {

        for (i = 0; i < ctx->body.len; i++) {
            if (ngx_strchr(" \t\r\n", ctx->body.data[i]) == NULL) {
                break;
            }
        }

        if (i == ctx->body.len) {
            return json_object();
        }
    }

    return ngx_http_sfu_parse(ctx, check, &ngx_sfu_cloudflare_decoding);
}


static ngx_int_t
ngx_sfu_cloudflare_ask(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    json_t                      *message;
    ngx_sfu_cloudflare_call_t   *call;
    ngx_sfu_cloudflare_check_t   check;

    call = &ngx_sfu_cloudflare_calls[ctx->call];

    ngx_sfu_cloudflare_check_init(&check, r->pool);

    message = ngx_sfu_cloudflare_message(r, ctx);

    if (message == NULL) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_internal,
                                 NULL);
    }

    if (call->request(&check, ctx->document, message) != NGX_OK) {
        json_decref(message);

        return ngx_http_sfu_fail(r, ctx,
                                 check.error ? check.error
                                         : &ngx_sfu_cloudflare_internal,
                                 check.detail);
    }

    return ngx_http_sfu_ask(r, ctx, message, ngx_sfu_cloudflare_reply_handler);
}


/* "name=true", and whatever else is not "false" or "0" */

static ngx_uint_t
ngx_sfu_cloudflare_flag(ngx_http_request_t *r, const char *name)
{
    ngx_str_t  value;

    if (ngx_http_arg(r, (u_char *) name, ngx_strlen(name), &value) != NGX_OK) {
        return 0;
    }

    return !(value.len == 5
             && ngx_strncasecmp(value.data, (u_char *) "false", 5) == 0)
           && !(value.len == 1 && value.data[0] == '0');
}


/* what every message has */

static json_t *
ngx_sfu_cloudflare_message(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    u_char  *dst, *src, *p;
    json_t  *message, *label;

    message = json_pack("{s:s%, s:s%}",
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len);
    if (message == NULL) {
        return NULL;
    }

    if (ctx->call != NGX_SFU_CLOUDFLARE_SESSIONS_NEW) {

        if (json_object_set_new(message, "session",
                                json_stringn((char *) ctx->session.data,
                                             ctx->session.len))
            == -1)
        {
            json_decref(message);
            return NULL;
        }

        return message;
    }

    if (ngx_sfu_cloudflare_flag(r, "thirdparty")
        && json_object_set_new(message, "controlling", json_true()) == -1)
    {
        json_decref(message);
        return NULL;
    }

    if (ctx->label.len != 0) {

        p = ngx_pnalloc(r->pool, ctx->label.len);
        if (p == NULL) {
            json_decref(message);
            return NULL;
        }

        dst = p;
        src = ctx->label.data;

        ngx_unescape_uri(&dst, &src, ctx->label.len, 0);

        /* NULL when it is not UTF-8; nobody misses it */
        label = json_stringn((char *) p, dst - p);

        if (label != NULL) {
            (void) json_object_set_new(message, "label", label);
        }
    }

    return message;
}


static ngx_int_t
ngx_sfu_cloudflare_reply_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply)
{
    json_t                            *document;
    const char                        *detail;
    ngx_sfu_cloudflare_call_t         *call;
    const ngx_http_sfu_error_t  *error;

    error = ngx_http_sfu_outcome(r, ctx, ngx_sfu_cloudflare_failures, result,
                                 reply, &detail);
    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    call = &ngx_sfu_cloudflare_calls[ctx->call];

    document = call->response(ctx, reply);

    if (document == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "sfu: request \"%V\": the worker's reply "
                      "makes no sense", &ctx->id);

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_cloudflare_internal,
                                 NULL);
    }

    return ngx_http_sfu_reply(r, ctx, call->status, document);
}
