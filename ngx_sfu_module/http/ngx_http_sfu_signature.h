
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#ifndef _NGX_HTTP_SFU_SIGNATURE_H_INCLUDED_
#define _NGX_HTTP_SFU_SIGNATURE_H_INCLUDED_


#include <ngx_http_sfu_module.h>
#include <ngx_sfu_access_key.h>


typedef struct {
    ngx_str_t              service;        /* set by the caller */
    ngx_str_t              query;          /* as it was sent */
    ngx_sfu_sigv4_t        sig;
    ngx_sfu_access_key_t  *key;            /* of the keys; NULL: unknown */
} ngx_http_sfu_signature_t;


/* as it was sent, whatever was rewritten since */
void ngx_http_sfu_signature_query(ngx_http_request_t *r, ngx_str_t *query);

/*
 * In two steps, so that a body is read only for who has a key, is on time, and
 * has its token: anything but NGX_SFU_SIGV4_OK, MISMATCH.
 */
ngx_sfu_sigv4_e ngx_http_sfu_signature_read(ngx_http_request_t *r,
    ngx_http_sfu_signature_t *signature, ngx_array_t *keys);
/* NGX_SFU_SIGV4_OK, INCOMPLETE, MISMATCH or FAILED */
ngx_sfu_sigv4_e ngx_http_sfu_signature_verify(ngx_http_request_t *r,
    ngx_http_sfu_signature_t *signature, ngx_str_t *body);


#endif /* _NGX_HTTP_SFU_SIGNATURE_H_INCLUDED_ */
