
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Merging, handlers and process hooks; http/ngx_http_sfu_directive.c has what
 * the directives of its table do.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>
#include <ngx_http_sfu_directive.h>
#include <ngx_sfu_counters.h>
#include <ngx_sfu_turn.h>


static void *ngx_http_sfu_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_sfu_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_sfu_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_sfu_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_sfu_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_sfu_init_process(ngx_cycle_t *cycle);
static void ngx_http_sfu_exit_process(ngx_cycle_t *cycle);


/* a dialect is added here, and removed here */

extern ngx_http_sfu_api_t  ngx_sfu_cloudflare_api;
extern ngx_http_sfu_api_t  ngx_sfu_cloudflare_turn_api;
extern ngx_http_sfu_api_t  ngx_sfu_metered_api;
extern ngx_http_sfu_api_t  ngx_sfu_kvs_api;
extern ngx_http_sfu_api_t  ngx_sfu_whip_api;
extern ngx_http_sfu_api_t  ngx_sfu_whep_api;
extern ngx_http_sfu_api_t  ngx_sfu_arbiter_api;

ngx_http_sfu_api_t  *ngx_http_sfu_apis[] = {
    &ngx_sfu_cloudflare_api,
    &ngx_sfu_cloudflare_turn_api,
    &ngx_sfu_metered_api,
    &ngx_sfu_kvs_api,
    &ngx_sfu_whip_api,
    &ngx_sfu_whep_api,
    &ngx_sfu_arbiter_api,
    NULL
};


/* milliseconds; a worker takes a longer one for a mistake */

static ngx_conf_num_bounds_t  ngx_http_sfu_timeout_bounds = {
    ngx_conf_check_num_bounds, 1, 60 * 60 * 1000
};


static ngx_conf_post_t  ngx_http_sfu_body_max_post = {
    ngx_http_sfu_body_max
};


static ngx_conf_post_t  ngx_http_sfu_websocket_size_post = {
    ngx_http_sfu_websocket_size
};


static ngx_command_t  ngx_http_sfu_commands[] = {

    { ngx_string("sfu_worker"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_sfu_worker,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_app"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_sfu_app,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_turn_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_sfu_turn_key,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_api"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_HTTP_LMT_CONF|NGX_CONF_TAKE123,
      ngx_http_sfu_api,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, timeout),
      &ngx_http_sfu_timeout_bounds },

    { ngx_string("sfu_body_max"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, body_max),
      &ngx_http_sfu_body_max_post },

    { ngx_string("sfu_retry_after"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, retry_after),
      NULL },

    { ngx_string("sfu_allow_origin"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_sfu_allow_origin,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_ice_servers"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_sfu_ice_servers,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_websocket_message_max"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, ws_set.message_max),
      &ngx_http_sfu_websocket_size_post },

    { ngx_string("sfu_websocket_queue_max"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, ws_set.queue_max),
      &ngx_http_sfu_websocket_size_post },

    { ngx_string("sfu_websocket_idle"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, ws_set.idle),
      NULL },

    { ngx_string("sfu_websocket_life"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, ws_set.life),
      NULL },

    { ngx_string("sfu_websocket_grace"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, ws_set.grace),
      NULL },

    { ngx_string("sfu_websocket_ping"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sfu_loc_conf_t, ws_set.ping),
      NULL },

    { ngx_string("sfu_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_sfu_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_sfu_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_sfu_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_sfu_init,                     /* postconfiguration */

    ngx_http_sfu_create_main_conf,         /* create main configuration */
    ngx_http_sfu_init_main_conf,           /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_sfu_create_loc_conf,          /* create location configuration */
    ngx_http_sfu_merge_loc_conf            /* merge location configuration */
};


ngx_module_t  ngx_http_sfu_module = {
    NGX_MODULE_V1,
    &ngx_http_sfu_module_ctx,              /* module context */
    ngx_http_sfu_commands,                 /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_sfu_init_process,             /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_sfu_exit_process,             /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_sfu_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_sfu_main_conf_t));
    if (smcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&smcf->workers, cf->pool, 2, sizeof(ngx_str_t))
        != NGX_OK
        || ngx_array_init(&smcf->apps, cf->pool, 2, sizeof(ngx_sfu_auth_app_t))
           != NGX_OK
        || ngx_array_init(&smcf->keys, cf->pool, 1, sizeof(ngx_sfu_turn_key_t))
           != NGX_OK
        || ngx_array_init(&smcf->uses, cf->pool, 2, sizeof(ngx_http_sfu_use_t))
           != NGX_OK)
    {
        return NULL;
    }

    return smcf;
}


static char *
ngx_http_sfu_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_sfu_main_conf_t *smcf = conf;

    char                *missing;
    ngx_uint_t           i, ncalls;
    ngx_http_sfu_use_t  *use;

    use = smcf->uses.elts;

    for (i = 0; i < smcf->uses.nelts; i++) {

        missing = NULL;

        if (use[i].needs == NGX_HTTP_SFU_NEEDS_KEYS) {

            if (smcf->keys.nelts == 0) {
                missing = "sfu_turn_key";
            }

        } else if (smcf->workers.nelts == 0) {
            missing = "sfu_worker";

        } else if (use[i].needs == NGX_HTTP_SFU_NEEDS_APPS
                   && smcf->apps.nelts == 0)
        {
            missing = "sfu_app";
        }

        if (missing != NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%V\" requires \"%s\" in %V:%ui",
                          &use[i].directive, missing, &use[i].file,
                          use[i].line);
            return NGX_CONF_ERROR;
        }
    }

    if (smcf->workers.nelts == 0 && smcf->uses.nelts == 0) {
        return NGX_CONF_OK;
    }

    ncalls = 0;

    for (i = 0; ngx_http_sfu_apis[i] != NULL; i++) {
        ncalls += ngx_http_sfu_apis[i]->ncalls;
    }

    smcf->zone = ngx_sfu_counters_zone(cf, ncalls, &ngx_http_sfu_module);

    return smcf->zone == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static void *
