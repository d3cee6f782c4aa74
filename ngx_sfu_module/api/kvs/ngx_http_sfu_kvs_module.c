
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The directives of "sfu_api kvs".  They are a module of their own, so that
 * the dialect is this folder, its lines in "config", and one in the table of
 * ngx_http_sfu_module.c.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


static void *ngx_http_sfu_kvs_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_sfu_kvs_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_sfu_kvs_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_sfu_kvs_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_sfu_kvs_access_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_sfu_kvs_replaced(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_sfu_kvs_rate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_sfu_kvs_size(ngx_conf_t *cf, void *post, void *data);


/* as ngx_conf_post_t, of a size that is at least 1 */

typedef struct {
    ngx_conf_post_handler_pt  handler;
    size_t                    max;
} ngx_http_sfu_kvs_size_post_t;


/* how long one that was replaced may stay */
#define NGX_HTTP_SFU_KVS_ORPHAN  (10 * 60 * 1000)


static ngx_conf_enum_t  ngx_http_sfu_kvs_fanouts[] = {
    { ngx_string("off"), NGX_SFU_KVS_FANOUT_OFF },
    { ngx_string("on"), NGX_SFU_KVS_FANOUT_ON },
    { ngx_string("tag"), NGX_SFU_KVS_FANOUT_TAG },
    { ngx_null_string, 0 }
};


static ngx_http_sfu_kvs_size_post_t  ngx_http_sfu_kvs_payload_max_post = {
    ngx_http_sfu_kvs_size, SFU_IPC_PAYLOAD_MAX
};


static ngx_http_sfu_kvs_size_post_t  ngx_http_sfu_kvs_queue_size_post = {
    ngx_http_sfu_kvs_size, SFU_IPC_CHANNEL_LIMIT_MAX
};


static ngx_conf_num_bounds_t  ngx_http_sfu_kvs_positive = {
    ngx_conf_check_num_bounds, 1, 1000000
};


#define NGX_HTTP_SFU_KVS_ANYWHERE                                             \
    NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF


static ngx_command_t  ngx_http_sfu_kvs_commands[] = {

    { ngx_string("sfu_access_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_sfu_kvs_access_key,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_kvs_endpoint"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, endpoint),
      NULL },

    { ngx_string("sfu_kvs_fanout"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, fanout),
      &ngx_http_sfu_kvs_fanouts },

    { ngx_string("sfu_kvs_fanout_viewers"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, fanout_viewers),
      &ngx_http_sfu_kvs_positive },

    { ngx_string("sfu_kvs_viewers"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, viewers),
      &ngx_http_sfu_kvs_positive },

    { ngx_string("sfu_kvs_channels"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, channels),
      &ngx_http_sfu_kvs_positive },

    { ngx_string("sfu_kvs_payload_max"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, payload_max),
      &ngx_http_sfu_kvs_payload_max_post },

    { ngx_string("sfu_kvs_replaced"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE12,
      ngx_http_sfu_kvs_replaced,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sfu_kvs_queue_messages"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, queue_messages),
      &ngx_http_sfu_kvs_positive },

    { ngx_string("sfu_kvs_queue_size"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, queue_size),
      &ngx_http_sfu_kvs_queue_size_post },

    { ngx_string("sfu_kvs_queue_clients"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_sfu_kvs_loc_conf_t, queue_clients),
      &ngx_http_sfu_kvs_positive },

    { ngx_string("sfu_kvs_rate"),
      NGX_HTTP_SFU_KVS_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_sfu_kvs_rate,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_sfu_kvs_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_sfu_kvs_create_main_conf,     /* create main configuration */
    ngx_http_sfu_kvs_init_main_conf,       /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_sfu_kvs_create_loc_conf,      /* create location configuration */
    ngx_http_sfu_kvs_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_sfu_kvs_module = {
    NGX_MODULE_V1,
    &ngx_http_sfu_kvs_module_ctx,          /* module context */
    ngx_http_sfu_kvs_commands,             /* module directives */
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
ngx_http_sfu_kvs_create_main_conf(ngx_conf_t *cf)
{
    ngx_sfu_kvs_main_conf_t  *kmcf;

    kmcf = ngx_pcalloc(cf->pool, sizeof(ngx_sfu_kvs_main_conf_t));
    if (kmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&kmcf->keys, cf->pool, 2, sizeof(ngx_sfu_access_key_t))
        != NGX_OK)
    {
        return NULL;
    }

    return kmcf;
}


static char *
ngx_http_sfu_kvs_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_sfu_kvs_main_conf_t *kmcf = conf;

    if (kmcf->keys.nelts == 0) {
        return NGX_CONF_OK;
    }

    kmcf->zone = ngx_sfu_kvs_rate_zone(cf, &ngx_http_sfu_kvs_module);

    return kmcf->zone == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static void *
ngx_http_sfu_kvs_create_loc_conf(ngx_conf_t *cf)
{
    ngx_uint_t               i;
    ngx_sfu_kvs_loc_conf_t  *klcf;

    klcf = ngx_pcalloc(cf->pool, sizeof(ngx_sfu_kvs_loc_conf_t));
    if (klcf == NULL) {
        return NULL;
    }

    klcf->fanout = NGX_CONF_UNSET_UINT;
    klcf->fanout_viewers = NGX_CONF_UNSET;
    klcf->viewers = NGX_CONF_UNSET;
    klcf->channels = NGX_CONF_UNSET;
    klcf->payload_max = NGX_CONF_UNSET_SIZE;
    klcf->orphan = NGX_CONF_UNSET_MSEC;
    klcf->queue_messages = NGX_CONF_UNSET;
    klcf->queue_size = NGX_CONF_UNSET_SIZE;
    klcf->queue_clients = NGX_CONF_UNSET;

    for (i = 0; i < NGX_SFU_KVS_NRATES; i++) {
        klcf->rates[i].rate = NGX_CONF_UNSET_UINT;
    }

    return klcf;
}


static char *
ngx_http_sfu_kvs_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_sfu_kvs_loc_conf_t *prev = parent;
    ngx_sfu_kvs_loc_conf_t *conf = child;

    ngx_uint_t                i;
    ngx_sfu_kvs_main_conf_t  *kmcf;
    ngx_http_sfu_loc_conf_t  *slcf;

    if (conf->endpoint == NULL) {
        conf->endpoint = prev->endpoint;
    }

    ngx_conf_merge_uint_value(conf->fanout, prev->fanout,
                              NGX_SFU_KVS_FANOUT_TAG);
    ngx_conf_merge_value(conf->fanout_viewers, prev->fanout_viewers, 1000);
    ngx_conf_merge_value(conf->viewers, prev->viewers, 10);
    ngx_conf_merge_value(conf->channels, prev->channels, 5000);
    ngx_conf_merge_size_value(conf->payload_max, prev->payload_max, 10240);
    ngx_conf_merge_msec_value(conf->orphan, prev->orphan,
                              NGX_HTTP_SFU_KVS_ORPHAN);
    ngx_conf_merge_value(conf->queue_messages, prev->queue_messages, 64);
    ngx_conf_merge_size_value(conf->queue_size, prev->queue_size, 256 * 1024);
    ngx_conf_merge_value(conf->queue_clients, prev->queue_clients, 1024);

    for (i = 0; i < NGX_SFU_KVS_NRATES; i++) {

        if (conf->rates[i].rate == NGX_CONF_UNSET_UINT) {
            conf->rates[i] = prev->rates[i].rate == NGX_CONF_UNSET_UINT
                             ? ngx_sfu_kvs_rate_defaults[i] : prev->rates[i];
        }
    }

    slcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_sfu_module);
    kmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sfu_kvs_module);

    if (slcf->api == &ngx_sfu_kvs_api && kmcf->keys.nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"sfu_api kvs\" requires \"sfu_access_key\"");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_sfu_kvs_access_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_sfu_kvs_main_conf_t *kmcf = conf;

    char                  *rv;
    ngx_str_t             *value;
    ngx_uint_t             i;
    ngx_sfu_access_key_t  *key;

    value = cf->args->elts;

    if (ngx_sfu_access_key_find(&kmcf->keys, &value[1]) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate access key \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    key = ngx_array_push(&kmcf->keys);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(key, sizeof(ngx_sfu_access_key_t));

    key->id = value[1];

    if (ngx_array_init(&key->regions, cf->pool, 1, sizeof(ngx_str_t)) != NGX_OK
        || ngx_array_init(&key->actions, cf->pool, 4, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&key->resources, cf->pool, 1, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_OK;

    for (i = 2; i < cf->args->nelts && rv == NGX_CONF_OK; i++) {
        rv = ngx_sfu_access_key_parameter(cf, key, &value[i]);
    }

    if (rv == NGX_CONF_OK) {
        rv = ngx_sfu_access_key_check(key);
    }

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "access key \"%V\" %s",
                           &value[1], rv);
    }

    return rv == NGX_CONF_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* "close", or "orphan" and how long */

static char *
ngx_http_sfu_kvs_replaced(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_sfu_kvs_loc_conf_t *klcf = conf;

    ngx_int_t   time;
    ngx_str_t  *value;

    if (klcf->orphan != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "close") == 0) {
        klcf->orphan = 0;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value[1].data, "orphan") != 0) {
        return "is neither \"close\" nor \"orphan\" with a time";
    }

    /* also where "close" would be inherited */

    if (cf->args->nelts == 2) {
        klcf->orphan = NGX_HTTP_SFU_KVS_ORPHAN;
        return NGX_CONF_OK;
    }

    time = ngx_parse_time(&value[2], 0);

    if (time == NGX_ERROR || time == 0) {
        return "has an invalid time";
    }

    klcf->orphan = time;

    return NGX_CONF_OK;
}


/* name=rate[:burst] ..., or "off" for all */

static char *
ngx_http_sfu_kvs_rate(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_sfu_kvs_loc_conf_t *klcf = conf;

    u_char      *p, *last, *burst;
    ngx_int_t    n;
    ngx_str_t   *value, *name;
    ngx_uint_t   i, j;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {

        for (j = 0; j < NGX_SFU_KVS_NRATES; j++) {
            klcf->rates[j].rate = 0;
        }

        return NGX_CONF_OK;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        last = value[i].data + value[i].len;
        p = ngx_strlchr(value[i].data, last, '=');

        for (j = 0; j < NGX_SFU_KVS_NRATES && p != NULL; j++) {
            name = &ngx_sfu_kvs_rate_names[j];

            if (name->len == (size_t) (p - value[i].data)
                && ngx_memcmp(name->data, value[i].data, name->len) == 0)
            {
                break;
            }
        }

        if (p == NULL || j == NGX_SFU_KVS_NRATES) {
            goto invalid;
        }

        burst = ngx_strlchr(++p, last, ':');

        n = ngx_atoi(p, (burst ? burst : last) - p);

        if (n == NGX_ERROR || n > 1000000) {
            goto invalid;
        }

        klcf->rates[j].rate = n;
        klcf->rates[j].burst = n;

        if (burst != NULL) {
            n = ngx_atoi(burst + 1, last - burst - 1);

            if (n < 1 || n > 1000000) {
                goto invalid;
            }

            /* the worker counts these, and has no other burst */

            if (j == NGX_SFU_KVS_RATE_CONNECT
                && (ngx_uint_t) n != klcf->rates[j].rate)
            {
                goto invalid;
            }

            klcf->rates[j].burst = n;
        }
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid rate \"%V\"", &value[i]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_sfu_kvs_size(ngx_conf_t *cf, void *post, void *data)
{
    ngx_http_sfu_kvs_size_post_t *sp = post;

    size_t     *size = data;
    ngx_str_t  *value;

    if (*size == 0 || *size > sp->max) {
        value = cf->args->elts;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" must be between 1 and %uz bytes",
                           &value[0], sp->max);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
