
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The directives of TURN: keys, and who is told of their servers.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_directive.h>


char *
ngx_http_sfu_turn_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sfu_main_conf_t *smcf = conf;

    char                *rv;
    ngx_str_t           *value;
    ngx_uint_t           i;
    ngx_sfu_turn_key_t  *key;

    value = cf->args->elts;

    if (ngx_sfu_turn_find_key(&smcf->keys, &value[1]) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate TURN key \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    key = ngx_array_push(&smcf->keys);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(key, sizeof(ngx_sfu_turn_key_t));

    key->owner.id = value[1];
    key->ttl_max = 48 * 60 * 60;

    if (ngx_array_init(&key->owner.secrets, cf->pool, 1, sizeof(ngx_str_t))
        != NGX_OK
        || ngx_array_init(&key->stun, cf->pool, 1, sizeof(ngx_str_t)) != NGX_OK
        || ngx_array_init(&key->turn, cf->pool, 4, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_OK;

    for (i = 2; i < cf->args->nelts && rv == NGX_CONF_OK; i++) {
        rv = ngx_sfu_turn_parameter(cf, key, &value[i]);
    }

    if (rv == NGX_CONF_OK) {
        rv = key->owner.secrets.nelts == 0 ? "has no token"
             : key->secret.len == 0 ? "has no secret"
             : key->turn.nelts == 0 ? "has no URL of a TURN server"
             : NGX_CONF_OK;
    }

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "TURN key \"%V\" %s",
                           &value[1], rv);
    }

    return rv == NGX_CONF_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_sfu_ice_servers(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sfu_loc_conf_t *slcf = conf;

    ngx_str_t  *value;

    if (slcf->ice_name.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    slcf->ice_name = value[1];
    slcf->ice_ttl = 60 * 60;

    if (cf->args->nelts == 3) {
        slcf->ice_ttl = ngx_parse_time(&value[2], 1);

        if (slcf->ice_ttl == (time_t) NGX_ERROR || slcf->ice_ttl == 0) {
            return "has an invalid time";
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sfu_merge_ice_servers(ngx_conf_t *cf, ngx_http_sfu_loc_conf_t *prev,
    ngx_http_sfu_loc_conf_t *conf)
{
    ngx_sfu_turn_key_t        *key;
    ngx_http_sfu_main_conf_t  *smcf;

    if (conf->ice_name.data == NULL) {
        conf->ice_name = prev->ice_name;
        conf->ice_ttl = prev->ice_ttl;
    }

    if (conf->ice_name.data == NULL
        || (conf->ice_name.len == 3
            && ngx_strncmp(conf->ice_name.data, "off", 3) == 0))
    {
        return NGX_CONF_OK;
    }

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sfu_module);

    key = ngx_sfu_turn_find_key(&smcf->keys, &conf->ice_name);

    if (key == NULL) {
        /* where it stands is forgotten by now */
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"sfu_ice_servers\": no \"sfu_turn_key\" \"%V\"",
                      &conf->ice_name);
        return NGX_CONF_ERROR;
    }

    if (conf->ice_ttl > key->ttl_max) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"sfu_ice_servers\": the time is longer than "
                      "\"ttl_max\" of the TURN key \"%V\"", &conf->ice_name);
        return NGX_CONF_ERROR;
    }

    conf->ice_key = key;

    return NGX_CONF_OK;
}
