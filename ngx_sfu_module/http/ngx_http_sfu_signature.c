
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The signature of a request of nginx: what of it was signed, and by whom.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_signature.h>


static ngx_int_t ngx_http_sfu_signature_time(ngx_http_request_t *r,
    ngx_str_t *time);
static ngx_str_t *ngx_http_sfu_signature_header(void *data, ngx_str_t *name,
    ngx_uint_t n);


ngx_sfu_sigv4_e
ngx_http_sfu_signature_read(ngx_http_request_t *r,
    ngx_http_sfu_signature_t *signature, ngx_array_t *keys)
{
    u_char           *buf;
    ngx_str_t        *value, token, time;
    ngx_sfu_sigv4_e   rc;

    ngx_http_sfu_signature_query(r, &signature->query);

    value = ngx_http_sfu_find_header(r, "Authorization");

    if (value != NULL) {

        if (ngx_http_sfu_signature_time(r, &time) != NGX_OK) {
            return NGX_SFU_SIGV4_FAILED;
        }

        ngx_str_null(&token);

        if (ngx_http_sfu_find_header(r, "X-Amz-Security-Token") != NULL) {
            token = *ngx_http_sfu_find_header(r, "X-Amz-Security-Token");
        }

        rc = ngx_sfu_sigv4_parse_header(&signature->sig, value, &time, &token,
                                        &signature->service);

    } else {
        buf = ngx_pnalloc(r->pool, signature->query.len + 1);
        if (buf == NULL) {
            return NGX_SFU_SIGV4_FAILED;
        }

        rc = ngx_sfu_sigv4_parse_query(&signature->sig, &signature->query,
                                       &signature->service, buf);
    }

    if (rc != NGX_SFU_SIGV4_OK) {
        return rc;
    }

    signature->key = ngx_sfu_access_key_find(keys, &signature->sig.key_id);

    if (signature->key == NULL) {
        return NGX_SFU_SIGV4_UNKNOWN_KEY;
    }

    rc = ngx_sfu_access_key_check_token(signature->key, &signature->sig.token,
                                        ngx_time());
    if (rc != NGX_SFU_SIGV4_OK) {
        return rc;
    }

    return ngx_sfu_sigv4_check_time(&signature->sig, ngx_time());
}


/* as it was sent, whatever was rewritten since */

void
ngx_http_sfu_signature_query(ngx_http_request_t *r, ngx_str_t *query)
{
    u_char  *p, *last;

    last = r->unparsed_uri.data + r->unparsed_uri.len;
    p = ngx_strlchr(r->unparsed_uri.data, last, '?');

    query->data = p ? p + 1 : last;
    query->len = last - query->data;
}


/* X-Amz-Date, or else Date, which may be written as HTTP writes it */

static ngx_int_t
ngx_http_sfu_signature_time(ngx_http_request_t *r, ngx_str_t *time)
{
    time_t      when;
    ngx_tm_t    tm;
    ngx_str_t  *value;

    ngx_str_null(time);

    value = ngx_http_sfu_find_header(r, "X-Amz-Date");

    if (value == NULL) {
        value = ngx_http_sfu_find_header(r, "Date");
    }

    if (value == NULL) {
        return NGX_OK;
    }

    *time = *value;

    when = ngx_parse_http_time(value->data, value->len);

    if (when == NGX_ERROR) {
        return NGX_OK;
    }

    time->data = ngx_pnalloc(r->pool, NGX_SFU_SIGV4_TIME_LEN);
    if (time->data == NULL) {
        return NGX_ERROR;
    }

    ngx_gmtime(when, &tm);

    time->len = ngx_sprintf(time->data, "%4d%02d%02dT%02d%02d%02dZ",
                            tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                            tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec)
                - time->data;

    return NGX_OK;
}


ngx_sfu_sigv4_e
ngx_http_sfu_signature_verify(ngx_http_request_t *r,
    ngx_http_sfu_signature_t *signature, ngx_str_t *body)
{
    ngx_sfu_sigv4_request_t  req;

    req.method = r->method_name;
    req.target = r->unparsed_uri;
    req.body = *body;
    req.header = ngx_http_sfu_signature_header;
    req.data = r;

    /* as it was sent: r->headers_in.server has no port and small letters */

    if (r->headers_in.host != NULL) {
        req.host = r->headers_in.host->value;

    } else {
        ngx_str_null(&req.host);
    }

    return ngx_sfu_sigv4_verify(&signature->sig, &req, &signature->key->sigv4,
                                &signature->service);
}


static ngx_str_t *
ngx_http_sfu_signature_header(void *data, ngx_str_t *name, ngx_uint_t n)
{
    ngx_http_request_t *r = data;

    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

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

        if (h[i].key.len == name->len
            && ngx_strncasecmp(h[i].key.data, name->data, name->len) == 0
            && n-- == 0)
        {
            return &h[i].value;
        }
    }
}
