
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What went wrong with a request, by one name each, whoever says so: the
 * client's connection, nginx, the module, or a worker.  A dialect has a table
 * from these names to what its clients understand.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


static const ngx_http_sfu_failure_t *ngx_http_sfu_failure(
    const ngx_http_sfu_failure_t *table, const char *name);
static const char *ngx_http_sfu_status_name(ngx_uint_t status);
static const char *ngx_http_sfu_result_name(ngx_sfu_ipc_result_e result);
static ngx_int_t ngx_http_sfu_add_error_headers(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, const ngx_http_sfu_error_t *error);


const ngx_http_sfu_error_t *
ngx_http_sfu_outcome(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const ngx_http_sfu_failure_t *table, ngx_sfu_ipc_result_e result,
    json_t *reply, const char **detail)
{
    json_t                        *error;
    const char                    *name;
    const ngx_http_sfu_failure_t  *failure;

    *detail = NULL;

    if (result != NGX_SFU_IPC_REPLIED) {
        return ngx_http_sfu_failure(table, ngx_http_sfu_result_name(result))
               ->error;
    }

    error = json_object_get(reply, "error");

    if (error == NULL || json_is_null(error)) {
        return NULL;
    }

    name = json_string_value(error);
    *detail = json_string_value(json_object_get(reply, "detail"));

    failure = ngx_http_sfu_failure(table, name);

    if (failure->name == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "sfu: request \"%V\": worker answers \"%s\": %s",
                      &ctx->id, name ? name : "", *detail ? *detail : "");

        /* not for clients' eyes */
        *detail = NULL;
    }

    return failure->error;
}


const ngx_http_sfu_error_t *
ngx_http_sfu_status_failure(const ngx_http_sfu_failure_t *table,
    ngx_uint_t status)
{
    return ngx_http_sfu_failure(table, ngx_http_sfu_status_name(status))
           ->error;
}


/* the last row, which has no name, is for all others */

static const ngx_http_sfu_failure_t *
ngx_http_sfu_failure(const ngx_http_sfu_failure_t *table, const char *name)
{
    while (table->name != NULL) {

        if (name != NULL && ngx_strcmp(table->name, name) == 0) {
            break;
        }

        table++;
    }

    return table;
}


static const char *
ngx_http_sfu_status_name(ngx_uint_t status)
{
    switch (status) {

    case 401:
        return NGX_HTTP_SFU_UNAUTHORIZED;

    case 403:
        return NGX_HTTP_SFU_FORBIDDEN;

    case 404:
        return NGX_HTTP_SFU_NOT_FOUND;

    case 405:
        return NGX_HTTP_SFU_BAD_METHOD;

    case 408:
        return NGX_HTTP_SFU_SLOW;

    case 413:
        return NGX_HTTP_SFU_TOO_LARGE;

    case 426:
        return NGX_HTTP_SFU_UPGRADE;

    case 429:
        return SFU_IPC_ERR_RATE;

    case 502:
    case 503:
    case 504:
        return NGX_HTTP_SFU_UNAVAILABLE;

    default:
        return status >= 500 ? NULL : NGX_HTTP_SFU_BAD_REQUEST;
    }
}


static const char *
ngx_http_sfu_result_name(ngx_sfu_ipc_result_e result)
{
    switch (result) {

    case NGX_SFU_IPC_GONE:
        return SFU_IPC_ERR_SESSION_GONE;

    case NGX_SFU_IPC_UNAVAILABLE:
        return NGX_HTTP_SFU_UNAVAILABLE;

    case NGX_SFU_IPC_TIMEOUT:
        return NGX_HTTP_SFU_LATE;

    default: /* NGX_SFU_IPC_FAILED */
        return NULL;
    }
}


ngx_int_t
ngx_http_sfu_fail(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const ngx_http_sfu_error_t *error, const char *detail)
{
    json_t     *document;
    ngx_str_t   type = ngx_string("application/json");

    if (detail == NULL || *detail == '\0') {
        detail = error->text;
    }

    ctx->error = error->code;
    ctx->detail = ngx_http_sfu_log_text(r->pool, detail);

    if (ngx_http_sfu_add_error_headers(r, ctx, error) != NGX_OK) {
        return NGX_ERROR;
    }

    document = ctx->api->document(error, detail);

    if (document == NULL) {
        /* a client's words, which need not be UTF-8 */
        document = ctx->api->document(error, error->text);
    }

    if (document == NULL) {
        return NGX_ERROR;
    }

    if (ctx->api->error_type.len != 0) {
        type = ctx->api->error_type;
    }

    return ngx_http_sfu_reply_type(r, ctx, error->status, &type, document);
}


/* RFC 9110: what goes with a status, whatever the document says */

static ngx_int_t
ngx_http_sfu_add_error_headers(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    const ngx_http_sfu_error_t *error)
{
    ngx_str_t  challenge;

    if (error->status == 401 && ctx->api->challenge != NULL) {
        challenge.data = (u_char *) ctx->api->challenge;
        challenge.len = ngx_strlen(challenge.data);

        return ngx_http_sfu_add_header(r, "WWW-Authenticate", &challenge);
    }

    if (error->status == 429 || error->status == 503) {
        return ngx_http_sfu_add_retry_after(r);
    }

    return NGX_OK;
}
