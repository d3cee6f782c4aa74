
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Cross-origin use by browsers (fetch.spec.whatwg.org, "CORS protocol").
 * Errors need the headers as much as successes do: without them a page sees a
 * network failure instead of the document that explains it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


static ngx_str_t *ngx_http_sfu_allowed_origin(ngx_http_sfu_loc_conf_t *slcf,
    ngx_str_t *origin);


static ngx_str_t  ngx_http_sfu_any = ngx_string("*");
static ngx_str_t  ngx_http_sfu_origin = ngx_string("Origin");
static ngx_str_t  ngx_http_sfu_exposed = 
    ngx_string("ETag, Link, Location, Retry-After");
static ngx_str_t  ngx_http_sfu_methods =
    ngx_string("GET, POST, PUT, DELETE, PATCH, OPTIONS");

/* a day; browsers shorten it to what they think right */
static ngx_str_t  ngx_http_sfu_max_age = ngx_string("86400");


ngx_int_t
ngx_http_sfu_add_cors(ngx_http_request_t *r)
{
    ngx_str_t                *allowed;
    ngx_http_sfu_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    if (slcf->origin == NGX_HTTP_SFU_ORIGIN_OFF) {
        return NGX_OK;
    }

    if (slcf->origin != NGX_HTTP_SFU_ORIGIN_ANY
        && ngx_http_sfu_add_header(r, "Vary", &ngx_http_sfu_origin) != NGX_OK)
    {
        return NGX_ERROR;
    }

    allowed = ngx_http_sfu_allowed_origin(slcf,
                                       ngx_http_sfu_find_header(r, "Origin"));
    if (allowed == NULL) {
        return NGX_OK;
    }

    if (ngx_http_sfu_add_header(r, "Access-Control-Allow-Origin", allowed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_sfu_add_header(r, "Access-Control-Expose-Headers",
                                   &ngx_http_sfu_exposed);
}


static ngx_str_t *
ngx_http_sfu_allowed_origin(ngx_http_sfu_loc_conf_t *slcf, ngx_str_t *origin)
{
    ngx_str_t   *allowed;
    ngx_uint_t   i;

    if (slcf->origin == NGX_HTTP_SFU_ORIGIN_ANY) {
        return &ngx_http_sfu_any;
    }

    if (origin == NULL || slcf->origin == NGX_HTTP_SFU_ORIGIN_REFLECT) {
        return origin;
    }

    allowed = slcf->origins->elts;

    for (i = 0; i < slcf->origins->nelts; i++) {

        if (allowed[i].len == origin->len
            && ngx_strncasecmp(allowed[i].data, origin->data, origin->len)
               == 0)
        {
            return origin;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_sfu_preflight(ngx_http_request_t *r, ngx_http_sfu_ctx_t *ctx)
{
    ngx_str_t                *headers;
    ngx_http_sfu_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);

    if (slcf->origin != NGX_HTTP_SFU_ORIGIN_OFF) {

        if (ngx_http_sfu_add_header(r, "Access-Control-Allow-Methods",
                                    &ngx_http_sfu_methods)
            != NGX_OK
            || ngx_http_sfu_add_header(r, "Access-Control-Max-Age",
                                       &ngx_http_sfu_max_age)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        headers = ngx_http_sfu_find_header(r, "Access-Control-Request-Headers");

        if (headers != NULL
            && ngx_http_sfu_add_header(r, "Access-Control-Allow-Headers",
                                       headers)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_sfu_reply(r, ctx, NGX_HTTP_NO_CONTENT, NULL);
}
