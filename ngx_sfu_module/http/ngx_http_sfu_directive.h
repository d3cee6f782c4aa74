
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#ifndef _NGX_HTTP_SFU_DIRECTIVE_H_INCLUDED_
#define _NGX_HTTP_SFU_DIRECTIVE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>


/* a directive that needs others, which may come after it */

typedef struct {
    ngx_str_t    directive;
    ngx_str_t    file;
    ngx_uint_t   line;
    ngx_http_sfu_needs_e
                 needs;
} ngx_http_sfu_use_t;


char *ngx_http_sfu_worker(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_sfu_app(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_sfu_turn_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_sfu_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_sfu_allow_origin(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sfu_ice_servers(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* once all keys are known */
char *ngx_http_sfu_merge_ice_servers(ngx_conf_t *cf,
    ngx_http_sfu_loc_conf_t *prev, ngx_http_sfu_loc_conf_t *conf);
char *ngx_http_sfu_body_max(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_sfu_websocket_size(ngx_conf_t *cf, void *post, void *data);
void ngx_http_sfu_merge_websocket(ngx_http_sfu_loc_conf_t *prev,
    ngx_http_sfu_loc_conf_t *conf);
/* what nobody has set is as the dialect wants it */
void ngx_http_sfu_default_websocket(ngx_http_sfu_loc_conf_t *conf);
char *ngx_http_sfu_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_sfu_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


/* the table of dialects, in ngx_http_sfu_module.c; ends with NULL */

extern ngx_http_sfu_api_t  *ngx_http_sfu_apis[];


#endif /* _NGX_HTTP_SFU_DIRECTIVE_H_INCLUDED_ */
