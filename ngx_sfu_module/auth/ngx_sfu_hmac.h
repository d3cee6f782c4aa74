
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * HMAC (RFC 2104) on nginx's own SHA-1.
 */


#ifndef _NGX_SFU_HMAC_H_INCLUDED_
#define _NGX_SFU_HMAC_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_SFU_HMAC_SHA1_LEN  20


void ngx_sfu_hmac_sha1(ngx_str_t *key, ngx_str_t *text,
    u_char mac[NGX_SFU_HMAC_SHA1_LEN]);


#endif /* _NGX_SFU_HMAC_H_INCLUDED_ */
