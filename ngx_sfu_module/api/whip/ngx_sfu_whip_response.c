
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What a client gets when all went well.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_whip.h>


static ngx_int_t ngx_sfu_whip_add_etag(ngx_http_request_t *r, json_t *reply);
static ngx_int_t ngx_sfu_whip_member(ngx_http_request_t *r, json_t *reply,
    const char *name, ngx_str_t *value);


/* 4.2 */

ngx_int_t
ngx_sfu_whip_created(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    ngx_str_t  answer, location;
    ngx_str_t  type = ngx_string("application/sdp");
    ngx_str_t  patch = ngx_string("application/trickle-ice-sdpfrag");

    if (ngx_sfu_whip_member(r, reply, "session", &ctx->session) != NGX_OK
        || ngx_sfu_whip_member(r, reply, "answer", &answer) != NGX_OK
        || ngx_sfu_whip_location(r, &ctx->session, &location) != NGX_OK
        || ngx_http_sfu_add_header(r, "Location", &location) != NGX_OK
        || ngx_http_sfu_add_header(r, "Accept-Patch", &patch) != NGX_OK
        || ngx_sfu_whip_links(r, &ctx->session) != NGX_OK
        || ngx_sfu_whip_add_etag(r, reply) != NGX_OK)
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_internal, NULL);
    }

    return ngx_http_sfu_reply_text(r, ctx, NGX_HTTP_CREATED, &type, &answer);
}


/* 4.3.1, 4.3.3: a restart is answered, candidates are not */

ngx_int_t
ngx_sfu_whip_trickled(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    ngx_str_t  fragment;
    ngx_str_t  type = ngx_string("application/trickle-ice-sdpfrag");

    if (!json_is_string(json_object_get(reply, "fragment"))) {
        return ngx_http_sfu_reply(r, ctx, NGX_HTTP_NO_CONTENT, NULL);
    }

    if (ngx_sfu_whip_member(r, reply, "fragment", &fragment) != NGX_OK
        || ngx_sfu_whip_add_etag(r, reply) != NGX_OK)
    {
        return ngx_http_sfu_fail(r, ctx, &ngx_sfu_whip_internal, NULL);
    }

    /* If-Match was about the tag of before */
    r->disable_not_modified = 1;

    return ngx_http_sfu_reply_text(r, ctx, NGX_HTTP_OK, &type, &fragment);
}


/* 4.2 */

ngx_int_t
ngx_sfu_whip_ended(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx,
    json_t *reply)
{
    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_OK, NULL);
}


static ngx_int_t
ngx_sfu_whip_add_etag(ngx_http_request_t *r, json_t *reply)
{
    u_char     *p;
    ngx_str_t   tag, etag;

    if (ngx_sfu_whip_member(r, reply, "etag", &tag) != NGX_OK) {
        return NGX_ERROR;
    }

    etag.data = ngx_pnalloc(r->pool, tag.len + 2);
    if (etag.data == NULL) {
        return NGX_ERROR;
    }

    p = etag.data;
    *p++ = '"';
    p = ngx_cpymem(p, tag.data, tag.len);
    *p++ = '"';

    etag.len = p - etag.data;

    return ngx_http_sfu_add_header(r, "ETag", &etag);
}


/* a copy: the reply is gone when the response is sent */

static ngx_int_t
ngx_sfu_whip_member(ngx_http_request_t *r, json_t *reply, const char *name,
    ngx_str_t *value)
{
    json_t  *member;

    member = json_object_get(reply, name);

    if (json_string_length(member) == 0) {
        return NGX_ERROR;
    }

    value->len = json_string_length(member);
    value->data = ngx_pnalloc(r->pool, value->len);

    if (value->data == NULL) {
        value->len = 0;
        return NGX_ERROR;
    }

    ngx_memcpy(value->data, json_string_value(member), value->len);

    return NGX_OK;
}
