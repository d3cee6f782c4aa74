
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The directives of "sfu_api arbiter".  They are a module of their own, so
 * that the dialect is this folder, its lines in "config", and one in the table
 * of ngx_http_sfu_module.c.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_arbiter.h>


static void *ngx_http_sfu_arbiter_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_sfu_arbiter_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);


static ngx_conf_enum_t  ngx_http_sfu_arbiter_statuses[] = {
    { ngx_string("off"), NGX_SFU_ARBITER_STATUS_OFF },
    { ngx_string("errors"), NGX_SFU_ARBITER_STATUS_ERRORS },
    { ngx_string("all"), NGX_SFU_ARBITER_STATUS_ALL },
    { ngx_null_string, 0 }
};


static ngx_conf_num_bounds_t  ngx_http_sfu_arbiter_rooms_bounds = {
    ngx_conf_check_num_bounds, 0, 1000000
};


static ngx_command_t  ngx_http_sfu_arbiter_commands[] = {

    { ngx_string("sfu_arbiter_idle_rooms"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_arbiter_loc_conf_t, idle_rooms),
      &ngx_http_sfu_arbiter_rooms_bounds },

    { ngx_string("sfu_arbiter_max_rooms"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_arbiter_loc_conf_t, max_rooms),
      &ngx_http_sfu_arbiter_rooms_bounds },

    { ngx_string("sfu_arbiter_status"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_arbiter_loc_conf_t, status),
      &ngx_http_sfu_arbiter_statuses },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_sfu_arbiter_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_sfu_arbiter_create_loc_conf,  /* create location configuration */
    ngx_http_sfu_arbiter_merge_loc_conf    /* merge location configuration */
};


ngx_module_t  ngx_http_sfu_arbiter_module = {
    NGX_MODULE_V1,
    &ngx_http_sfu_arbiter_module_ctx,      /* module context */
    ngx_http_sfu_arbiter_commands,         /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_sfu_arbiter_create_loc_conf(ngx_conf_t *cf)
{
    ngx_sfu_arbiter_loc_conf_t  *alcf;

    alcf = ngx_pcalloc(cf->pool, sizeof(ngx_sfu_arbiter_loc_conf_t));
    if (alcf == NULL) {
        return NULL;
    }

    alcf->idle_rooms = NGX_CONF_UNSET;
    alcf->max_rooms = NGX_CONF_UNSET;
    alcf->status = NGX_CONF_UNSET_UINT;

    return alcf;
}


static char *
ngx_http_sfu_arbiter_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_sfu_arbiter_loc_conf_t *prev = parent;
    ngx_sfu_arbiter_loc_conf_t *conf = child;

    ngx_conf_merge_value(conf->idle_rooms, prev->idle_rooms, 0);
    ngx_conf_merge_value(conf->max_rooms, prev->max_rooms, 1000);
    ngx_conf_merge_uint_value(conf->status, prev->status,
                              NGX_SFU_ARBITER_STATUS_ALL);

    return NGX_CONF_OK;
}
