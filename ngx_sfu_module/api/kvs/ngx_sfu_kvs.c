
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The way of a request: path, method, key, body, signature, members,
 * permission, rate, worker, response.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static ngx_int_t ngx_sfu_kvs_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_sfu_kvs_route(ngx_str_t *path);
static ngx_int_t ngx_sfu_kvs_operate(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_kvs_body_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);
static ngx_int_t ngx_sfu_kvs_ask(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static const ngx_http_sfu_error_t *ngx_sfu_kvs_admit(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_sfu_kvs_reply_handler(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_sfu_ipc_result_e result, json_t *reply);


/* 10; the first two hold several of the longest messages */

static const ngx_sfu_ws_settings_t  ngx_sfu_kvs_ws = {
    64 * 1024,
    512 * 1024,
    10 * 60 * 1000,
    60 * 60 * 1000,
    60 * 1000,
    60 * 1000
};


ngx_http_sfu_api_t  ngx_sfu_kvs_api = {
    ngx_string("kvs"),
    ngx_sfu_kvs_names,
    NGX_SFU_KVS_NCALLS,
    ngx_sfu_kvs_handler,
    ngx_sfu_kvs_failures,
    ngx_sfu_kvs_document,
    ngx_null_string,
    ngx_sfu_kvs_headers,
    NULL,
    1,
    NGX_HTTP_SFU_NEEDS_APPS,
    &ngx_sfu_kvs_ws
};


static ngx_int_t
ngx_sfu_kvs_handler(ngx_http_request_t *r)
{
    ngx_str_t                 path, post;
    ngx_sfu_kvs_t            *kvs;
    ngx_http_sfu_ctx_t       *ctx;
    ngx_http_sfu_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    ctx = ngx_http_sfu_create_ctx(r, &ngx_sfu_kvs_api);
    kvs = ngx_pcalloc(r->pool, sizeof(ngx_sfu_kvs_t));

    if (ctx == NULL || kvs == NULL || ngx_http_sfu_path(r, &path) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->data = kvs;
    ctx->app = slcf->app;

    ngx_str_set(&kvs->signature.service, "kinesisvideo");

    if (path.len <= r->uri.len) {
        kvs->prefix_path.data = r->uri.data;
        kvs->prefix_path.len = r->uri.len - path.len;
    }

    /* browsers send no credentials with it */

    if (r->method == NGX_HTTP_OPTIONS) {
        ctx->call = NGX_SFU_KVS_PREFLIGHT;
        return ngx_http_sfu_preflight(r, ctx);
    }

    if (path.len == 0 || ngx_sfu_kvs_equal(&path, "m")
        || ngx_sfu_kvs_equal(&path, "v"))
    {
        return ngx_sfu_kvs_connect(r, ctx, &path);
    }

    ctx->call = ngx_sfu_kvs_route(&path);

    if (ctx->call == NGX_SFU_KVS_NONE) {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_unknown, NULL);
    }

    if (r->method != NGX_HTTP_POST) {
        ngx_str_set(&post, "POST, OPTIONS");

        if (ngx_http_sfu_add_header(r, "Allow", &post) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_bad_method, NULL);
    }

    return ngx_sfu_kvs_operate(r, ctx);
}


/* at the root, and below "api" and "r", which endpoints have (2.2) */

static ngx_uint_t
ngx_sfu_kvs_route(ngx_str_t *path)
{
    ngx_str_t   rest;
    ngx_uint_t  i;

    rest = *path;

    if (rest.len > 2 && ngx_strncmp(rest.data, "r/", 2) == 0) {
        rest.data += 2;
        rest.len -= 2;

    } else if (rest.len > 4 && ngx_strncmp(rest.data, "api/", 4) == 0) {
        rest.data += 4;
        rest.len -= 4;
    }

    for (i = NGX_SFU_KVS_LIST; i < NGX_SFU_KVS_NCALLS; i++) {
        if (ngx_sfu_kvs_equal(&rest, (char *) ngx_sfu_kvs_ops[i].path.data)) {
            return i;
        }
    }

    return NGX_SFU_KVS_NONE;
}


/* a body is read for those only who seem to have a key */

static ngx_int_t
ngx_sfu_kvs_operate(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    const char                  *detail;
    ngx_sfu_kvs_t               *kvs;
    ngx_sfu_sigv4_e              result;
    ngx_sfu_kvs_main_conf_t     *kmcf;
    const ngx_http_sfu_error_t  *error;

    kmcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_kvs_module);

    kvs = ctx->data;

    result = ngx_http_sfu_signature_read(r, &kvs->signature, &kmcf->keys);

    error = ngx_sfu_kvs_signature_error(r, kvs, result, &detail);
    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    return ngx_http_sfu_read_body(r, ctx, ngx_sfu_kvs_body_handler);
}


static ngx_int_t
ngx_sfu_kvs_body_handler(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_int_t status)
{
    const char                  *detail;
    ngx_sfu_kvs_t               *kvs;
    ngx_sfu_sigv4_e              result;
    ngx_http_sfu_check_t         check;
    const ngx_http_sfu_error_t  *error;

    if (status != 0) {
        return ngx_http_sfu_fail(r, ctx,
                            ngx_http_sfu_status_failure(ngx_sfu_kvs_failures,
                                                        status),
                                 NULL);
    }

    kvs = ctx->data;

    result = ngx_http_sfu_signature_verify(r, &kvs->signature, &ctx->body);

    error = ngx_sfu_kvs_signature_error(r, kvs, result, &detail);

    if (error == NULL) {
        error = ngx_sfu_kvs_caller_error(r, ctx, &detail);
    }

    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    ngx_memzero(&check, sizeof(ngx_http_sfu_check_t));

    check.pool = r->pool;

    if (ctx->body.len == 0) {
        ctx->document = json_object();

    } else {
        ctx->document = ngx_http_sfu_parse(ctx, &check,
                                           &ngx_sfu_kvs_serialization);
    }

    if (ctx->document == NULL) {
        return ngx_http_sfu_fail(r, ctx, check.error ? check.error
                                                     : &ngx_sfu_kvs_internal,
                                 check.detail);
    }

    return ngx_sfu_kvs_ask(r, ctx);
}


static ngx_int_t
ngx_sfu_kvs_ask(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    json_t                      *message, *client;
    ngx_sfu_kvs_t               *kvs;
    ngx_sfu_kvs_op_t            *op;
    ngx_http_sfu_check_t         check;
    const ngx_http_sfu_error_t  *error;

    kvs = ctx->data;

    /* cameras that are viewers ask at the masters' address, with a client id */

    client = json_object_get(ctx->document, "clientId");

    if (ctx->call == NGX_SFU_KVS_JOIN && client != NULL
        && !json_is_null(client))
    {
        ctx->call = NGX_SFU_KVS_JOIN_VIEWER;
    }

    op = &ngx_sfu_kvs_ops[ctx->call];

    if (!ngx_sfu_kvs_may(kvs, &ngx_sfu_kvs_names[ctx->call])) {
        return ngx_http_sfu_fail(r, ctx, op->denied, NULL);
    }

    ngx_memzero(&check, sizeof(ngx_http_sfu_check_t));

    check.pool = r->pool;
    check.mistyped = &ngx_sfu_kvs_serialization;
    check.missing = &ngx_sfu_kvs_invalid;

    if (ctx->call == NGX_SFU_KVS_LIST) {
        ngx_str_set(&kvs->name, "*");

        error = ngx_sfu_kvs_admit(r, ctx);

        return error ? ngx_http_sfu_fail(r, ctx, error, NULL)
                     : ngx_sfu_kvs_list(r, ctx, &check);
    }

    message = json_pack("{s:s%, s:s%, s:s%}",
                        "request", ctx->id.data, ctx->id.len,
                        "app", ctx->app.data, ctx->app.len,
                        "scope", kvs->scope.data, kvs->scope.len);

    if (message == NULL
        || op->request(r, &check, ctx->document, message) != NGX_OK)
    {
        json_decref(message);

        /* the same, told as the operation tells it */

        error = check.error == NULL ? &ngx_sfu_kvs_internal
                : check.error == &ngx_sfu_kvs_denied ? op->denied
                : check.error;

        return ngx_http_sfu_fail(r, ctx, error, check.detail);
    }

    ctx->label = kvs->name;

    error = ngx_sfu_kvs_admit(r, ctx);

    if (error != NULL) {
        json_decref(message);
        return ngx_http_sfu_fail(r, ctx, error, NULL);
    }

    return ngx_http_sfu_ask(r, ctx, message, ngx_sfu_kvs_reply_handler);
}


/*
 * What is described by its name is known by its ARN when the worker says it;
 * but who may have none of this name uses up nothing that is another's.
 */

static const ngx_http_sfu_error_t *
ngx_sfu_kvs_admit(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    ngx_uint_t                allowed;
    ngx_sfu_kvs_t            *kvs;
    ngx_sfu_kvs_op_t         *op;
    ngx_sfu_kvs_loc_conf_t   *klcf;
    ngx_sfu_kvs_main_conf_t  *kmcf;

    klcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_kvs_module);
    kmcf = ngx_http_get_module_main_conf(r, ngx_http_sfu_kvs_module);

    kvs = ctx->data;
    op = &ngx_sfu_kvs_ops[ctx->call];

    if (kvs->created == 0 && ctx->call != NGX_SFU_KVS_LIST
        && ctx->call != NGX_SFU_KVS_CREATE)
    {
        allowed = ngx_sfu_kvs_may_to_name(r, kvs, &kvs->name);

    } else {
        allowed = ngx_sfu_kvs_may_to(r, kvs, &kvs->name, kvs->created);
    }

    if (!allowed) {
        return op->denied;
    }

    /* a channel that asks too much does not use up its account's share */

    if (op->channel_rate != NGX_SFU_KVS_NO_RATE
        && ngx_sfu_kvs_rate_take(kmcf->zone, op->channel_rate,
                                 &klcf->rates[op->channel_rate], &kvs->scope,
                                 &kvs->name)
           != NGX_OK)
    {
        return &ngx_sfu_kvs_limit;
    }

    if (op->rate != NGX_SFU_KVS_NO_RATE
        && ngx_sfu_kvs_rate_take(kmcf->zone, op->rate, &klcf->rates[op->rate],
                                 &kvs->scope, NULL)
           != NGX_OK)
    {
        return &ngx_sfu_kvs_limit;
    }

    return NULL;
}


