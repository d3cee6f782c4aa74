
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The way of a request: method, path, app, secret, type, body, worker,
 * response.  WHIP and WHEP differ in one word of the message to the worker.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_whip.h>


static ngx_int_t ngx_sfu_whip_handler(ngx_http_request_t *r);
static ngx_int_t ngx_sfu_whep_handler(ngx_http_request_t *r);
static ngx_int_t ngx_sfu_whip_request(ngx_http_request_t *r,
    ngx_http_sfu_api_t *api);
static ngx_int_t ngx_sfu_whip_options(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_whip_path_t *path);
static ngx_int_t ngx_sfu_whip_check(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_whip_path_t *path);
static ngx_int_t ngx_sfu_whip_refuse_method(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_whip_path_t *path);
static ngx_int_t ngx_sfu_whip_body_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);
static ngx_int_t ngx_sfu_whip_ask(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static json_t *ngx_sfu_whip_message(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_whip_set(json_t *message, const char *name,
    ngx_str_t *value);
static ngx_int_t ngx_sfu_whip_set_match(ngx_http_request_t *r,
    json_t *message);
static ngx_int_t ngx_sfu_whip_reply_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply);


/* in the order of ngx_sfu_whip_call_e */

static ngx_str_t  ngx_sfu_whip_names[] = {
    ngx_string("-"),
    ngx_string("preflight"),
    ngx_string("publish"),
    ngx_string("trickle"),
    ngx_string("end")
};


static ngx_str_t  ngx_sfu_whep_names[] = {
    ngx_string("-"),
    ngx_string("preflight"),
    ngx_string("watch"),
    ngx_string("trickle"),
    ngx_string("end")
};


ngx_http_sfu_api_t  ngx_sfu_whip_api = {
    ngx_string("whip"),
    ngx_sfu_whip_names,
    sizeof(ngx_sfu_whip_names) / sizeof(ngx_str_t),
    ngx_sfu_whip_handler,
    ngx_sfu_whip_failures,
    ngx_sfu_whip_document,
    ngx_string("application/problem+json"),
    NULL,
    NGX_HTTP_SFU_BEARER,
    0,
    NGX_HTTP_SFU_NEEDS_APPS,
    NULL
};


ngx_http_sfu_api_t  ngx_sfu_whep_api = {
    ngx_string("whep"),
    ngx_sfu_whep_names,
    sizeof(ngx_sfu_whep_names) / sizeof(ngx_str_t),
    ngx_sfu_whep_handler,
    ngx_sfu_whip_failures,
    ngx_sfu_whip_document,
    ngx_string("application/problem+json"),
    NULL,
    NGX_HTTP_SFU_BEARER,
    0,
    NGX_HTTP_SFU_NEEDS_APPS,
    NULL
};


static ngx_int_t
ngx_sfu_whip_handler(ngx_http_request_t *r)
{
    return ngx_sfu_whip_request(r, &ngx_sfu_whip_api);
}


static ngx_int_t
ngx_sfu_whep_handler(ngx_http_request_t *r)
{
    return ngx_sfu_whip_request(r, &ngx_sfu_whep_api);
}


static ngx_int_t
ngx_sfu_whip_request(ngx_http_request_t *r, ngx_http_sfu_api_t *api)
{
    ngx_int_t             rc;
    ngx_http_sfu_ctx_t   *ctx;
    ngx_sfu_whip_path_t   path;

    ctx = ngx_http_sfu_create_ctx(r, api);

    if (ctx == NULL || ngx_sfu_whip_path(r, &path) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->session = path.session;
    ctx->stream = path.stream;

    /* browsers send no credentials with it */

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_sfu_whip_options(r, ctx, &path);
    }

    if (path.session.len == 0) {
        ctx->call = (r->method == NGX_HTTP_POST) ? NGX_SFU_WHIP_CREATE
                                                 : NGX_SFU_WHIP_NONE;

    } else if (r->method == NGX_HTTP_PATCH) {
        ctx->call = NGX_SFU_WHIP_TRICKLE;

    } else if (r->method == NGX_HTTP_DELETE) {
        ctx->call = NGX_SFU_WHIP_END;
    }

    rc = ngx_sfu_whip_check(r, ctx, &path);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ctx->call != NGX_SFU_WHIP_END) {
        return ngx_http_sfu_read_body(r, ctx, ngx_sfu_whip_body_handler);
    }

    rc = ngx_sfu_whip_ask(r, ctx);

    if (rc == NGX_DONE) {
        r->main->count++;
    }

    return rc;
}


/* 4.2: the types of bodies are told to those who ask */

static ngx_int_t
ngx_sfu_whip_options(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_whip_path_t *path)
{
    ngx_int_t  rc;
    ngx_str_t  post = ngx_string("application/sdp");
    ngx_str_t  patch = ngx_string("application/trickle-ice-sdpfrag");

    ctx->call = NGX_SFU_WHIP_PREFLIGHT;

    rc = path->session.len ? ngx_http_sfu_add_header(r, "Accept-Patch", &patch)
                           : ngx_http_sfu_add_header(r, "Accept-Post", &post);

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_sfu_preflight(r, ctx);
}


/* NGX_DECLINED: nothing is wrong so far */

