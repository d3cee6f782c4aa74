
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * "sfu_websocket_...": each dialect has defaults of its own, those of the
 * service that its clients were written for.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>
#include <ngx_http_sfu_directive.h>


/* a control frame, and a message has to fit into a request for the worker */
#define NGX_HTTP_SFU_WEBSOCKET_MIN  125
#define NGX_HTTP_SFU_WEBSOCKET_MAX  (SFU_IPC_MESSAGE_MAX / 2)


char *
ngx_http_sfu_websocket_size(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    if (*size < NGX_HTTP_SFU_WEBSOCKET_MIN
        || *size > NGX_HTTP_SFU_WEBSOCKET_MAX)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "it must be between %d and %d bytes",
                           NGX_HTTP_SFU_WEBSOCKET_MIN,
                           NGX_HTTP_SFU_WEBSOCKET_MAX);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* what is not set stays so: the default is known where the dialect is */

void
ngx_http_sfu_merge_websocket(ngx_http_sfu_loc_conf_t *prev,
    ngx_http_sfu_loc_conf_t *conf)
{
    ngx_sfu_ws_settings_t *set = &conf->ws_set;

    ngx_conf_merge_size_value(set->message_max, prev->ws_set.message_max,
                              NGX_CONF_UNSET_SIZE);
    ngx_conf_merge_size_value(set->queue_max, prev->ws_set.queue_max,
                              NGX_CONF_UNSET_SIZE);
    ngx_conf_merge_msec_value(set->idle, prev->ws_set.idle,
                              NGX_CONF_UNSET_MSEC);
    ngx_conf_merge_msec_value(set->life, prev->ws_set.life,
                              NGX_CONF_UNSET_MSEC);
    ngx_conf_merge_msec_value(set->grace, prev->ws_set.grace,
                              NGX_CONF_UNSET_MSEC);
    ngx_conf_merge_msec_value(set->ping, prev->ws_set.ping,
                              NGX_CONF_UNSET_MSEC);
}


void
ngx_http_sfu_default_websocket(ngx_http_sfu_loc_conf_t *conf)
{
    const ngx_sfu_ws_settings_t *api = conf->api->ws;

    conf->ws = conf->ws_set;

    ngx_conf_init_size_value(conf->ws.message_max, api->message_max);
    ngx_conf_init_size_value(conf->ws.queue_max, api->queue_max);
    ngx_conf_init_msec_value(conf->ws.idle, api->idle);
    ngx_conf_init_msec_value(conf->ws.life, api->life);
    ngx_conf_init_msec_value(conf->ws.grace, api->grace);
    ngx_conf_init_msec_value(conf->ws.ping, api->ping);
}
