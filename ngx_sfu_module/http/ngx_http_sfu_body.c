
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The body of a request in one piece of memory.  It is read unbuffered,
 * because then nginx hands its errors to us (413 and 408 have to be JSON, with
 * the headers a browser wants to see), and nothing goes to a file.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


#define NGX_HTTP_SFU_BODY_FIRST  4096


static void ngx_http_sfu_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_sfu_body_collect(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx);
static ngx_int_t ngx_http_sfu_body_reserve(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, size_t size);
static void ngx_http_sfu_body_done(ngx_http_request_t *r,
    ngx_http_sfu_ctx_t *ctx, ngx_int_t status);


ngx_int_t
ngx_http_sfu_read_body(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_http_sfu_body_pt handler)
{
    ngx_int_t                 rc;
    ngx_http_sfu_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    if (r->headers_in.content_length_n > slcf->body_limit) {
        return handler(r, ctx, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE);
    }

    ctx->body_handler = handler;

    r->request_body_no_buffering = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_sfu_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        r->reading_body = 1;
        return handler(r, ctx, rc);
    }

    return NGX_DONE;
}


static void
ngx_http_sfu_body_handler(ngx_http_request_t *r)
{
    ngx_int_t            rc;
    ngx_http_sfu_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_sfu_module);

    for ( ;; ) {

        rc = ngx_http_sfu_body_collect(r, ctx);

        if (rc != NGX_OK) {
            ngx_http_sfu_body_done(r, ctx, rc);
            return;
        }

        if (!r->reading_body) {
            ngx_http_sfu_body_done(r, ctx, 0);
            return;
        }

        rc = ngx_http_read_unbuffered_request_body(r);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {

            if (r->connection->error) {
                ngx_http_finalize_request(r, NGX_HTTP_CLIENT_CLOSED_REQUEST);
                return;
            }

            ngx_http_sfu_body_done(r, ctx, rc);
            return;
        }

        if (rc == NGX_AGAIN && r->request_body->bufs == NULL) {
            r->read_event_handler = ngx_http_sfu_body_handler;
            return;
        }
    }
}


static ngx_int_t
ngx_http_sfu_body_collect(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    size_t                    size;
    ngx_buf_t                *b;
    ngx_chain_t              *cl;
    ngx_http_sfu_loc_conf_t  *slcf;

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    for (cl = r->request_body->bufs; cl; cl = cl->next) {

        b = cl->buf;
        size = b->last - b->pos;

        if (size == 0) {
            continue;
        }

        if ((off_t) (ctx->body.len + size) > slcf->body_limit) {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }

        if (ngx_http_sfu_body_reserve(r, ctx, ctx->body.len + size + 1)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ngx_memcpy(ctx->body.data + ctx->body.len, b->pos, size);
        ctx->body.len += size;

        /* lets nginx use the buffer again */
        b->pos = b->last;
    }

    r->request_body->bufs = NULL;

    return NGX_OK;
}


static ngx_int_t
ngx_http_sfu_body_reserve(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    size_t size)
{
    u_char  *p;
    size_t   room;

    if (size <= ctx->body_size) {
        return NGX_OK;
    }

    if (ctx->body_size == 0 && r->headers_in.content_length_n > 0) {
        room = r->headers_in.content_length_n + 1;

    } else {
        room = ngx_max(ctx->body_size * 2, NGX_HTTP_SFU_BODY_FIRST);
    }

    room = ngx_max(room, size);

    p = ngx_palloc(r->pool, room);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (ctx->body.data != NULL) {
        ngx_memcpy(p, ctx->body.data, ctx->body.len);
        (void) ngx_pfree(r->pool, ctx->body.data);
    }

    ctx->body.data = p;
    ctx->body_size = room;

    return NGX_OK;
}


static void
ngx_http_sfu_body_done(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    ngx_int_t status)
{
    ngx_int_t  rc;

    if (r->connection->read->timer_set) {
        ngx_del_timer(r->connection->read);
    }

    r->read_event_handler = ngx_http_block_reading;

    rc = ctx->body_handler(r, ctx, status);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}
