
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Addresses: "{app}/{stream}" takes an offer, "{app}/{stream}/{session}" is
 * what came of it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_whip.h>


ngx_int_t
ngx_sfu_whip_path(ngx_http_request_t *r, ngx_sfu_whip_path_t *path)
{
    ngx_str_t  rest;

    if (ngx_http_sfu_path(r, &rest) != NGX_OK) {
        return NGX_ERROR;
    }

    path->app = ngx_http_sfu_segment(&rest);
    path->stream = ngx_http_sfu_segment(&rest);
    path->session = ngx_http_sfu_segment(&rest);

    path->valid = rest.len == 0
                  && path->stream.len != 0
                  && path->stream.len <= SFU_IPC_STREAM_NAME_MAX;

    /* what is logged is known by then: the rest is the client's free text */

    if (path->session.len != 0 && !ngx_http_sfu_is_session_id(&path->session)) {
        ngx_str_null(&path->session);
        path->valid = 0;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sfu_whip_location(ngx_http_request_t *r, ngx_str_t *session,
    ngx_str_t *location)
{
    u_char     *p;
    size_t      len;
    uintptr_t   escape;

    /* as it came, but for what nginx has decoded in it */

    escape = 2 * ngx_escape_uri(NULL, r->uri.data, r->uri.len,
                                NGX_ESCAPE_URI);

    len = r->uri.len + escape + 1 + session->len;

    location->data = ngx_pnalloc(r->pool, len);
    if (location->data == NULL) {
        return NGX_ERROR;
    }

    p = location->data;

    if (escape == 0) {
        p = ngx_cpymem(p, r->uri.data, r->uri.len);

    } else {
        p = (u_char *) ngx_escape_uri(p, r->uri.data, r->uri.len,
                                      NGX_ESCAPE_URI);
    }

    if (p[-1] != '/') {
        *p++ = '/';
    }

    p = ngx_cpymem(p, session->data, session->len);

    location->len = p - location->data;

    return NGX_OK;
}


ngx_uint_t
ngx_sfu_whip_is_type(ngx_http_request_t *r, const char *type)
{
    size_t      len;
    ngx_str_t  *value;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    value = &r->headers_in.content_type->value;
    len = ngx_strlen(type);

    if (value->len < len
        || ngx_strncasecmp(value->data, (u_char *) type, len) != 0)
    {
        return 0;
    }

    return value->len == len || value->data[len] == ';'
           || value->data[len] == ' ';
}
