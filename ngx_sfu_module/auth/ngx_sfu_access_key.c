
/*
 * Copyright (C) the ngx_sfu_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_auth.h>
#include <ngx_sfu_access_key.h>


static char *ngx_sfu_access_key_secret(ngx_conf_t *cf,
    ngx_sfu_access_key_t *key, ngx_str_t *value);
static char *ngx_sfu_access_key_actions(ngx_sfu_access_key_t *key,
    ngx_str_t *text);
static char *ngx_sfu_access_key_expires(ngx_sfu_access_key_t *key,
    ngx_str_t *text);
static ngx_uint_t ngx_sfu_access_key_any(ngx_array_t *patterns,
    ngx_str_t *text);
static ngx_uint_t ngx_sfu_access_key_matches(ngx_str_t *pattern,
    ngx_str_t *text);


char *
ngx_sfu_access_key_parameter(ngx_conf_t *cf, ngx_sfu_access_key_t *key,
    ngx_str_t *value)
{
    u_char     *p;
    ngx_str_t   name, text, *added;

    if (ngx_strncmp(value->data, "secret", 6) == 0
        || ngx_strncmp(value->data, "token", 5) == 0)
    {
        return ngx_sfu_access_key_secret(cf, key, value);
    }

    p = ngx_strlchr(value->data, value->data + value->len, '=');

    if (p == NULL || p + 1 == value->data + value->len) {
        return "has a parameter without a value";
    }

    name.data = value->data;
    name.len = p - value->data;

    text.data = p + 1;
    text.len = value->len - name.len - 1;

    if (name.len == 7 && ngx_strncmp(name.data, "account", 7) == 0) {
        key->account = text;
        return NGX_CONF_OK;
    }

    if (name.len == 3 && ngx_strncmp(name.data, "app", 3) == 0) {
        key->app = text;
        return NGX_CONF_OK;
    }

    if (name.len == 5 && ngx_strncmp(name.data, "allow", 5) == 0) {
        return ngx_sfu_access_key_actions(key, &text);
    }

    if (name.len == 7 && ngx_strncmp(name.data, "expires", 7) == 0) {
        return ngx_sfu_access_key_expires(key, &text);
    }

    if (name.len == 6 && ngx_strncmp(name.data, "region", 6) == 0) {
        added = ngx_array_push(&key->regions);

    } else if (name.len == 8 && ngx_strncmp(name.data, "resource", 8) == 0) {
        added = ngx_array_push(&key->resources);

    } else {
        return "has an unknown parameter";
    }

    if (added == NULL) {
        return NGX_CONF_ERROR;
    }

    *added = text;

    return NGX_CONF_OK;
}


/* "secret=", "secret_file=", "token=", "token_file=" */

static char *
ngx_sfu_access_key_secret(ngx_conf_t *cf, ngx_sfu_access_key_t *key,
    ngx_str_t *value)
{
    char       *rv;
    size_t      len;
    ngx_str_t   text, *secret;

    if (value->data[0] == 's') {
        len = sizeof("secret") - 1;
        secret = &key->sigv4.secret;

    } else {
        len = sizeof("token") - 1;
        secret = &key->token;
    }

    if (secret->len != 0) {
        return "has two secrets, or two tokens";
    }

    text.data = value->data + len;
    text.len = value->len - len;

    if (ngx_strncmp(text.data, "_file=", 6) == 0) {
        text.data += 6;
        text.len -= 6;

        rv = ngx_sfu_auth_read_secret(cf, &text, secret);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

    } else if (text.len != 0 && text.data[0] == '=') {
        secret->data = text.data + 1;
        secret->len = text.len - 1;

    } else {
        /* its text could be a secret with a slip before it */
        return "has an unknown parameter";
    }

    return ngx_sfu_auth_check_secret(cf, secret);
}


/* a list; the service in front of each may be left out */

