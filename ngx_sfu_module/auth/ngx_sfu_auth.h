
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Who may use an app: bearer secrets (RFC 6750, 2.1).  An app has several
 * while one is being replaced by the next.
 */


#ifndef _NGX_SFU_AUTH_H_INCLUDED_
#define _NGX_SFU_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t     id;
    ngx_array_t   secrets;     /* of ngx_str_t, none empty */
} ngx_sfu_auth_app_t;


/* reads "secret_file=": the first line of a file, without its end */
char *ngx_sfu_auth_read_secret(ngx_conf_t *cf, ngx_str_t *path,
    ngx_str_t *secret);
char *ngx_sfu_auth_check_secret(ngx_conf_t *cf, ngx_str_t *secret);

ngx_sfu_auth_app_t *ngx_sfu_auth_find_app(ngx_array_t *apps, ngx_str_t *id);

/* value: that of "Authorization", or NULL.  NGX_OK or NGX_DECLINED */
ngx_int_t ngx_sfu_auth_bearer(ngx_sfu_auth_app_t *app, ngx_str_t *value);


#endif /* _NGX_SFU_AUTH_H_INCLUDED_ */
