
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Responses.  They are sent here, whatever their status, and never by nginx's
 * error pages: clients parse every response as JSON before they look at it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


static void ngx_http_sfu_set_reason(ngx_http_request_t *r, ngx_uint_t status);


static ngx_str_t  ngx_http_sfu_json_type = ngx_string("application/json");


ngx_int_t
ngx_http_sfu_reply(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_uint_t status, json_t *document)
{
    if (document == NULL) {
        return ngx_http_sfu_reply_text(r, ctx, status, NULL, NULL);
    }

    return ngx_http_sfu_reply_type(r, ctx, status, &ngx_http_sfu_json_type,
                                   document);
}


ngx_int_t
ngx_http_sfu_reply_type(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_uint_t status, ngx_str_t *type, json_t *document)
{
    char       *json;
    ngx_int_t   rc;
    ngx_str_t   text;

    /* as many digits as a double has, or 0.1 is 0.10000000000000001 */
    json = json_dumps(document, JSON_COMPACT|JSON_REAL_PRECISION(15));
    json_decref(document);

    if (json == NULL) {
        return NGX_ERROR;
    }

    text.data = (u_char *) json;
    text.len = ngx_strlen(json);

    rc = ngx_http_sfu_reply_text(r, ctx, status, type, &text);

    free(json);

    return rc;
}


ngx_int_t
ngx_http_sfu_reply_text(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_uint_t status, ngx_str_t *type, ngx_str_t *text)
{
    ctx->replied = 1;
    ctx->elapsed = ngx_current_msec - ctx->start;

    if (ngx_http_sfu_add_cors(r) != NGX_OK
        || (ctx->api->headers != NULL && ctx->api->headers(r, ctx) != NGX_OK))
    {
        return NGX_ERROR;
    }

    return ngx_http_sfu_send_text(r, status, type, text);
}


/* the text is copied */

ngx_int_t
ngx_http_sfu_send_text(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_str_t *text)
{
    ngx_int_t         rc;
    ngx_buf_t        *b;
    ngx_str_t         no_store = ngx_string("no-store");
    ngx_chain_t       out;

    if (r->reading_body) {

        /* the rest of the body is on its way, and nobody will parse it */
        r->keepalive = 0;

    } else {
        r->expect_tested = 1;

        if (ngx_http_discard_request_body(r) != NGX_OK) {
            r->keepalive = 0;
        }
    }

    r->headers_out.status = status;

    ngx_http_sfu_set_reason(r, status);

    if (ngx_http_sfu_add_header(r, "Cache-Control", &no_store) != NGX_OK) {
        return NGX_ERROR;
    }

    if (text == NULL) {
        r->header_only = 1;

        /* else nginx announces a chunked body that never comes */

        if (status != NGX_HTTP_NO_CONTENT) {
            r->headers_out.content_length_n = 0;
        }

        return ngx_http_send_header(r);
    }

    b = ngx_create_temp_buf(r->pool, text->len);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_cpymem(b->last, text->data, text->len);
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_length_n = text->len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


/* those that are unknown to nginx, which would send no reason */

static void
ngx_http_sfu_set_reason(ngx_http_request_t *r, ngx_uint_t status)
{
    switch (status) {

    case 422:
        ngx_str_set(&r->headers_out.status_line, "422 Unprocessable Content");
        break;

    case 425:
        ngx_str_set(&r->headers_out.status_line, "425 Too Early");
        break;

    case 426:
        ngx_str_set(&r->headers_out.status_line, "426 Upgrade Required");
        break;

    case 428:
        ngx_str_set(&r->headers_out.status_line, "428 Precondition Required");
        break;
    }
}


ngx_int_t
ngx_http_sfu_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    return NGX_OK;
}


ngx_int_t
ngx_http_sfu_add_retry_after(ngx_http_request_t *r)
{
    u_char                   *p;
    ngx_str_t                 value;
    ngx_http_sfu_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value.data = p;
    value.len = ngx_sprintf(p, "%T", slcf->retry_after) - p;

    return ngx_http_sfu_add_header(r, "Retry-After", &value);
}


/* for headers that nginx itself does not care about */

ngx_str_t *
ngx_http_sfu_find_header(ngx_http_request_t *r, const char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    len = ngx_strlen(name);
    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {

            if (part->next == NULL) {
                return NULL;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == len
            && ngx_strncasecmp(h[i].key.data, (u_char *) name, len) == 0)
        {
            return &h[i].value;
        }
    }
}