static char *
ngx_sfu_access_key_actions(ngx_sfu_access_key_t *key, ngx_str_t *text)
{
    u_char     *p, *last;
    ngx_str_t  *action;

    p = text->data;
    last = p + text->len;

    while (p < last) {

        action = ngx_array_push(&key->actions);
        if (action == NULL) {
            return NGX_CONF_ERROR;
        }

        action->data = p;

        while (p < last && *p != ',') {

            if (*p++ == ':') {
                action->data = p;
            }
        }

        action->len = p++ - action->data;

        if (action->len == 0) {
            return "allows an action without a name";
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_sfu_access_key_expires(ngx_sfu_access_key_t *key, ngx_str_t *text)
{
    key->expires = text->len == NGX_SFU_SIGV4_TIME_LEN
                   ? ngx_sfu_sigv4_parse_time(text)
                   : ngx_atotm(text->data, text->len);

    if (key->expires == (time_t) NGX_ERROR || key->expires == 0) {
        return "has an invalid \"expires\": neither seconds since 1970 nor "
               "YYYYMMDDTHHMMSSZ";
    }

    return NGX_CONF_OK;
}


char *
ngx_sfu_access_key_check(ngx_sfu_access_key_t *key)
{
    size_t  i;

    for (i = 0; i < key->id.len; i++) {
        if (!isalnum(key->id.data[i]) && key->id.data[i] != '_') {
            return "has an id that is not of letters, digits and \"_\"";
        }
    }

    if (key->id.len == 0 || key->id.len > 128) {
        return "has an id that is not of 1 to 128 characters";
    }

    for (i = 0; i < key->account.len; i++) {
        if (!isdigit(key->account.data[i])) {
            break;
        }
    }

    if (key->account.len != 12 || i != 12) {
        return "has no account of 12 digits";
    }

    if (key->sigv4.secret.len == 0) {
        return "has no secret";
    }

    if (key->expires != 0 && key->token.len == 0) {
        return "expires, but has no token";
    }

    return NGX_CONF_OK;
}


ngx_sfu_access_key_t *
ngx_sfu_access_key_find(ngx_array_t *keys, ngx_str_t *id)
{
    ngx_uint_t             i;
    ngx_sfu_access_key_t  *key;

    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {

        if (key[i].id.len == id->len
            && ngx_memcmp(key[i].id.data, id->data, id->len) == 0)
        {
            return &key[i];
        }
    }

    return NULL;
}


ngx_sfu_sigv4_e
ngx_sfu_access_key_check_token(ngx_sfu_access_key_t *key, ngx_str_t *token,
    time_t now)
{
    /* one that nobody asked for was meant for another key */

    if (key->token.len == 0) {
        return token->data == NULL ? NGX_SFU_SIGV4_OK
                                   : NGX_SFU_SIGV4_WRONG_TOKEN;
    }

    if (token->data == NULL || !ngx_sfu_sigv4_equal(token, &key->token)) {
        return NGX_SFU_SIGV4_WRONG_TOKEN;
    }

    return key->expires != 0 && now >= key->expires
           ? NGX_SFU_SIGV4_TOKEN_EXPIRED : NGX_SFU_SIGV4_OK;
}


ngx_uint_t
ngx_sfu_access_key_in_region(ngx_sfu_access_key_t *key, ngx_str_t *region)
{
    return ngx_sfu_access_key_any(&key->regions, region);
}


ngx_uint_t
ngx_sfu_access_key_may(ngx_sfu_access_key_t *key, ngx_str_t *action)
{
    return ngx_sfu_access_key_any(&key->actions, action);
}


ngx_uint_t
ngx_sfu_access_key_owns(ngx_sfu_access_key_t *key, ngx_str_t *resource)
{
    return ngx_sfu_access_key_any(&key->resources, resource);
}


/* the number is matched by what a pattern ends in, if only by digits and "*" */

ngx_uint_t
ngx_sfu_access_key_may_own(ngx_sfu_access_key_t *key, ngx_str_t *prefix)
{
    u_char       c;
    ngx_str_t   *pattern, begin;
    ngx_uint_t   i;

    pattern = key->resources.elts;

    for (i = 0; i < key->resources.nelts; i++) {
        begin = pattern[i];

        for ( ;; ) {
            if (ngx_sfu_access_key_matches(&begin, prefix)) {
                return 1;
            }

            if (begin.len == 0) {
                break;
            }

            c = begin.data[--begin.len];

            if (c != '*' && (c < '0' || c > '9')) {
                break;
            }
        }
    }

    return key->resources.nelts == 0;
}


static ngx_uint_t
ngx_sfu_access_key_any(ngx_array_t *patterns, ngx_str_t *text)
{
    ngx_str_t   *pattern;
    ngx_uint_t   i;

    pattern = patterns->elts;

    for (i = 0; i < patterns->nelts; i++) {
        if (ngx_sfu_access_key_matches(&pattern[i], text)) {
            return 1;
        }
    }

    return patterns->nelts == 0;
}


/* "*" is any text, also none; going back to the last one is enough */

static ngx_uint_t
ngx_sfu_access_key_matches(ngx_str_t *pattern, ngx_str_t *text)
{
    size_t      i, j, from;
    ngx_int_t   star;

    i = 0;
    from = 0;
    star = -1;

    for (j = 0; j < text->len; /* void */) {

        if (i < pattern->len && pattern->data[i] == '*') {
            star = i++;
            from = j;

        } else if (i < pattern->len && pattern->data[i] == text->data[j]) {
            i++;
            j++;

        } else if (star != -1) {
            i = star + 1;
            j = ++from;

        } else {
            return 0;
        }
    }

    while (i < pattern->len && pattern->data[i] == '*') {
        i++;
    }

    return i == pattern->len;
}
