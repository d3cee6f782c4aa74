
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What nginx itself says in a location of an API: "deny", "limit_req", an
 * internal error.  Clients would choke on its HTML, so the dialect gives the
 * document.  A page that the operator has asked for with "error_page" is made
 * in another location, and is left alone.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


static ngx_int_t ngx_http_sfu_error_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_sfu_error_replace(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_http_sfu_error_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_sfu_error_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_sfu_error_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_sfu_error_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_sfu_error_header_filter(ngx_http_request_t *r)
{
    ngx_http_sfu_ctx_t       *ctx;
    ngx_http_sfu_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    if (slcf->api == NULL || r != r->main
        || r->headers_out.status < NGX_HTTP_BAD_REQUEST)
    {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);

    if (ctx != NULL && ctx->replied) {
        return ngx_http_next_header_filter(r);
    }

    if (ctx == NULL) {
        ctx = ngx_http_sfu_create_ctx(r, slcf->api);
        if (ctx == NULL) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_sfu_error_replace(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_sfu_error_replace(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    char        *json;
    size_t       len;
    json_t      *document;
    ngx_buf_t   *b;
    ngx_uint_t   status;

    const ngx_http_sfu_error_t  *error;

    status = r->headers_out.status;

    error = ngx_http_sfu_status_failure(ctx->api->failures, status);
    ctx->error = error->code;

    document = ctx->api->document(error, error->text);
    json = json_dumps(document, JSON_COMPACT);
    json_decref(document);

    if (json == NULL) {
        return NGX_ERROR;
    }

    len = ngx_strlen(json);

    b = ngx_create_temp_buf(r->pool, len);

    if (b != NULL) {
        b->last = ngx_cpymem(b->last, json, len);
        b->last_buf = 1;
        b->last_in_chain = 1;
    }

    free(json);

    if (b == NULL || ngx_http_sfu_add_cors(r) != NGX_OK
        || (ctx->api->headers != NULL && ctx->api->headers(r, ctx) != NGX_OK))
    {
        return NGX_ERROR;
    }

    if ((status == NGX_HTTP_TOO_MANY_REQUESTS
         || status == NGX_HTTP_SERVICE_UNAVAILABLE)
        && ngx_http_sfu_add_retry_after(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->replied = 1;
    ctx->elapsed = ngx_current_msec - ctx->start;
    ctx->replacement = b;

    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_sfu_error_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t         *cl, out;
    ngx_uint_t           last;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);

    if (ctx == NULL || ctx->replacement == NULL || in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    last = 0;

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
        last |= cl->buf->last_buf;
    }

    if (!last) {
        return NGX_OK;
    }

    out.buf = ctx->replacement;
    out.next = NULL;

    ctx->replacement = NULL;

    return ngx_http_next_body_filter(r, &out);
}
