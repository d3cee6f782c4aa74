
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * ICE servers, told in Link headers (RFC 9725, 4.6).
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_whip.h>
#include <ngx_sfu_turn.h>


#define NGX_SFU_WHIP_REL  "; rel=\"ice-server\""


static ngx_int_t ngx_sfu_whip_link(ngx_http_request_t *r, ngx_array_t *urls,
    ngx_sfu_turn_credentials_t *credentials);


ngx_int_t
ngx_sfu_whip_links(ngx_http_request_t *r, ngx_str_t *session)
{
    ngx_sfu_turn_key_t          *key;
    ngx_http_sfu_loc_conf_t     *slcf;
    ngx_sfu_turn_credentials_t   credentials;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_sfu_module);
    key = slcf->ice_key;

    if (key == NULL) {
        return NGX_OK;
    }

    if (ngx_sfu_turn_make_credentials(r->pool, key,
                                      ngx_time() + slcf->ice_ttl, session,
                                      &credentials)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_sfu_whip_link(r, &key->stun, NULL) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sfu_whip_link(r, &key->turn, &credentials);
}


/* a header for each: nothing in it needs to be escaped */

static ngx_int_t
ngx_sfu_whip_link(ngx_http_request_t *r, ngx_array_t *urls,
    ngx_sfu_turn_credentials_t *credentials)
{
    size_t       size;
    u_char      *p;
    ngx_str_t   *url, value;
    ngx_uint_t   i;

    url = urls->elts;

    for (i = 0; i < urls->nelts; i++) {

        size = url[i].len + sizeof("<>" NGX_SFU_WHIP_REL) - 1;

        if (credentials != NULL) {
            size += credentials->username.len + credentials->password.len
                    + sizeof("; username=\"\"; credential=\"\""
                             "; credential-type=\"password\"") - 1;
        }

        p = ngx_pnalloc(r->pool, size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        value.data = p;

        p = ngx_sprintf(p, "<%V>" NGX_SFU_WHIP_REL, &url[i]);

        if (credentials != NULL) {
            p = ngx_sprintf(p, "; username=\"%V\"; credential=\"%V\""
                            "; credential-type=\"password\"",
                            &credentials->username, &credentials->password);
        }

        value.len = p - value.data;

        if (ngx_http_sfu_add_header(r, "Link", &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
