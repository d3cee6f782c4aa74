
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The way of a request: path, method, app and secret, session, body, worker,
 * response.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_metered.h>


static ngx_int_t ngx_sfu_metered_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_sfu_metered_route(ngx_http_sfu_ctx_t *ctx,
    ngx_str_t *path);
static ngx_uint_t ngx_sfu_metered_is(ngx_str_t *s, const char *word);
static ngx_int_t ngx_sfu_metered_check(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_str_t *path);
static ngx_int_t ngx_sfu_metered_body_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);
static ngx_int_t ngx_sfu_metered_ask(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_metered_reply_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply);


/* in the order of ngx_sfu_metered_call_e */

static ngx_str_t  ngx_sfu_metered_names[] = {
    ngx_string("-"),
    ngx_string("preflight"),
    ngx_string("session/new"),
    ngx_string("sessions"),
    ngx_string("session"),
    ngx_string("tracks"),
    ngx_string("track/publish"),
    ngx_string("track/subscribe"),
    ngx_string("track/unsubscribe"),
    ngx_string("track/close"),
    ngx_string("renegotiate")
};


static ngx_sfu_metered_call_t  ngx_sfu_metered_calls[] = {

    { ngx_null_string, 0, NULL, NULL, NULL },

    { ngx_null_string, 0, NULL, NULL, NULL },

    { ngx_null_string, NGX_HTTP_POST, "POST, OPTIONS",
      ngx_sfu_metered_new_request,
      ngx_sfu_metered_new_response },

    { ngx_null_string, NGX_HTTP_GET|NGX_HTTP_HEAD, "GET, HEAD, OPTIONS",
      NULL,
      NULL },

    { ngx_null_string, NGX_HTTP_DELETE, "DELETE, OPTIONS",
      ngx_sfu_metered_end_request,
      ngx_sfu_metered_done_response },

    { ngx_string("tracks"), NGX_HTTP_GET|NGX_HTTP_HEAD, "GET, HEAD, OPTIONS",
      ngx_sfu_metered_tracks_request,
      ngx_sfu_metered_tracks_response },

    { ngx_string("track/publish"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_sfu_metered_publish_request,
      ngx_sfu_metered_done_response },

    { ngx_string("track/subscribe"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_sfu_metered_subscribe_request,
      ngx_sfu_metered_done_response },

    { ngx_string("track/unsubscribe"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_sfu_metered_unsubscribe_request,
      ngx_sfu_metered_done_response },

    { ngx_string("track/close"), NGX_HTTP_POST, "POST, OPTIONS",
      ngx_sfu_metered_close_request,
      ngx_sfu_metered_done_response },

    { ngx_string("renegotiate"), NGX_HTTP_PUT, "PUT, OPTIONS",
      ngx_sfu_metered_renegotiate_request,
      ngx_sfu_metered_done_response }
};


ngx_http_sfu_api_t  ngx_sfu_metered_api = {
    ngx_string("metered"),
    ngx_sfu_metered_names,
    sizeof(ngx_sfu_metered_names) / sizeof(ngx_str_t),
    ngx_sfu_metered_handler,
    ngx_sfu_metered_failures,
    ngx_sfu_metered_document,
    ngx_null_string,
    NULL,
    NGX_HTTP_SFU_BEARER,
    0,
    NGX_HTTP_SFU_NEEDS_APPS,
    NULL
};


static ngx_int_t
ngx_sfu_metered_handler(ngx_http_request_t *r)
{
    ngx_int_t            rc;
    ngx_str_t            path;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_sfu_create_ctx(r, &ngx_sfu_metered_api);

    if (ctx == NULL || ngx_http_sfu_path(r, &path) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* browsers send no credentials with it */

    if (r->method == NGX_HTTP_OPTIONS) {
        ctx->call = NGX_SFU_METERED_PREFLIGHT;
        return ngx_http_sfu_preflight(r, ctx);
    }

    rc = ngx_sfu_metered_check(r, ctx, &path);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ctx->call == NGX_SFU_METERED_SESSIONS) {
        return ngx_sfu_metered_sessions(r);
    }

    if (r->method & (NGX_HTTP_POST|NGX_HTTP_PUT)) {
        return ngx_http_sfu_read_body(r, ctx, ngx_sfu_metered_body_handler);
    }

    rc = ngx_sfu_metered_ask(r, ctx);

    if (rc == NGX_DONE) {
        r->main->count++;
    }

    return rc;
}


/* NGX_DECLINED: nothing is wrong so far */

static ngx_int_t
ngx_sfu_metered_check(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_str_t *path)
{
    ngx_str_t                  allow;
    ngx_uint_t                 valid;
    ngx_sfu_auth_app_t        *app;
    ngx_sfu_metered_call_t    *call;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_module);

    ctx->call = ngx_sfu_metered_route(ctx, path);

    /* what is logged is known by then: the rest is the client's free text */

    app = ngx_sfu_auth_find_app(&smcf->apps, &ctx->app);

    if (app == NULL) {
        ngx_str_null(&ctx->app);
    }

    valid = ngx_http_sfu_is_session_id(&ctx->session);

    if (!valid) {
        ngx_str_null(&ctx->session);
    }

    if (ctx->call == NGX_SFU_METERED_NONE) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_not_found, NULL);
    }

    call = &ngx_sfu_metered_calls[ctx->call];

    if (!(r->method & call->method)) {
        allow.data = (u_char *) call->allow;
        allow.len = ngx_strlen(call->allow);

        if (ngx_http_sfu_add_header(r, "Allow", &allow) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_bad_method,
                                 NULL);
    }

    /* 2.2: whether there is such an app is nobody's business */

    if (app == NULL
        || ngx_sfu_auth_bearer(app, r->headers_in.authorization
                                    ? &r->headers_in.authorization->value
                                    : NULL)
           != NGX_OK)
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_unauthorized,
                                 NULL);
    }

    if (!valid && ctx->call != NGX_SFU_METERED_NEW
        && ctx->call != NGX_SFU_METERED_SESSIONS)
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_no_session,
                                 NULL);
    }

    return NGX_DECLINED;
}


