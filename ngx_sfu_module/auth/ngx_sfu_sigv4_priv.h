
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Between the files of ngx_sfu_sigv4.
 */


#ifndef _NGX_SFU_SIGV4_PRIV_H_INCLUDED_
#define _NGX_SFU_SIGV4_PRIV_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/evp.h>
#include <ngx_sfu_sigv4.h>


typedef struct {
    ngx_str_t         name;            /* as received */
    ngx_str_t         value;
} ngx_sfu_sigv4_arg_t;


typedef struct {
    ngx_sfu_sigv4_t          *sig;
    ngx_sfu_sigv4_request_t  *req;
    ngx_str_t                 path;
    ngx_str_t                 payload;     /* the body's hash */
    ngx_sfu_sigv4_arg_t       args[NGX_SFU_SIGV4_ARGS_MAX];
    ngx_uint_t                nargs;
    EVP_MD_CTX               *md;
} ngx_sfu_sigv4_canonical_t;


/* ngx_sfu_sigv4_parse.c */

/* NGX_ERROR: too many */
ngx_int_t ngx_sfu_sigv4_split(ngx_str_t *query, ngx_sfu_sigv4_arg_t *args,
    ngx_uint_t *nargs);
/* the byte at *p, decoded */
u_char ngx_sfu_sigv4_decode(u_char **p, u_char *last);
ngx_uint_t ngx_sfu_sigv4_named(ngx_str_t *raw, const char *name);


/* ngx_sfu_sigv4_time.c */

/* of n digits, or NGX_ERROR */
ngx_int_t ngx_sfu_sigv4_number(u_char *p, size_t n);


/* ngx_sfu_sigv4_canonical.c */

/* NGX_OK: it is the signature; NGX_DECLINED: it is not; NGX_ERROR */
ngx_int_t ngx_sfu_sigv4_try_hosts(ngx_sfu_sigv4_canonical_t *c,
    ngx_sfu_sigv4_key_t *key, ngx_uint_t normalise);
ngx_int_t ngx_sfu_sigv4_compare(ngx_str_t *a, ngx_str_t *b,
    ngx_uint_t normalise);


/* ngx_sfu_sigv4.c */

/* NGX_ERROR: no memory */
ngx_int_t ngx_sfu_sigv4_hmac(u_char *key, size_t len, ngx_str_t *text,
    u_char *mac);
/* of 32 bytes */
void ngx_sfu_sigv4_to_hex(u_char *hex, u_char *digest);


#endif /* _NGX_SFU_SIGV4_PRIV_H_INCLUDED_ */
