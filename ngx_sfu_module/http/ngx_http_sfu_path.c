
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What is asked for: the address below the location, or what "sfu_api" says
 * instead.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


ngx_int_t
ngx_http_sfu_path(ngx_http_request_t *r, ngx_str_t *path)
{
    ngx_http_sfu_loc_conf_t   *slcf;
    ngx_http_core_loc_conf_t  *clcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);
    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (slcf->path != NULL) {

        if (ngx_http_complex_value(r, slcf->path, path) != NGX_OK) {
            return NGX_ERROR;
        }

    } else {
        *path = r->uri;

        /* within "if" and "limit_except" the name is that of the location */

        if (path->len >= clcf->name.len) {
            path->data += clcf->name.len;
            path->len -= clcf->name.len;
        }

        /* "location /apps" gets "/appsdemo/sessions/new", too */

        if (path->len && path->data[0] != '/' && path->data[-1] != '/') {
            path->len = 0;
        }
    }

    if (path->len && path->data[0] == '/') {
        path->data++;
        path->len--;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_sfu_is_session_id(ngx_str_t *id)
{
    u_char  ch;
    size_t  i;

    for (i = 0; i < id->len; i++) {
        ch = id->data[i];

        if ((ch < 'a' || ch > 'f') && (ch < '0' || ch > '9')) {
            return 0;
        }
    }

    return id->len == SFU_IPC_SESSION_ID_LEN;
}


ngx_str_t
ngx_http_sfu_segment(ngx_str_t *path)
{
    u_char     *p;
    ngx_str_t   segment;

    segment = *path;

    p = ngx_strlchr(path->data, path->data + path->len, '/');

    if (p == NULL) {
        path->data += path->len;
        path->len = 0;
        return segment;
    }

    segment.len = p - path->data;
    path->data += segment.len + 1;
    path->len -= segment.len + 1;

    return segment;
}