static ngx_int_t
ngx_sfu_kvs_reply_handler(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_sfu_ipc_result_e result, json_t *reply)
{
    json_t                      *created;
    ngx_int_t                    rc;
    const char                  *code, *detail;
    ngx_sfu_kvs_t               *kvs;
    ngx_sfu_kvs_op_t            *op;
    const ngx_http_sfu_error_t  *error;

    kvs = ctx->data;
    op = &ngx_sfu_kvs_ops[ctx->call];

    error = ngx_http_sfu_outcome(r, ctx, ngx_sfu_kvs_failures, result, reply,
                                 &detail);

    code = json_string_value(json_object_get(reply, "error"));

    if (code != NULL && ngx_strcmp(code, SFU_IPC_ERR_LIMIT) == 0) {
        error = op->full;
        detail = NULL;
    }

    if (error != NULL) {
        return ngx_http_sfu_fail(r, ctx, error, detail);
    }

    created = json_object_get(json_object_get(reply, "channel"), "created");

    if (kvs->created == 0 && ctx->call != NGX_SFU_KVS_CREATE
        && !ngx_sfu_kvs_may_to(r, kvs, &kvs->name,
                               json_integer_value(created)))
    {
        return ngx_http_sfu_fail(r, ctx, op->denied, NULL);
    }

    rc = op->response(r, ctx, reply);

    if (rc == NGX_ERROR && !ctx->replied) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "sfu: request \"%V\": the worker's reply "
                      "makes no sense", &ctx->id);

        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_kvs_internal, NULL);
    }

    return rc;
}