static ngx_int_t
ngx_sfu_whip_check(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_whip_path_t *path)
{
    ngx_sfu_auth_app_t        *app;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    app = ngx_sfu_auth_find_app(&smcf->apps, &path->app);

    if (app == NULL || !path->valid) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_not_found,
                                 app == NULL ? "no such app" : NULL);
    }

    ctx->app = path->app;

    if (ctx->call == NGX_SFU_WHIP_NONE) {
        return ngx_sfu_whip_refuse_method(r, ctx, path);
    }

    if (ngx_sfu_auth_bearer(app, r->headers_in.authorization
                                 ? &r->headers_in.authorization->value
                                 : NULL)
        != NGX_OK)
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_unauthorized, NULL);
    }

    if (ctx->call == NGX_SFU_WHIP_CREATE
        && !ngx_sfu_whip_is_type(r, "application/sdp"))
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_bad_type,
                                 "the body must be application/sdp");
    }

    if (ctx->call == NGX_SFU_WHIP_TRICKLE
        && !ngx_sfu_whip_is_type(r, "application/trickle-ice-sdpfrag"))
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_bad_type,
                         "the body must be application/trickle-ice-sdpfrag");
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_sfu_whip_refuse_method(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_whip_path_t *path)
{
    ngx_str_t  endpoint = ngx_string("POST, OPTIONS");
    ngx_str_t  session = ngx_string("PATCH, DELETE, OPTIONS");

    if (ngx_http_sfu_add_header(r, "Allow",
                                path->session.len ? &session : &endpoint)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_bad_method, NULL);
}


static ngx_int_t
ngx_sfu_whip_body_handler(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_int_t status)
{
    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                           ngx_http_sfu_status_failure(ngx_sfu_whip_failures,
                                                       status),
                           NULL);
    }

    if (ctx->body.len == 0) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_malformed,
                                 "the body is empty");
    }

    return ngx_sfu_whip_ask(r, ctx);
}


static ngx_int_t
ngx_sfu_whip_ask(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    json_t  *message;

    message = ngx_sfu_whip_message(r, ctx);

    if (message == NULL) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_malformed,
                                 "the request is not UTF-8");
    }

    return ngx_http_sfu_ask(r, ctx, message, ngx_sfu_whip_reply_handler);
}


/* NULL: no memory, or what should be text is none */

static json_t *
ngx_sfu_whip_message(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    json_t      *message;
    ngx_int_t    rc;
    const char  *type;

    type = (ctx->call == NGX_SFU_WHIP_CREATE) ? SFU_IPC_REQ_CREATE
           : (ctx->call == NGX_SFU_WHIP_TRICKLE) ? SFU_IPC_REQ_TRICKLE
                                                 : SFU_IPC_REQ_END;

    message = json_pack("{s:s, s:s%, s:s%}", "type", type,
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len);
    if (message == NULL) {
        return NULL;
    }

    if (ctx->call == NGX_SFU_WHIP_CREATE) {
        rc = ngx_sfu_whip_set(message,
                              ctx->api == &ngx_sfu_whep_api ? "watch"
                                                            : "stream",
                              &ctx->stream);

        if (rc == NGX_OK) {
            rc = ngx_sfu_whip_set(message, "offer", &ctx->body);
        }

    } else {
        rc = ngx_sfu_whip_set(message, "session", &ctx->session);
    }

    if (rc == NGX_OK && ctx->call == NGX_SFU_WHIP_TRICKLE) {
        rc = ngx_sfu_whip_set(message, "fragment", &ctx->body);

        if (rc == NGX_OK) {
            rc = ngx_sfu_whip_set_match(r, message);
        }
    }

    if (rc != NGX_OK) {
        json_decref(message);
        return NULL;
    }

    return message;
}


static ngx_int_t
ngx_sfu_whip_set(json_t *message, const char *name, ngx_str_t *value)
{
    if (json_object_set_new(message, name,
                            json_stringn((char *) value->data, value->len))
        == -1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* 4.3.1: without it the worker refuses, since it knows the session */

static ngx_int_t
ngx_sfu_whip_set_match(ngx_http_request_t *r, json_t *message)
{
    ngx_str_t  *header, match;

    header = ngx_http_sfu_find_header(r, "If-Match");

    if (header == NULL) {
        return NGX_OK;
    }

    match = *header;

    if (match.len >= 2 && match.data[0] == '"'
        && match.data[match.len - 1] == '"')
    {
        match.data++;
        match.len -= 2;
    }

    return ngx_sfu_whip_set(message, "match", &match);
}


static ngx_int_t
ngx_sfu_whip_reply_handler(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    const char                  *detail;
    const ngx_http_sfu_error_t  *error;

    error = ngx_http_sfu_outcome(r, ctx, ngx_sfu_whip_failures, result, reply,
                                 &detail);

    /* players ask again until somebody publishes */

    if (error == &ngx_sfu_whip_no_stream
        && ngx_http_sfu_add_retry_after(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    switch (ctx->call) {

    case NGX_SFU_WHIP_CREATE:
        return ngx_sfu_whip_created(r, ctx, reply);

    case NGX_SFU_WHIP_TRICKLE:
        return ngx_sfu_whip_trickled(r, ctx, reply);

    default: /* NGX_SFU_WHIP_END */
        return ngx_sfu_whip_ended(r, ctx, reply);
    }
}