/* "{app}/session/...", "{app}/sessions" */

static ngx_uint_t
ngx_sfu_metered_route(ngx_http_sfu_ctx_t *ctx, ngx_str_t *path)
{
    ngx_str_t   rest, word;
    ngx_uint_t  i;

    rest = *path;

    ctx->app = ngx_http_sfu_segment(&rest);

    if (ngx_sfu_metered_is(&rest, "sessions")) {
        return NGX_SFU_METERED_SESSIONS;
    }

    word = ngx_http_sfu_segment(&rest);

    if (!ngx_sfu_metered_is(&word, "session") || rest.len == 0) {
        return NGX_SFU_METERED_NONE;
    }

    if (ngx_sfu_metered_is(&rest, "new")) {
        return NGX_SFU_METERED_NEW;
    }

    ctx->session = ngx_http_sfu_segment(&rest);

    if (ctx->session.data + ctx->session.len == path->data + path->len) {
        return NGX_SFU_METERED_SESSION;
    }

    for (i = NGX_SFU_METERED_TRACKS; i <= NGX_SFU_METERED_RENEGOTIATE; i++) {

        if (ngx_sfu_metered_is(&rest,
                             (const char *) ngx_sfu_metered_calls[i].path.data))
        {
            return i;
        }
    }

    return NGX_SFU_METERED_NONE;
}


static ngx_uint_t
ngx_sfu_metered_is(ngx_str_t *s, const char *word)
{
    return s->len == ngx_strlen(word)
           && ngx_memcmp(s->data, word, s->len) == 0;
}


static ngx_int_t
ngx_sfu_metered_body_handler(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_int_t status)
{
    ngx_http_sfu_check_t  check;

    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                        ngx_http_sfu_status_failure(ngx_sfu_metered_failures,
                                                 status),
                        NULL);
    }

    ngx_memzero(&check, sizeof(ngx_http_sfu_check_t));

    check.pool = r->pool;

    ctx->document = ngx_http_sfu_parse(ctx, &check,
                                       &ngx_sfu_metered_invalid_json);

    if (ctx->document == NULL) {
        return ngx_http_sfu_fail(r, ctx, check.error, check.detail);
    }

    return ngx_sfu_metered_ask(r, ctx);
}


static ngx_int_t
ngx_sfu_metered_ask(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    json_t                *message;
    ngx_http_sfu_check_t   check;

    ngx_memzero(&check, sizeof(ngx_http_sfu_check_t));

    check.pool = r->pool;
    check.mistyped = &ngx_sfu_metered_invalid_field;
    check.missing = &ngx_sfu_metered_missing_field;

    message = json_pack("{s:s%, s:s%}",
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len);

    if (message != NULL && ctx->session.len != 0) {
        (void) json_object_set_new(message, "session",
                                   json_stringn((char *) ctx->session.data,
                                                ctx->session.len));
    }

    if (message == NULL
        || ngx_sfu_metered_calls[ctx->call].request(&check, ctx->document,
                                                    message)
           != NGX_OK)
    {
        json_decref(message);

        return ngx_http_sfu_fail(r, ctx,
                                 check.error ? check.error
                                             : &ngx_sfu_metered_internal,
                                 check.detail);
    }

    return ngx_http_sfu_ask(r, ctx, message, ngx_sfu_metered_reply_handler);
}


static ngx_int_t
ngx_sfu_metered_reply_handler(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    json_t                         *document;
    const char                     *detail;
    const ngx_http_sfu_error_t  *error;

    error = ngx_http_sfu_outcome(r, ctx, ngx_sfu_metered_failures, result,
                                 reply, &detail);
    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    document = ngx_sfu_metered_calls[ctx->call].response(ctx, reply);

    if (document == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "sfu: request \"%V\": the worker's reply "
                      "makes no sense", &ctx->id);

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_metered_internal, NULL);
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, document);
}