ngx_http_sfu_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_sfu_loc_conf_t  *slcf;

    slcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_sfu_loc_conf_t));
    if (slcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     slcf->api = NULL;
     *     slcf->app = { 0, NULL };
     *     slcf->path = NULL;
     *     slcf->body_limit = 0;
     *     slcf->origins = NULL;
     *     slcf->ice_name = { 0, NULL };
     *     slcf->ice_ttl = 0;
     *     slcf->ice_key = NULL;
     *     slcf->ws = { 0 };
     */

    slcf->timeout = NGX_CONF_UNSET_MSEC;
    slcf->body_max = NGX_CONF_UNSET_SIZE;
    slcf->retry_after = NGX_CONF_UNSET;
    slcf->origin = NGX_CONF_UNSET_UINT;

    slcf->ws_set.message_max = NGX_CONF_UNSET_SIZE;
    slcf->ws_set.queue_max = NGX_CONF_UNSET_SIZE;
    slcf->ws_set.idle = NGX_CONF_UNSET_MSEC;
    slcf->ws_set.life = NGX_CONF_UNSET_MSEC;
    slcf->ws_set.grace = NGX_CONF_UNSET_MSEC;
    slcf->ws_set.ping = NGX_CONF_UNSET_MSEC;


    return slcf;
}


static char *
ngx_http_sfu_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_sfu_loc_conf_t *prev = parent;
    ngx_http_sfu_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t  *clcf;
    ngx_http_sfu_main_conf_t  *smcf;

    ngx_conf_merge_msec_value(conf->timeout, prev->timeout, 10000);
    ngx_conf_merge_size_value(conf->body_max, prev->body_max, 1024 * 1024);
    ngx_conf_merge_sec_value(conf->retry_after, prev->retry_after, 1);

    if (conf->origin == NGX_CONF_UNSET_UINT) {
        ngx_conf_merge_uint_value(conf->origin, prev->origin,
                                  NGX_HTTP_SFU_ORIGIN_ANY);
        conf->origins = prev->origins;
    }

    if (ngx_http_sfu_merge_ice_servers(cf, prev, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_http_sfu_merge_websocket(prev, conf);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* "if" and "limit_except" are a part of their location */

    if ((clcf->noname || clcf->lmt_excpt) && clcf->handler == NULL
        && prev->api != NULL)
    {
        conf->api = prev->api;
        conf->app = prev->app;
        conf->path = prev->path;
        clcf->handler = conf->api->handler;
    }

    if (conf->api == NULL) {
        return NGX_CONF_OK;
    }

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sfu_module);

    if (conf->api->names_app
        && ngx_sfu_auth_find_app(&smcf->apps, &conf->app) == NULL)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"sfu_api %V\": no \"sfu_app\" \"%V\"",
                      &conf->api->name, &conf->app);
        return NGX_CONF_ERROR;
    }

    if (conf->api->ws != NULL) {
        ngx_http_sfu_default_websocket(conf);
    }

    /*
     * nginx would answer 413 with a page of its own.  The core module has
     * merged all locations by now, so none inherits what is set here.
     */

    conf->body_limit = conf->body_max;

    if (clcf->client_max_body_size != 0
        && clcf->client_max_body_size < conf->body_limit)
    {
        conf->body_limit = clcf->client_max_body_size;
    }

    clcf->client_max_body_size = 0;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_sfu_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_sfu_log_handler;

    return ngx_http_sfu_error_filter_init(cf);
}


static ngx_int_t
ngx_http_sfu_init_process(ngx_cycle_t *cycle)
{
    ngx_sfu_counters_t        *counters;
    ngx_http_sfu_main_conf_t  *smcf;

    /* the cache manager and loader come here, too */

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    smcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_sfu_module);

    if (smcf == NULL || smcf->workers.nelts == 0) {
        return NGX_OK;
    }

    counters = smcf->zone->data;

    /* the one who had the slot before may have been killed */
    counters->pending[ngx_process_slot] = 0;
    counters->ws_open[ngx_process_slot] = 0;

    smcf->ipc = ngx_sfu_ipc_create(cycle->pool, &smcf->workers,
                                   &counters->pending[ngx_process_slot],
                                   cycle->log);

    return smcf->ipc == NULL ? NGX_ERROR : NGX_OK;
}


static void
ngx_http_sfu_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_sfu_module);

    if (smcf != NULL && smcf->ipc != NULL) {
        ngx_sfu_ipc_destroy(smcf->ipc);
        smcf->ipc = NULL;

        /* the workers first: the master does not wait for long */
        ngx_sfu_ws_terminate(cycle);
    }
}
