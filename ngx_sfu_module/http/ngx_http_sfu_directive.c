
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * What the directives of ngx_http_sfu_module.c do; docs/directives.md tells
 * users.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_http_sfu_module.h>
#include <ngx_http_sfu_directive.h>


/* room for what the body of a client's request is wrapped in */
#define NGX_HTTP_SFU_BODY_MAX  (SFU_IPC_MESSAGE_MAX - 64 * 1024)

/* sun_path, and its terminating zero */
#define NGX_HTTP_SFU_PATH_MAX  107

/* NN_SOCKADDR_MAX */
#define NGX_HTTP_SFU_ADDRESS_MAX  127


static char *ngx_http_sfu_check_address(ngx_str_t *address);
static char *ngx_http_sfu_check_app_id(ngx_conf_t *cf, ngx_array_t *apps,
    ngx_str_t *id);
static char *ngx_http_sfu_api_path(ngx_conf_t *cf,
    ngx_http_sfu_loc_conf_t *slcf, ngx_str_t *value);
static ngx_uint_t ngx_http_sfu_is_origin(ngx_str_t *value);
static char *ngx_http_sfu_use(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_http_sfu_needs_e needs);


char *
ngx_http_sfu_worker(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sfu_main_conf_t *smcf = conf;

    char        *error;
    ngx_str_t   *value, *address;
    ngx_uint_t   i;

    value = cf->args->elts;

    error = ngx_http_sfu_check_address(&value[1]);

    if (error != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid worker address \"%V\": %s",
                           &value[1], error);
        return NGX_CONF_ERROR;
    }

    address = smcf->workers.elts;

    for (i = 0; i < smcf->workers.nelts; i++) {
        if (ngx_strcmp(address[i].data, value[1].data) == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate worker \"%V\"", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    address = ngx_array_push(&smcf->workers);
    if (address == NULL) {
        return NGX_CONF_ERROR;
    }

    *address = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_sfu_check_address(ngx_str_t *address)
{
    u_char     *p, *last, *port;
    ngx_int_t   n;

    p = address->data;
    last = address->data + address->len;

    if (ngx_strncmp(p, "ipc://", 6) == 0) {
        p += 6;

        if (*p != '/') {
            return "\"ipc://\" takes an absolute path";
        }

        if (p + 1 == last || last[-1] == '/') {
            return "\"ipc://\" takes the path of a socket";
        }

        if (last - p > NGX_HTTP_SFU_PATH_MAX) {
            return "the path is longer than 107 bytes";
        }

        return NULL;
    }

    if (ngx_strncmp(p, "tcp://", 6) != 0) {
        return "neither \"ipc:///path\" nor \"tcp://host:port\"";
    }

    p += 6;

    if (address->len > NGX_HTTP_SFU_ADDRESS_MAX) {
        return "longer than 127 bytes";
    }

    if (*p == '[') {
        port = ngx_strlchr(p, last, ']');

        if (port == NULL || port == p + 1) {
            return "no IPv6 address in brackets";
        }

        port++;

    } else {
        port = ngx_strlchr(p, last, ':');

        if (port == p) {
            return "no host";
        }

        /* nanomsg takes what is before ";" for a local interface */

        while (p < (port ? port : last)) {
            if (!isalnum(*p) && *p != '.' && *p != '-' && *p != '_') {
                return "invalid host";
            }

            p++;
        }
    }

    if (port == NULL || port >= last || *port != ':') {
        return "no port";
    }

    n = ngx_atoi(port + 1, last - port - 1);

    if (n < 1 || n > 65535) {
        return "invalid port";
    }

    return NULL;
}


char *
ngx_http_sfu_app(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sfu_main_conf_t *smcf = conf;

    char                *rv;
    ngx_str_t           *value, *secret, path;
    ngx_uint_t           i;
    ngx_sfu_auth_app_t  *app;

    value = cf->args->elts;

    rv = ngx_http_sfu_check_app_id(cf, &smcf->apps, &value[1]);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    app = ngx_array_push(&smcf->apps);
    if (app == NULL) {
        return NGX_CONF_ERROR;
    }

    app->id = value[1];

    if (ngx_array_init(&app->secrets, cf->pool, cf->args->nelts - 2,
                       sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        secret = ngx_array_push(&app->secrets);
        if (secret == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_strncmp(value[i].data, "secret=", 7) == 0) {
            secret->data = value[i].data + 7;
            secret->len = value[i].len - 7;

        } else if (ngx_strncmp(value[i].data, "secret_file=", 12) == 0) {
            path.data = value[i].data + 12;
            path.len = value[i].len - 12;

            if (ngx_sfu_auth_read_secret(cf, &path, secret) != NGX_CONF_OK) {
                return NGX_CONF_ERROR;
            }

        } else {
            /* its text could be a secret with a slip before it */
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "parameter %ui of app \"%V\" is neither "
                               "\"secret=\" nor \"secret_file=\"",
                               i, &app->id);
            return NGX_CONF_ERROR;
        }

        rv = ngx_sfu_auth_check_secret(cf, secret);
        if (rv != NGX_CONF_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "app \"%V\" %s",
                               &app->id, rv);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_sfu_check_app_id(ngx_conf_t *cf, ngx_array_t *apps, ngx_str_t *id)
{
    size_t  i;

    for (i = 0; i < id->len; i++) {
        if (!isalnum(id->data[i]) && id->data[i] != '_' && id->data[i] != '-') {
            break;
        }
    }

    if (id->len == 0 || id->len > SFU_IPC_APP_ID_MAX || i != id->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid app id \"%V\": 1 to %d letters, digits, "
                           "\"_\" and \"-\"", id, SFU_IPC_APP_ID_MAX);
        return NGX_CONF_ERROR;
    }

    if (ngx_sfu_auth_find_app(apps, id) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate app \"%V\"", id);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sfu_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sfu_loc_conf_t *slcf = conf;

    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_core_loc_conf_t  *clcf;

    if (slcf->api != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; ngx_http_sfu_apis[i] != NULL; i++) {

        if (ngx_http_sfu_apis[i]->name.len == value[1].len
            && ngx_strcmp(ngx_http_sfu_apis[i]->name.data, value[1].data) == 0)
        {
            break;
        }
    }

    if (ngx_http_sfu_apis[i] == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown dialect \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    slcf->api = ngx_http_sfu_apis[i];

    /* what is left of the parameters is the path, if anything */

    i = 2;

    if (slcf->api->names_app) {

        if (cf->args->nelts == 2) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"sfu_api %V\" needs the name of an app",
                               &value[1]);
            return NGX_CONF_ERROR;
        }

        slcf->app = value[i++];
    }

    if (cf->args->nelts > i + 1) {
        return "has too many parameters";
    }

    if (ngx_http_sfu_api_path(cf, slcf, cf->args->nelts > i ? &value[i] : NULL)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = slcf->api->handler;

    return ngx_http_sfu_use(cf, cmd, slcf->api->needs);
}


static char *
ngx_http_sfu_api_path(ngx_conf_t *cf, ngx_http_sfu_loc_conf_t *slcf,
    ngx_str_t *value)
{
    ngx_uint_t                         prefix;
    ngx_http_core_loc_conf_t          *clcf;
    ngx_http_compile_complex_value_t   ccv;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (value == NULL) {

        prefix = !clcf->named && !clcf->exact_match && clcf->name.len != 0;

#if (NGX_PCRE)
        prefix = prefix && clcf->regex == NULL;
#endif

        /* what is below the location is unknown there */

        if (!prefix && !clcf->noname) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"sfu_api\" needs a path in a location "
                               "that is not given by a prefix");
            return NGX_CONF_ERROR;
        }

        return NGX_CONF_OK;
    }

    slcf->path = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (slcf->path == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = slcf->path;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}


char *
ngx_http_sfu_allow_origin(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sfu_loc_conf_t *slcf = conf;

    ngx_str_t   *value, *origin;
    ngx_uint_t   i;

    if (slcf->origin != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "*") == 0) {
            slcf->origin = NGX_HTTP_SFU_ORIGIN_ANY;
            return NGX_CONF_OK;
        }

        if (ngx_strcmp(value[1].data, "off") == 0) {
            slcf->origin = NGX_HTTP_SFU_ORIGIN_OFF;
            return NGX_CONF_OK;
        }

        if (ngx_strcmp(value[1].data, "reflect") == 0) {
            slcf->origin = NGX_HTTP_SFU_ORIGIN_REFLECT;
            return NGX_CONF_OK;
        }
    }

    slcf->origin = NGX_HTTP_SFU_ORIGIN_LIST;
    slcf->origins = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                     sizeof(ngx_str_t));
    if (slcf->origins == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (!ngx_http_sfu_is_origin(&value[i])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid origin \"%V\", which is "
                               "\"scheme://host[:port]\" and nothing else",
                               &value[i]);
            return NGX_CONF_ERROR;
        }

        origin = ngx_array_push(slcf->origins);
        *origin = value[i];
    }

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_sfu_is_origin(ngx_str_t *value)
{
    u_char  *p, *last;

    last = value->data + value->len;

    p = ngx_strlchr(value->data, last, ':');

    if (p == NULL || p == value->data || last - p < 4
        || p[1] != '/' || p[2] != '/')
    {
        return 0;
    }

    for (p += 3; p < last; p++) {
        if (*p == '/' || *p == '?' || *p == '#' || *p == '*' || *p <= ' ') {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_sfu_body_max(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    if (*size == 0 || *size > NGX_HTTP_SFU_BODY_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"sfu_body_max\" must be between 1 and %d bytes",
                           NGX_HTTP_SFU_BODY_MAX);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sfu_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_sfu_status_handler;

    return ngx_http_sfu_use(cf, cmd, NGX_HTTP_SFU_NEEDS_WORKERS);
}


char *
ngx_http_sfu_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_sfu_metrics_handler;

    return ngx_http_sfu_use(cf, cmd, NGX_HTTP_SFU_NEEDS_WORKERS);
}


static char *
ngx_http_sfu_use(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_http_sfu_needs_e needs)
{
    ngx_http_sfu_use_t        *use;
    ngx_http_sfu_main_conf_t  *smcf;

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sfu_module);

    use = ngx_array_push(&smcf->uses);
    if (use == NULL) {
        return NGX_CONF_ERROR;
    }

    use->directive = cmd->name;
    use->file = cf->conf_file->file.name;
    use->line = cf->conf_file->line;
    use->needs = needs;

    return NGX_CONF_OK;
}
