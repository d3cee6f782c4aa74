
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_auth.h>


#define NGX_SFU_AUTH_SECRET_MAX  1024


static ngx_uint_t ngx_sfu_auth_equal(ngx_str_t *presented, ngx_str_t *secret);


char *
ngx_sfu_auth_read_secret(ngx_conf_t *cf, ngx_str_t *path, ngx_str_t *secret)
{
    u_char           *p;
    ssize_t           n;
    ngx_file_t        file;
    ngx_file_info_t   fi;

    if (ngx_conf_full_name(cf->cycle, path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *path;
    file.log = cf->log;

    file.fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", path);
        return NGX_CONF_ERROR;
    }

    n = NGX_ERROR;

    p = ngx_pnalloc(cf->pool, NGX_SFU_AUTH_SECRET_MAX + 3);

    if (p != NULL) {
        n = ngx_read_file(&file, p, NGX_SFU_AUTH_SECRET_MAX + 3, 0);
    }

    if (n != NGX_ERROR
        && ngx_fd_info(file.fd, &fi) != NGX_FILE_ERROR
        && (ngx_file_access(&fi) & 0004))
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "secret file \"%V\" is readable by everybody",
                           path);
    }

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", path);
    }

    if (n == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "could not read the secret file \"%V\"", path);
        return NGX_CONF_ERROR;
    }

    if (n > 0 && p[n - 1] == LF) {
        n--;
    }

    if (n > 0 && p[n - 1] == CR) {
        n--;
    }

    if (n == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "secret file \"%V\" is empty", path);
        return NGX_CONF_ERROR;
    }

    secret->data = p;
    secret->len = n;

    return NGX_CONF_OK;
}


/* what a header cannot carry would never match */

char *
ngx_sfu_auth_check_secret(ngx_conf_t *cf, ngx_str_t *secret)
{
    size_t  i;

    if (secret->len == 0) {
        return "has an empty secret";
    }

    if (secret->len > NGX_SFU_AUTH_SECRET_MAX) {
        return "has a secret of more than 1024 bytes";
    }

    for (i = 0; i < secret->len; i++) {

        if (secret->data[i] <= ' ' || secret->data[i] == 0x7f) {
            return "has a secret with a space or control character";
        }
    }

    return NGX_CONF_OK;
}


ngx_sfu_auth_app_t *
ngx_sfu_auth_find_app(ngx_array_t *apps, ngx_str_t *id)
{
    ngx_uint_t           i;
    ngx_sfu_auth_app_t  *app;

    app = apps->elts;

    for (i = 0; i < apps->nelts; i++) {

        if (app[i].id.len == id->len
            && ngx_memcmp(app[i].id.data, id->data, id->len) == 0)
        {
            return &app[i];
        }
    }

    return NULL;
}


ngx_int_t
ngx_sfu_auth_bearer(ngx_sfu_auth_app_t *app, ngx_str_t *value)
{
    ngx_str_t    presented, *secret;
    ngx_uint_t   i, matched;

    if (value == NULL
        || value->len <= sizeof("Bearer ") - 1
        || ngx_strncasecmp(value->data, (u_char *) "Bearer ",
                           sizeof("Bearer ") - 1)
           != 0)
    {
        return NGX_DECLINED;
    }

    presented.data = value->data + sizeof("Bearer ") - 1;
    presented.len = value->len - (sizeof("Bearer ") - 1);

    while (presented.len && presented.data[0] == ' ') {
        presented.data++;
        presented.len--;
    }

    if (presented.len == 0) {
        return NGX_DECLINED;
    }

    /* all are compared, so that the time does not tell which one matched */

    matched = 0;
    secret = app->secrets.elts;

    for (i = 0; i < app->secrets.nelts; i++) {
        matched |= ngx_sfu_auth_equal(&presented, &secret[i]);
    }

    return matched ? NGX_OK : NGX_DECLINED;
}


/*
 * Takes as long as the presented string is: that is all that its author
 * learns, and he knows it already.
 */

static ngx_uint_t
ngx_sfu_auth_equal(ngx_str_t *presented, ngx_str_t *secret)
{
    size_t               i, j;
    volatile ngx_uint_t  diff;

    diff = presented->len ^ secret->len;

    for (i = 0, j = 0; i < presented->len; i++) {
        diff |= presented->data[i] ^ secret->data[j];

        if (++j == secret->len) {
            j = 0;
        }
    }

    return diff == 0;
}
